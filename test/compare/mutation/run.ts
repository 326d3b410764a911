/**
 * Tests each mutant in one of several copies of the project, and judges it by
 * the list of equivalents: a mutant that lives is a survivor unless it is
 * listed, and one that is listed must live. Without a clean run of the tests
 * there is nothing to compare with, and no mutant is tested.
 */

import { equivalents } from "./equivalent.ts";
import { keyOf, type Mutant, place } from "./mutant.ts";
import { linesWithoutMutant, mutantsOf, readSources } from "./mutants.ts";
import type { Options } from "./options.ts";
import { type Judged, report, type Verdict } from "./report.ts";
import { sample } from "./sample.ts";
import { Sandbox } from "./sandbox.ts";
import type { Outcome } from "./test_process.ts";

const listed = new Set(
  equivalents.flatMap((entry) =>
    entry.changes.map((change) => keyOf({ ...entry, change }))
  ),
);

/** Runs all of it on the project in this folder; returns the exit code. */
export async function run(project: string, options: Options): Promise<number> {
  const first = new Sandbox(project);
  const { mutants, faults } = makeMutants(first.sources);
  const chosen = choose(mutants, options);
  if (options.list) {
    for (const mutant of chosen) console.log(place(mutant));
    return 0;
  }
  const others = Array.from(
    { length: options.workers - 1 },
    () => first.copy(),
  );
  const limit = await limitByCleanRun([first, ...others]);
  if (limit === null) return 1;
  console.log(`${mutants.length} mutants, ${chosen.length} of them tested`);
  const judged = await testAll(chosen, [first, ...others], limit);
  if (chosen.length === 0) faults.push("there is no mutant in this place");
  return report(judged, faults) === 0 ? 0 : 1;
}

/**
 * The mutants of all files, and what is wrong with them or with the list of
 * equivalents.
 */
function makeMutants(folder: string): { mutants: Mutant[]; faults: string[] } {
  const mutants: Mutant[] = [];
  const faults: string[] = [];
  for (const source of readSources(folder)) {
    const found = mutantsOf(source);
    mutants.push(...found);
    for (const line of linesWithoutMutant(source, found)) {
      faults.push(
        `a line of code without a mutant: ${source.file.fileName}:${line}`,
      );
    }
  }
  const keys = new Set<string>();
  for (const key of mutants.map(keyOf)) {
    if (keys.has(key)) {
      faults.push(`two mutants that the list cannot tell apart: ${key}`);
    }
    keys.add(key);
  }
  for (const key of listed) {
    if (!keys.has(key)) faults.push(`listed, but no mutant: ${key}`);
  }
  return { mutants, faults };
}

/**
 * The mutants that are asked for. A quick run leaves out those that are listed:
 * they take longest.
 */
function choose(
  mutants: readonly Mutant[],
  { file, line, quick }: Options,
): readonly Mutant[] {
  const asked = mutants.filter((mutant) =>
    mutant.file === (file ?? mutant.file) &&
    mutant.lineNumber === (line ?? mutant.lineNumber)
  );
  if (quick === null) return asked;
  return sample(asked.filter((mutant) => !listed.has(keyOf(mutant))), quick);
}

/**
 * Tests the unchanged files; returns the time limit for the changed ones in
 * milliseconds.
 */
async function limitByCleanRun(
  sandboxes: readonly Sandbox[],
): Promise<number | null> {
  const runs = await Promise.all(
    sandboxes.map((sandbox) => sandbox.test(120_000)),
  );
  for (const { outcome, output } of runs) {
    if (outcome === "passed") continue;
    console.log(
      `${output}\nThe tests must pass while nothing is changed.\n0 passed, 1 failed`,
    );
    return null;
  }
  const slowest = Math.max(...runs.map(({ milliseconds }) => milliseconds));
  console.log(
    `clean run: ${(slowest / 1000).toFixed(2)} s, ${sandboxes.length} at once`,
  );
  return Math.round(Math.max(5000, 5 * slowest));
}

/** Tests the mutants, one after the other in each sandbox. */
async function testAll(
  mutants: readonly Mutant[],
  sandboxes: readonly Sandbox[],
  limit: number,
): Promise<Judged[]> {
  const judged = new Map<Mutant, Judged>();
  const waiting = mutants.values();
  await Promise.all(sandboxes.map(async (sandbox) => {
    for (const mutant of waiting) {
      const { outcome } = await sandbox.testMutated(
        mutant.file,
        mutant.text,
        limit,
      );
      const verdict = judge(mutant, outcome);
      judged.set(mutant, { mutant, verdict });
      if (verdict === "survivor") console.log(`  lives: ${place(mutant)}`);
      if (judged.size % 100 === 0) {
        console.log(`  ${judged.size} of ${mutants.length}`);
      }
    }
  }));
  return mutants.flatMap((mutant) => judged.get(mutant) ?? []);
}

function judge(mutant: Mutant, outcome: Outcome): Verdict {
  const isListed = listed.has(keyOf(mutant));
  if (outcome === "passed") return isListed ? "equivalent" : "survivor";
  if (isListed) return "wrongly listed";
  return outcome === "hung" ? "timed out" : "killed";
}
