/**
 * Runs a program of this folder in a process of its own: on Bun and on Deno as
 * it is, on Node.js with its types taken away. A runtime that is missing is an
 * Error, never a reason to skip it.
 */

import { symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Command, run } from "../../support/process.ts";
import { withFolder } from "../../support/temp.ts";
import { findNode } from "../engines/programs.ts";
import { transpile } from "../engines/transpile.ts";
import type { Runtime } from "./result.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const ownRuntime: Runtime = "Deno" in globalThis ? "deno" : "bun";

/**
 * Runs the program and returns what it wrote to stdout; its stderr is this
 * process's.
 */
export async function runOn(
  runtime: Runtime,
  program: string,
  args: readonly string[],
): Promise<string> {
  if (runtime === "node") return await runOnNode(program, args);
  const path = runtime === ownRuntime ? process.execPath : runtime;
  const options = runtime === "deno" ? ["run", "--allow-all"] : [];
  return await outputOf([path, ...options, join(folder, program), ...args]);
}

async function runOnNode(
  program: string,
  args: readonly string[],
): Promise<string> {
  return await withFolder(async (directory) => {
    const node = findNode().path;
    transpile(node, directory, [`test/compare/bench/${program}`]);
    const compiled = join(directory, "test/compare/bench");
    symlinkSync(join(folder, "node_modules"), join(compiled, "node_modules"));
    const script = join(compiled, program.replace(".ts", ".js"));
    return await outputOf([node, script, ...args]);
  });
}

async function outputOf(command: Command): Promise<string> {
  const { code, stdout } = await run(command, {
    env: process.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (code === 0) return stdout;
  throw new Error(`${command.join(" ")} ended with code ${code}.`);
}
