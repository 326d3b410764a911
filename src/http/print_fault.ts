/**
 * What a router prints of a fault where nobody takes it: the method, the path,
 * and the error with its stack and its causes.
 * Refused: what the request holds besides (query, header fields, body, the
 * values of parameters), and the members of an error, where clients of HTTP
 * keep the header fields that they have sent.
 */

import type { Context } from "./context.ts";
import { escapeControls, shownPath } from "./log.ts";

/** Prints what was thrown while a request was answered. */
export function printFault(error: unknown, context: Context): void {
  const method = context.request.method.slice(0, 16);
  const path = shownPath(context).slice(0, 512);
  const [first = "", ...others] = textOf(error).split("\n");
  // Indented, so that no line of a message looks like another fault.
  const lines = others.map((line) => `    ${line.trim()}`);
  const text = [`${method} ${path}: ${first}`, ...lines];
  console.error(text.map(escapeControls).join("\n"));
}

/** More are a loop, or nobody reads them. */
const mostCauses = 5;

function textOf(thrown: unknown): string {
  const texts: string[] = [];
  let error = thrown;
  while (error instanceof Error && texts.length < mostCauses) {
    texts.push(stackOf(error));
    error = error.cause;
  }
  if (texts.length === 0) return textOfOther(thrown);
  return texts.join("\ncaused by ");
}

/** The stack, which begins with the name and the message on both runtimes. */
function stackOf({ name, message, stack = "" }: Error): string {
  const title = `${name}: ${message}`;
  return stack.includes(message) ? stack : `${title}\n${stack}`;
}

/** What is thrown and is no Error has no stack, and should be one. */
function textOfOther(thrown: unknown): string {
  if (typeof thrown === "string") return `thrown: ${JSON.stringify(thrown)}`;
  if (thrown instanceof Response) {
    return "a Response was thrown: return it, or throw an HttpError";
  }
  return `thrown: ${Object.prototype.toString.call(thrown)}, which is no Error`;
}
