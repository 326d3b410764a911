/**
 * Runs the commands of the documents in a shell: no settings come from
 * outside, and the runtime that runs the tests is the one that is found.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "./documents.ts";

/** Whether Bun runs the tests, and not Deno. */
export const isBun: boolean = "Bun" in globalThis;

/** How long a test may take that starts processes, in milliseconds. */
export const timeout = 60_000;

/** A shell that runs. */
export interface Shell {
  readonly child: ChildProcess;
  /** What has been printed so far. */
  readonly output: { stdout: string; stderr: string };
  /**
   * Waits for what a pattern's first group matches on standard output, up to
   * 20 seconds.
   */
  readonly printed: (pattern: RegExp) => Promise<string>;
}

/**
 * Runs commands to their end and gives their standard output. They must end
 * well.
 */
export async function shell(commands: string): Promise<string> {
  const { child, output } = startShell(commands);
  const [code] = await once(child, "close");
  assert.equal(code, 0, output.stderr);
  return output.stdout;
}

/** Starts commands in the folder of the project. */
export function startShell(commands: string): Shell {
  const { PATH = "", HOME = "" } = process.env;
  const runtimeFirst = `${join(process.execPath, "..")}:${PATH}`;
  const child = spawn("sh", ["-c", commands], {
    cwd: root,
    env: { PATH: runtimeFirst, HOME, NO_COLOR: "1" },
    detached: true,
  });
  child.stdin.end();
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  async function printed(pattern: RegExp): Promise<string> {
    for (let waited = 0; waited < 20_000; waited += 20) {
      const text = pattern.exec(output.stdout)?.[1];
      if (text !== undefined) return text;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(
      `This was not printed: ${pattern}\n${output.stdout}${output.stderr}`,
    );
  }
  return { child, output, printed };
}

/** Ends a shell and the server that it started. */
export async function end(
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  const closed = once(child, "close");
  if (child.pid !== undefined) process.kill(-child.pid, signal);
  await closed;
}

/** Why a command cannot be run here, or false. */
export async function isMissing(program: string): Promise<string | false> {
  return await fails(`command -v ${program}`, `${program} is not installed`);
}

/** The reason, where a command fails, or false. */
export async function fails(
  command: string,
  reason: string,
): Promise<string | false> {
  const child = spawn("sh", ["-c", command], { stdio: "ignore" });
  const [code] = await once(child, "close");
  return code === 0 ? false : reason;
}

/** Hands on a folder of its own, which is removed afterwards. */
export async function withFolder(
  use: (folder: string) => Promise<void>,
  parent: string = tmpdir(),
): Promise<void> {
  const folder = mkdtempSync(join(parent, ".example-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Starts the trial by the README's own command, on a free port.
 *
 * @param use is handed where it listens, and what it printed at its start
 * @param look is handed a way to wait for what it prints later
 */
export async function withTrial(
  use: (origin: string, banner: string) => Promise<void>,
  look: (printed: Shell["printed"]) => Promise<void> = async () => {},
): Promise<void> {
  const { child, printed } = startShell(
    `PORT=0 ${isBun ? "bun start" : "deno task start"}`,
  );
  try {
    const banner = await printed(
      /(onejot listens on [^]*lists the settings\.)/,
    );
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(banner)?.[0] ?? "";
    await use(origin, banner);
    await look(printed);
  } finally {
    await end(child);
  }
}
