/**
 * The strictness table as Markdown, laid out as `deno fmt` does it: cells
 * filled up with spaces, prose wrapped at 80 characters.
 */

import { parts, type Row, rowOf } from "./strictness_rows.ts";
import { corpus, type Verdict } from "./suite.ts";

/** A library, and how it decided each case. */
export interface Column {
  readonly name: string;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

const cases = casesByRow();

/** The table, without its note. */
export function strictnessTable(columns: readonly Column[]): string {
  const sections = parts.map(({ title, isDemanded, rows }) => {
    const body = rows.map((row) => {
      const ids = cases.get(row) ?? [];
      return [
        row.title,
        ...columns.map((column) => cell(row, ids, column, isDemanded)),
      ];
    });
    return layOut([[title, ...columns.map(({ name }) => name)], ...body]);
  });
  return sections.join("\n\n");
}

/**
 * The ids of the cases that a library does not hold, where rules for verifiers
 * are broken or not.
 */
export function notHeld(
  { verdicts }: Column,
  isDemanded: boolean,
): readonly string[] {
  const rows = parts.filter((part) => part.isDemanded === isDemanded).flatMap((
    { rows },
  ) => rows);
  return rows.filter(({ countsRefusals }) => countsRefusals !== true)
    .flatMap((row) => cases.get(row) ?? [])
    .filter((id) => verdicts.get(id) === "failed");
}

/** Prose, wrapped. */
export function wrap(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > 80) lines.push(line);
    line = longer.length > 80 ? word : longer;
  }
  return [...lines, line].join("\n");
}

function casesByRow(): ReadonlyMap<Row | null, readonly string[]> {
  const rows = new Map<Row | null, string[]>();
  for (const asked of corpus) {
    const row = rowOf(asked);
    rows.set(row, [...rows.get(row) ?? [], asked.id]);
  }
  return rows;
}

/**
 * How many are held, and how many were run; bold where a rule for verifiers is
 * broken.
 */
function cell(
  { countsRefusals }: Row,
  ids: readonly string[],
  { verdicts }: Column,
  isDemanded: boolean,
): string {
  const run = ids.map((id) => verdicts.get(id)).filter((verdict) =>
    verdict !== "none"
  );
  if (run.length === 0) return "no option";
  const wanted: Verdict = countsRefusals === true ? "failed" : "held";
  const held = run.filter((verdict) => verdict === wanted).length;
  const text = `${held} / ${run.length}`;
  return isDemanded && held < run.length ? `**${text}**` : text;
}

function layOut(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, index) =>
    Math.max(...rows.map((row) => row[index]?.length ?? 0))
  );
  const separator = widths.map((width) => "-".repeat(width));
  return [head, separator, ...body].map((cells) => {
    return `| ${
      cells.map((text, index) => text.padEnd(widths[index] ?? 0)).join(" | ")
    } |`;
  }).join("\n");
}
