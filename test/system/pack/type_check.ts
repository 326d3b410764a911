/**
 * Compiles programs as those do who use the package: strictly, its declarations
 * included, and without what this repository alone allows itself.
 */

import { compiler } from "./programs.ts";
import type { Project } from "./scratch.ts";

const options = [
  "--ignoreConfig",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--skipLibCheck",
  "false",
  "--target",
  "es2023",
];

/** Compiles files of a project. Throws an Error that says what is wrong. */
export async function compile(
  project: Project,
  files: readonly string[],
  further: readonly string[],
): Promise<void> {
  await project.run(["node", compiler, ...options, ...further, ...files]);
}
