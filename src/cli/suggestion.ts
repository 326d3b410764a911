/**
 * What was meant, perhaps, by who mistyped a word.
 */

/**
 * The end of a sentence that begins with what is not known: a name that is
 * near, and where to look.
 */
export function suggestion(typed: string, names: readonly string[]): string {
  const meant = names.find((name) => {
    return isOneSlipAway(typed, name) || name.startsWith(`${typed}-`);
  });
  const question = meant === undefined ? ":" : `; did you mean ${meant}?`;
  return `${question} onejot --help lists them.`;
}

/**
 * Says whether a word becomes another by one slip of the keys: a letter that
 * was added, left out, changed or moved. This is an edit distance of one in
 * which a move counts once. Both words are then the same when each of them may
 * lose one letter.
 */
function isOneSlipAway(typed: string, name: string): boolean {
  const shortenedNames = withOneLetterLess(name);
  return withOneLetterLess(typed).some((text) => shortenedNames.includes(text));
}

/** A word itself, and without each of its letters in turn. */
function withOneLetterLess(word: string): readonly string[] {
  const texts = [word];
  for (let at = 0; at < word.length; at++) {
    texts.push(word.slice(0, at) + word.slice(at + 1));
  }
  return texts;
}
