/**
 * Does a test fail when any one thing in src/jwt is changed? Makes every mutant of every file there
 * and runs the tests of the token on each; equivalent.ts lists those that are the original in other
 * words. Under Bun alone, whose test runner it starts. --help shows the options:
 *
 *   bun test/compare/mutation/mutate.ts
 *
 * The parser of TypeScript is installed beside this file when it is missing.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Options, readOptions, usage } from "./options.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const project = fileURLToPath(new URL("../../../", import.meta.url));

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const options = args.includes("--help") ? usage : optionsOf(args);
  if (typeof options === "string") {
    console.log(options);
    return options === usage ? 0 : 2;
  }
  if (!("Bun" in globalThis)) {
    console.log("The mutants are tested by `bun test`: run this with Bun.");
    return 2;
  }
  if (!isParserInstalled()) return installAndRunAgain();
  const { run } = await import("./run.ts"); // not before: it imports the parser
  return await run(project, options);
}

/** The options, or what is wrong with them. */
function optionsOf(args: readonly string[]): Options | string {
  try {
    return readOptions(args);
  } catch (error) {
    if (error instanceof TypeError) return `${error.message}\n${usage}`;
    throw error;
  }
}

/** Another version, such as the one that type-checks this project, may have no JavaScript API. */
function isParserInstalled(): boolean {
  const installed = join(folder, "node_modules/typescript/package.json");
  if (!existsSync(installed)) return false;
  const { dependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const { version } = JSON.parse(readFileSync(installed, "utf8"));
  return version === dependencies.typescript;
}

/** Installs what package-lock.json says; a process that has looked for packages finds no new ones. */
function installAndRunAgain(): number {
  console.log(
    "installing the parser of TypeScript into test/compare/mutation/node_modules: npm ci",
  );
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0 || !isParserInstalled()) {
    console.error(
      "The parser cannot be installed: npm ci failed in test/compare/mutation.",
    );
    return 1;
  }
  return spawnSync(process.execPath, process.argv.slice(1), {
    stdio: "inherit",
  }).status ?? 1;
}
