/**
 * The page's elements: found by their names, and made of texts alone, so that
 * nothing that a token or a server says can become markup.
 */

/**
 * Finds the element with that id.
 *
 * @throws {TypeError} there is none of that kind: index.html is wrong
 */
export function find<E extends HTMLElement>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new TypeError(`index.html has no ${kind.name} "${id}".`);
}

/**
 * Makes an element with a class, which may be empty, and with texts or elements
 * in it.
 */
export function make(
  tag: string,
  className: string,
  ...content: (string | Node)[]
): HTMLElement {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...content);
  return element;
}

/**
 * Puts a text into an element, where it is not there already: a screen reader
 * would say it again.
 */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
