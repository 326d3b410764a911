/**
 * The conformance suite's command: runs the corpus of test/spec/vectors, and
 * Wycheproof's vectors where their directory is given, against onejot or any
 * other implementation, and prints what came of it.
 *
 *   bun test/conformance.ts --help
 */

import process from "node:process";
import { readCorpus } from "./spec/conformance/corpus.ts";
import { type Check, checkOf } from "./spec/conformance/judge.ts";
import {
  help,
  type Options,
  readOptions,
  UsageError,
} from "./spec/conformance/options.ts";
import { Program } from "./spec/conformance/program.ts";
import { jsonReport, textReport } from "./spec/conformance/report.ts";
import { runChecks } from "./spec/conformance/run.ts";
import { readWycheproof } from "./spec/conformance/wycheproof.ts";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    return await runSuite(readOptions(args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n--help lists the options.`);
    return 2;
  }
}

async function runSuite(options: Options): Promise<number> {
  if (options.format === "help") {
    console.log(help);
    return 0;
  }
  const checks = readChecks(options);
  const program = new Program(options.command, options.deadlineMilliseconds);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      program.end();
      process.exit(130);
    });
  }
  const run = await runChecks(checks, program, (done, failed) => {
    showProgress(`${done} of ${checks.length} asked, ${failed} failed`);
  });
  showProgress("");
  console.log(options.format === "json" ? jsonReport(run) : textReport(run));
  return run.results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

function readChecks(
  { vectors, wycheproof, only, isOnejot, comparesCodes }: Options,
): Check[] {
  const all = readCorpus(vectors).map((asked) => checkOf(asked, comparesCodes));
  if (wycheproof !== null) all.push(...readWycheproof(wycheproof, isOnejot));
  const checks = all.filter(({ id, groups: { clause = "", attack = "" } }) => {
    return [id, clause, attack].some((text) => text.includes(only));
  });
  if (checks.length > 0) return checks;
  throw new UsageError(`No case has "${only}" in its id, clause or attack.`);
}

/**
 * One line on the terminal, written over the one before; nothing where nobody
 * looks.
 */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
