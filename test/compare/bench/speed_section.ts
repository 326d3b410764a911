/**
 * What README.md says about speed, beside this file and at the top, as
 * Markdown: what was measured when and with what, and the pictures. And, for
 * whoever works on it, each target with what came of it, also where it is not
 * met. Nothing here is written by hand.
 */

import {
  nameMachine,
  nameRuntime,
  nameVersions,
  picturesOf,
} from "./picture_table.ts";
import type { Report, Runtime } from "./result.ts";
import { type Cell, readOutcomes, targetRuntimes } from "./targets.ts";

// The others are folded away.
const first = ["verify", "sign", "as_it_ships", "size"];

/** The one picture of the front page. */
export function frontPicture(reports: readonly Report[]): string {
  const front = picturesOf(reports).find(({ file }) => file === "verify");
  if (front === undefined) {
    throw new Error("results.json has no picture verify");
  }
  return linkTo(front, "test/compare/bench/pictures");
}

/** The section without its heading. */
export function speedSection(reports: readonly Report[]): string {
  const pictures = picturesOf(reports);
  const shown = pictures.filter(({ file }) => first.includes(file));
  const folded = pictures.filter(({ file }) => !first.includes(file));
  const summary = `<summary>${folded.length} more pictures: one token at a ` +
    "time, a token that was verified before, servers that go by the token " +
    "alone, 1,000 connections, the router, the start</summary>";
  return [
    introduction(reports),
    ...shown.map((picture) => linkTo(picture, "pictures")),
    `<details>\n${summary}`,
    ...folded.map((picture) => linkTo(picture, "pictures")),
    "</details>",
  ].join("\n\n");
}

function linkTo(
  { file, alt }: { readonly file: string; readonly alt: string },
  folder: string,
): string {
  return `![${alt.replace(/[[\]\\]/g, "\\$&")}](${folder}/${file}.svg)`;
}

/** All targets and what came of them. */
export function targetSection(reports: readonly Report[]): string {
  return `${targetTable(reports)}\n\n${conclusion(reports)}`;
}

function introduction(reports: readonly Report[]): string {
  const dates = list(reports.map(({ date }) => date.slice(0, 10)).sort());
  const machines = list(reports.map(({ machine }) => nameMachine(machine)));
  const runtimes = list(reports.flatMap(({ versions }) => {
    const names: Runtime[] = ["bun", "deno", "node"];
    return names.filter((name) => Object.hasOwn(versions, name))
      .map((name) => nameRuntime(name, versions));
  }));
  const packages = list(
    reports.flatMap(({ versions }) => nameVersions(versions).split(", ")),
  )
    .replaceAll("\u00a0", " ");
  return `Measured on ${dates} with ${runtimes} on one machine (${machines}), by ` +
    "`bun test/compare/bench/all.ts`, which makes all of this anew. The contenders of a question took turns " +
    "in one run. A ratio is the median of their rounds, each divided by the same round of what it is " +
    "held against, the bare runtime where there is such a thing. Absolute figures are this machine's " +
    `and go up and down; the ratios hold better. Versions: ${packages}.`;
}

function targetTable(reports: readonly Report[]): string {
  const rows = readOutcomes(reports).map(({ what, demand, cells }) => {
    return [
      what,
      demand,
      ...targetRuntimes.map((runtime) => cellOf(cells[runtime])),
    ];
  });
  const head = [
    "the target, in ratios where no unit is named",
    "demanded",
    "Bun",
    "Deno",
  ];
  return [head, head.map(() => "---"), ...rows].map((cells) =>
    `| ${cells.join(" | ")} |`
  ).join(
    "\n",
  );
}

function cellOf(cell: Cell | null): string {
  if (cell === null) return "";
  if (cell.figure === null) return "**not measured**";
  return cell.isMet ? `${cell.figure}, met` : `**${cell.figure}, not met**`;
}

function conclusion(reports: readonly Report[]): string {
  const cells = readOutcomes(reports).flatMap(({ cells }) =>
    Object.values(cells)
  )
    .filter((cell) => cell !== null);
  const met = cells.filter(({ isMet }) => isMet).length;
  return `${met} of ${cells.length} targets are met, one counted for each runtime.`;
}

/** Each once, in words. */
function list(names: readonly string[]): string {
  const all = [...new Set(names)];
  const last = all.pop() ?? "";
  return all.length === 0 ? last : `${all.join(", ")} and ${last}`;
}
