/**
 * Reading a password: from a terminal without echo, or from whatever is piped in.
 */

import process from "node:process";

/** What a person typed or piped in cannot be used; the message says why. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Reads a new password: typed twice on a terminal, or else the first line that is piped in. */
export async function readNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) return await readFirstLine();
  const password = await promptWithoutEcho("Password: ");
  if (await promptWithoutEcho("Again: ") === password) return password;
  throw new InputError("The two passwords differ.");
}

async function readFirstLine(): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  try {
    for await (const chunk of process.stdin) {
      text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
      if (text.length > 65_536) throw new InputError("There is too much input for a password.");
      if (text.includes("\n")) break;
    }
    if (!text.includes("\n")) text += decoder.decode(); // refuses a character that was cut off
  } catch (error) {
    throw error instanceof InputError ? error : new InputError("The input is not UTF-8 text.");
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

function promptWithoutEcho(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  stdin.setRawMode(true); // before the prompt, so that no fast answer is shown
  stdin.setEncoding("utf8");
  stdin.resume();
  stderr.write(prompt); // standard output stays free for results
  return new Promise((resolve, reject) => {
    let typed = "";
    const onData = (text: string) => {
      for (const character of text) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed));
        if (character === "\u0003" || character === "\u0004") { // Ctrl-C, Ctrl-D
          return finish(() => reject(new InputError("Nothing was changed.")));
        }
        const isBackspace = character === "\u007f" || character === "\b";
        typed = isBackspace ? Array.from(typed).slice(0, -1).join("") : typed + character;
      }
    };
    const finish = (settle: () => void) => {
      stdin.off("data", onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    stdin.on("data", onData);
  });
}
