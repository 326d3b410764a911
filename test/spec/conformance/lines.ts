/**
 * The lines of standard input. They end with a line feed alone: node:readline
 * would also cut at U+2028, which JSON may hold.
 */

import process from "node:process";

export async function* readLines(): AsyncGenerator<string> {
  let unread = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = `${unread}${text}`.split("\n");
    unread = lines.pop() ?? "";
    yield* lines;
  }
}
