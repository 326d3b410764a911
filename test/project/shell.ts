/**
 * Runs the commands of the documents in a shell, in the folder of the project.
 * The runtime that runs the tests is the one that is found.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { type Program, run, startProgram } from "../support/process.ts";
import { root } from "./documents.ts";

/** Whether Bun runs the tests, and not Deno. */
export const isBun: boolean = "Bun" in globalThis;

/** Runs commands to their end and gives their standard output. */
export async function shell(commands: string): Promise<string> {
  const { ended, output } = startShell(commands);
  assert.equal(await ended, 0, output.stderr);
  return output.stdout;
}

/** Starts commands; what they start ends with them. */
export function startShell(commands: string): Program {
  const { PATH = "" } = process.env;
  return startProgram(["sh", "-c", commands], {
    cwd: root,
    env: { PATH: `${join(process.execPath, "..")}:${PATH}`, NO_COLOR: "1" },
    input: "",
    isGroup: true,
  });
}

/** Waits for what a pattern's first group matches of what is printed. */
export async function printedBy(
  program: Program,
  pattern: RegExp,
): Promise<string> {
  const [, text = ""] = await program.untilPrinted(pattern);
  return text;
}

/** The reason why a program cannot be run here, or false. */
export async function isMissing(name: string): Promise<string | false> {
  return await fails(`command -v ${name}`, `${name} is not installed`);
}

/** The reason, where a command fails, or false. */
export async function fails(
  command: string,
  reason: string,
): Promise<string | false> {
  const { code } = await run(["sh", "-c", command]);
  return code === 0 ? false : reason;
}

/** A trial that serves. */
export interface Trial {
  /** Such as `http://127.0.0.1:34567`. */
  readonly origin: string;
  /** What it printed at its start. */
  readonly banner: string;
  readonly program: Program;
}

/** Starts the trial by the README's own command, on a free port. */
export async function withTrial(
  use: (trial: Trial) => Promise<void>,
): Promise<void> {
  const program = startShell(
    `PORT=0 ${isBun ? "bun start" : "deno task start"}`,
  );
  try {
    const banner = await printedBy(
      program,
      /(onejot listens on [^]*lists the settings\.)/,
    );
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(banner)?.[0] ?? "";
    await use({ origin, banner, program });
  } finally {
    await program.stop();
  }
}
