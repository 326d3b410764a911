/**
 * Does a test fail when any one thing in src/jwt is changed? Makes every mutant
 * of every file there and runs the tests of the token on each; equivalent.ts
 * lists those that are the original in other words. Under Bun alone, whose test
 * runner it starts. --help shows the options:
 *
 *   bun test/compare/mutation/mutate.ts
 *
 * The parser of TypeScript is installed beside this file when it is missing.
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { requirePackages, runAgain } from "../../support/packages.ts";
import { type Options, readOptions, usage } from "./options.ts";

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
  // The project's own TypeScript may have no JavaScript API: this is another.
  if (requirePackages(new URL("./", import.meta.url))) return runAgain();
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
