/**
 * Writing to standard output without keeping anything else waiting: whoever
 * reads it may stand still, the disk behind it may be slow, and one thread
 * answers everybody.
 *
 * It rests on writes that the runtimes give to another thread. `console.log`
 * and `process.stdout` are no such writes: to a pipe whose reader stands still,
 * or to a file, they return when all is written. And on Bun they say nothing of
 * a disk that is full, so that a result is lost and the exit code is 0.
 */

import { write } from "node:fs";
import { promisify } from "node:util";
import { writeWithDeno } from "./deno.ts";
import { cannot } from "./fault.ts";

/**
 * Prints a text and a line break.
 *
 * @throws {CommandError} it cannot be written, such as to a disk that is full,
 *   or to a program that has ended
 */
export async function print(text: string): Promise<void> {
  try {
    await writeLines(text);
  } catch (error) {
    throw cannot("write to standard output", error);
  }
}

/**
 * Writes lines to standard output, without the last line's end; resolves when
 * all is written.
 *
 * @throws {Error} what the system says
 */
export async function writeLines(lines: string): Promise<void> {
  let bytes: Uint8Array = new TextEncoder().encode(`${lines}\n`);
  while (bytes.length > 0) {
    const length = await writeSome(bytes);
    bytes = bytes.subarray(length);
  }
}

const standardOutput = 1;
const writeFile = promisify(write);

/** Writes what standard output takes now. */
async function writeSome(bytes: Uint8Array): Promise<number> {
  try {
    const length = writeWithDeno(bytes);
    if (length !== null) return await length;
    return (await writeFile(standardOutput, bytes)).bytesWritten;
  } catch (error) {
    if (!isFull(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 0;
  }
}

/**
 * Says whether a pipe or a terminal is full that another program has made not
 * to wait (O_NONBLOCK).
 */
function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
