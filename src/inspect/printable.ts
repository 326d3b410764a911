/**
 * Text that is safe on a terminal and in a page: JSON in which nothing that a
 * token holds can move a cursor, end a line or hide what stands next to it.
 */

/** Controls, formats such as bidirectional overrides, unassigned characters. */
const unprintable = /[\p{C}\u2028\u2029]/gu;

/**
 * Writes a value as JSON, with each unprintable character as its escape.
 *
 * @param indent by how many spaces it is laid out; on one line by default
 */
export function printable(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(unprintable, toEscape);
}

function toEscape(character: string): string {
  // It is of the layout: JSON has escaped all others.
  if (character === "\n") return character;
  let escaped = "";
  for (let index = 0; index < character.length; index++) {
    const hex = character.charCodeAt(index).toString(16).padStart(4, "0");
    escaped += `\\u${hex}`;
  }
  return escaped;
}
