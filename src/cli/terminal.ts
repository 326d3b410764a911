/**
 * What a command reads from the person who gave it: what is piped in, or typed
 * without echo, such as a password.
 * Refused: too much of it, and what is not UTF-8.
 */

import process from "node:process";
import { CommandError } from "../server/fault.ts";

/**
 * Reads a new password: typed twice on a terminal, or else the first line that
 * is piped in.
 */
export async function readNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) return await readFirstLine();
  const password = await promptWithoutEcho("Password: ");
  if (await promptWithoutEcho("Again: ") === password) return password;
  throw new CommandError("The two passwords differ.");
}

/**
 * Asks for the secret that signs tokens.
 *
 * @throws {CommandError} there is nobody to ask, because something is piped in
 */
export async function readSecret(): Promise<string> {
  if (process.stdin.isTTY) return await promptWithoutEcho("Secret: ");
  throw new CommandError(
    "There is no secret: set JWT_SECRET, or give --secret-file FILE.",
  );
}

/**
 * Reads all that is piped in; `what` names it in a fault, such as "a token".
 *
 * @throws {CommandError} nothing is piped in, too much is, or not UTF-8
 */
export async function readInput(what: string): Promise<string> {
  if (process.stdin.isTTY) {
    throw new CommandError(`Give ${what} as an argument, or pipe it in.`);
  }
  return await readPiped(what, () => false);
}

async function readFirstLine(): Promise<string> {
  const text = await readPiped("a password", (text) => text.includes("\n"));
  return text.split(/\r?\n/, 1)[0] ?? "";
}

async function readPiped(
  what: string,
  isEnough: (text: string) => boolean,
): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 65_536) {
      throw new CommandError(`There is too much input for ${what}.`);
    }
    if (isEnough(text)) break;
  }
  // U+FFFD is what bytes that are not UTF-8 are read as.
  if (text.includes("\ufffd")) {
    throw new CommandError("The input is not UTF-8 text.");
  }
  const byteOrderMark = /^\ufeff/;
  return text.replace(byteOrderMark, "");
}

function promptWithoutEcho(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  // Before the prompt, so that no fast answer is shown.
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.resume();
  // Standard output stays free for results.
  stderr.write(prompt);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const onData = (text: string) => {
    for (const character of text) {
      if (character === "\r" || character === "\n") return resolve(typed);
      if (character === controlC || character === controlD) {
        return reject(new CommandError("Nothing was changed."));
      }
      const isBackspace = character === "\u007f" || character === "\b";
      typed = isBackspace ? withoutLast(typed) : typed + character;
    }
  };
  stdin.on("data", onData);
  return promise.finally(() => {
    stdin.off("data", onData);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  });
}

const controlC = "\u0003";
const controlD = "\u0004";

/** A text without its last character, which may be two code units. */
function withoutLast(text: string): string {
  return Array.from(text).slice(0, -1).join("");
}
