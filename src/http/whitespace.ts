/**
 * The white space around what stands in a header field: space and horizontal
 * tab (RFC 9110 §5.6.3, OWS), and nothing else.
 *
 * `trim()` and `\s` take away some twenty characters more, among them U+00A0,
 * which is what a runtime makes of the byte A0. Then the same bytes are two
 * things: a browser takes `\xA0__Host-onejot=x` for a cookie without a prefix,
 * which any host of the site may set, and a reader that trims takes it for the
 * one with the prefix, which none of them may. So what is read of a header
 * field by hand is trimmed here alone, and compared byte for byte.
 */

/**
 * A text without the spaces and tabs at its ends. By an index and not by a
 * pattern: `/[ \t]+$/` looks at a run of spaces in the middle again from each
 * of them.
 */
export function trimOptionalWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpaceOrTab(text[start])) start++;
  while (end > start && isSpaceOrTab(text[end - 1])) end--;
  return text.slice(start, end);
}

function isSpaceOrTab(character: string | undefined): boolean {
  return character === " " || character === "\t";
}
