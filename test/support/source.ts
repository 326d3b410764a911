/**
 * Programs that a test writes: a file inside the project, where "onejot/http"
 * is found, run by the runtime that runs the tests.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Program, startProgram, type Variables } from "./process.ts";
import { withFolderAt } from "./temp.ts";

const examples = fileURLToPath(new URL("../.example-", import.meta.url));

/** Whether Bun runs the tests, and not Deno. */
export const isBun: boolean = "Bun" in globalThis;

/** How a program is run. */
export interface SourceOptions {
  /**
   * The arguments of the runtime before the file; without, those that run it,
   * and on Deno check its types.
   */
  readonly command?: readonly string[];
  readonly env?: Variables;
}

const runCommand = isBun
  ? ["run"]
  : ["run", "--check", "--allow-all", "--node-modules-dir=none"];

/** The project's own settings leave the types of Deno out. */
const firstLine = isBun ? "" : '/// <reference lib="deno.ns" />\n';

/** Writes a program, starts it, and ends it when it has been used. */
export async function withSource(
  source: string,
  { command = runCommand, env = {} }: SourceOptions,
  use: (program: Program) => Promise<void>,
): Promise<void> {
  await withFolderAt(examples, async (folder) => {
    const file = join(folder, "program.ts");
    writeFileSync(file, firstLine + source);
    const program = startProgram([process.execPath, ...command, file], {
      cwd: folder,
      env: { NO_COLOR: "1", ...env },
    });
    try {
      await use(program);
    } finally {
      await program.stop("SIGKILL");
    }
  });
}
