/**
 * What a mutation run found: a line for each file, each mutant that lives
 * without a reason, each fault of the list of equivalents, the score, and the
 * sum in the last line.
 */

import { type Mutant, place } from "./mutant.ts";

export type Verdict =
  | "killed"
  | "timed out"
  | "equivalent"
  | "survivor"
  | "wrongly listed";

export interface Judged {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
}

const verdicts: readonly Verdict[] = [
  ...[
    "killed",
    "timed out",
    "equivalent",
    "survivor",
    "wrongly listed",
  ] as const,
];

/**
 * Prints all of it; returns how many failed. `faults` are those that are no
 * single mutant's.
 */
export function report(
  judged: readonly Judged[],
  faults: readonly string[],
): number {
  printRow("", ["mutants", ...verdicts]);
  for (const file of new Set(judged.map(({ mutant }) => mutant.file))) {
    printCounts(file, judged.filter(({ mutant }) => mutant.file === file));
  }
  printCounts("all", judged);
  const failures = judged.filter(isFailure);
  for (const { mutant, verdict } of failures) {
    console.log(`${verdict}: ${place(mutant)}`);
  }
  for (const fault of faults) console.log(fault);
  const dead = count(judged, "killed") + count(judged, "timed out");
  const score = 100 * dead / Math.max(1, dead + count(judged, "survivor"));
  console.log(
    `score: ${
      score.toFixed(2)
    } % of the mutants that are not equivalent are killed`,
  );
  const failed = failures.length + faults.length;
  console.log(`${judged.length - failures.length} passed, ${failed} failed`);
  return failed;
}

function isFailure({ verdict }: Judged): boolean {
  return verdict === "survivor" || verdict === "wrongly listed";
}

function count(judged: readonly Judged[], wanted: Verdict): number {
  return judged.filter(({ verdict }) => verdict === wanted).length;
}

function printCounts(name: string, judged: readonly Judged[]): void {
  printRow(name, [
    judged.length,
    ...verdicts.map((verdict) => count(judged, verdict)),
  ]);
}

function printRow(name: string, values: readonly (string | number)[]): void {
  console.log(
    name.padEnd(14) +
      values.map((value) => String(value).padStart(16)).join(""),
  );
}
