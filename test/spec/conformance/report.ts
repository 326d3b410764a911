/**
 * Writes what a run came to: as a text to read, by level, clause and attack,
 * with every failure; or as one JSON document. What an implementation has no
 * option for is skipped, and is no failure.
 */

import { levels } from "./corpus.ts";
import type { Groups } from "./judge.ts";
import { notAsked, outcomes, type Result, type Run } from "./run.ts";

type Counts = Readonly<Record<Result["outcome"], number>>;

const sections = [
  ["level", "By level"],
  ["clause", "By clause"],
  ["attack", "By attack"],
  ["wycheproof", "Wycheproof"],
] as const;

/** The report to read; its last line is the sum. */
export function textReport({ results, stopped }: Run): string {
  const lines: string[] = [];
  for (const [group, title] of sections) {
    const rows = countBy(results, group);
    if (rows.length > 0) lines.push(title, ...table(rows), "");
  }
  lines.push(...failures(results));
  if (stopped !== null) {
    lines.push(`Stopped before everything was asked. ${stopped}`, "");
  }
  const { passed, failed, skipped } = count(results);
  lines.push(
    `${passed} passed, ${failed} failed${
      skipped > 0 ? `, ${skipped} skipped` : ""
    }`,
  );
  return lines.join("\n");
}

/** The same for machines. */
export function jsonReport({ results, stopped }: Run): string {
  const document = {
    totals: count(results),
    levels: Object.fromEntries(countBy(results, "level")),
    clauses: Object.fromEntries(countBy(results, "clause")),
    attacks: Object.fromEntries(countBy(results, "attack")),
    wycheproof: Object.fromEntries(countBy(results, "wycheproof")),
    stopped,
    cases: results.map(
      ({ check: { id, groups, expected, why }, outcome, answer, came }) => {
        return { id, ...groups, outcome, expected, answer, came, why };
      },
    ),
  };
  return JSON.stringify(document, null, 2);
}

/**
 * How the checks of each group ended: the levels as they rank, the others by
 * name and number.
 */
function countBy(
  results: readonly Result[],
  group: keyof Groups,
): [string, Counts][] {
  const names = new Set(results.map(({ check }) => check.groups[group] ?? ""));
  names.delete("");
  const ranks: readonly string[] = levels;
  const sorted = [...names].sort((one, other) => {
    return ranks.indexOf(one) - ranks.indexOf(other) ||
      one.localeCompare(other, "en", { numeric: true });
  });
  return sorted.map((name) => {
    return [
      name,
      count(results.filter(({ check }) => check.groups[group] === name)),
    ];
  });
}

function count(results: readonly Result[]): Counts {
  const of = (wanted: Result["outcome"]) => {
    return results.filter(({ outcome }) => outcome === wanted).length;
  };
  return {
    passed: of("passed"),
    failed: of("failed"),
    skipped: of("skipped"),
    disputed: of("disputed"),
  };
}

function table(rows: readonly (readonly [string, Counts])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, counts]) => {
    const shown = outcomes.filter((outcome) => counts[outcome] > 0);
    const numbers = shown.map((outcome) =>
      `${String(counts[outcome]).padStart(4)} ${outcome}`
    );
    return `  ${name.padEnd(width)} ${numbers.join(",")}`;
  });
}

function failures(results: readonly Result[]): string[] {
  const asked = results.filter(({ outcome, came }) =>
    outcome === "failed" && came !== notAsked
  );
  const lines = asked.flatMap(({ check: { id, expected, why }, came }) => {
    return [
      `  ${id}`,
      `    expected: ${expected}`,
      `    came:     ${came}`,
      `    why:      ${why}`,
    ];
  });
  return lines.length === 0 ? [] : ["Failures", ...lines, ""];
}
