/**
 * Runs a program of this folder in a process of its own: on Bun and on Deno as it is, on Node.js
 * with its types taken away. A runtime that is missing is an Error, never a reason to skip it.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findNode } from "../engines/programs.ts";
import { transpile } from "../engines/transpile.ts";
import type { Runtime } from "./result.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const ownRuntime: Runtime = "Deno" in globalThis ? "deno" : "bun";

/** Runs the program and returns what it wrote to stdout; its stderr is this process's. */
export async function runOn(
  runtime: Runtime,
  program: string,
  args: readonly string[],
): Promise<string> {
  if (runtime === "node") return await runOnNode(program, args);
  const path = runtime === ownRuntime ? process.execPath : runtime;
  const options = runtime === "deno" ? ["run", "--allow-all"] : [];
  return await run(path, [...options, join(folder, program), ...args]);
}

async function runOnNode(
  program: string,
  args: readonly string[],
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "onejot-bench-"));
  try {
    const node = findNode().path;
    transpile(node, directory, [`test/compare/bench/${program}`]);
    const compiled = join(directory, "test/compare/bench");
    symlinkSync(join(folder, "node_modules"), join(compiled, "node_modules"));
    return await run(node, [
      join(compiled, program.replace(".ts", ".js")),
      ...args,
    ]);
  } finally {
    rmSync(directory, { recursive: true }); // the link, not what it leads to
  }
}

function run(path: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on(
      "data",
      (text: string) => output += text,
    );
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve(output);
      reject(new Error(`${path} ${args.join(" ")} ended with code ${code}.`));
    });
  });
}
