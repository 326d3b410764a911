/**
 * Writes src/jwt, and what the conformance suite or a benchmark needs to ask
 * it, as JavaScript into a directory: one file for each source file, its types
 * taken away and nothing else changed.
 */

import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const compiler = `${root}node_modules/typescript/bin/tsc`;
const suite = [
  "test/spec/conformance/host.ts",
  "test/spec/conformance/onejot.ts",
  "test/compare/engines/page.ts",
];
// deno-fmt-ignore: an option a line
const options = [
  "--ignoreConfig",
  "--rootDir", ".",
  "--types", "bun",
  "--verbatimModuleSyntax",
  "--module", "nodenext",
  "--rewriteRelativeImportExtensions",
  "--target", "esnext", // no syntax is rewritten for an older engine
  // The types are checked elsewhere, with the project's own options.
  "--noCheck",
];

/**
 * Transpiles these files and what they import by TypeScript's compiler, which
 * runs on Node.js.
 */
export function transpile(
  node: string,
  directory: string,
  entries: readonly string[] = suite,
): void {
  if (!existsSync(compiler)) {
    throw new Error(
      "TypeScript is not installed: bun install --frozen-lockfile",
    );
  }
  const args = [compiler, ...options, "--outDir", directory, ...entries];
  const { status, stdout } = spawnSync(node, args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`TypeScript's compiler failed:\n${stdout}`);
  // For Node.js.
  writeFileSync(`${directory}/package.json`, '{ "type": "module" }\n');
}
