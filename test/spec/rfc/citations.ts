/**
 * The sections that the comments of a source file name. A § belongs to the RFC
 * that its comment names last before it; where the comment has named none, to
 * the RFC that the file names first.
 */

/**
 * Every section named, such as `RFC 7515 4.1.1`; `§4.1.5 to §4.1.8` names all
 * between.
 */
export function citations(source: string): string[] {
  const comments = source.match(/\/\*\*[^]*?\*\/|\/\/ .*$/gm) ?? [];
  const first = /RFC \d{4}/.exec(source)?.[0] ?? "no RFC";
  return comments.flatMap((comment) => citationsOf(comment, first));
}

function citationsOf(comment: string, first: string): string[] {
  const found: string[] = [];
  let document = first;
  let isRange = false;
  for (
    const [word, section] of comment.matchAll(
      /RFC \d{4}| to (?=§)|§(\w+(?:\.\w+)*)/g,
    )
  ) {
    if (section === undefined) {
      if (word === " to ") isRange = true;
      else document = word;
      continue;
    }
    if (isRange) found.push(...between(found.at(-1) ?? "", section, document));
    isRange = false;
    found.push(`${document} ${section}`);
  }
  return found;
}

function between(from: string, to: string, document: string): string[] {
  const start = Number(from.slice(from.lastIndexOf(".") + 1)) + 1;
  const end = Number(to.slice(to.lastIndexOf(".") + 1));
  const stem = to.slice(0, to.lastIndexOf(".") + 1);
  return Array.from(
    { length: end - start },
    (_, index) => `${document} ${stem}${start + index}`,
  );
}
