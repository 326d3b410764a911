/**
 * An inspection of a token as text for a terminal: verdicts first, and claims
 * that nothing proves marked as such. Nothing that a token holds acts on the
 * terminal that shows it.
 */

import process from "node:process";
import { claimTime } from "../inspect/claim_time.ts";
import type { Inspection, Verdict } from "../inspect/inspect.ts";
import { claimNames } from "../inspect/meanings.ts";
import { printable } from "../inspect/printable.ts";
import { hintOnNumbers } from "../inspect/written_number.ts";

/** The lines of an inspection, without a line break at the end. */
export function describeInspection(inspection: Inspection): string {
  const { wellFormed, signature, accepted, parts } = inspection;
  const lines = [
    verdictLine("Well-formed", wellFormed),
    verdictLine("Signature", signature),
    verdictLine("Accepted now", accepted),
  ];
  if (parts === null) return lines.join("\n");
  lines.push("", "Header");
  for (const [name, value] of Object.entries(parts.header)) {
    lines.push(row(name, value, hintOnNumbers(value)));
  }
  const title = signature.answer === "yes"
    ? "Claims"
    : styled("yellow", "Claims that nothing proves");
  lines.push("", title);
  const now = Date.now() / 1000;
  for (const [name, value] of Object.entries(parts.claims)) {
    const notes = [meaningOfClaim(name, value, now), hintOnNumbers(value)];
    const meaning = notes.filter((note) => note !== "").join(". ");
    lines.push(row(name, value, meaning));
  }
  if (!Object.hasOwn(parts.claims, "exp")) {
    lines.push("  no exp: it never expires");
  }
  return lines.join("\n");
}

/**
 * One line on the numbers that many programs read as others than those that
 * stand in objects, by the names of their members; empty where there are none.
 */
export function describeChangedNumbers(...objects: object[]): string {
  const [first, ...others] = objects.flatMap(Object.entries)
    .filter(([, value]) => hintOnNumbers(value) !== "")
    .map(([name]) => printable(name));
  if (first === undefined) return "";
  const more = others.length === 0 ? "" : ` and in ${others.length} more`;
  return `Many programs read another number in ${first}${more}.`;
}

/** A time in words, or what a registered claim is for; else empty. */
function meaningOfClaim(name: string, value: unknown, now: number): string {
  const time = claimTime(name, value, now);
  if (time !== null) return `${time.utc}, ${time.words}`;
  // Own names alone: each object also inherits "constructor" and others.
  return Object.hasOwn(claimNames, name) ? claimNames[name] ?? "" : "";
}

const colourOfAnswer = { yes: "green", no: "red", unknown: "yellow" } as const;

function verdictLine(what: string, { answer, reason }: Verdict): string {
  const shown = styled(colourOfAnswer[answer], answer.padEnd(8));
  return `${what.padEnd(14)}${shown} ${reason}`;
}

function row(name: string, value: unknown, meaning: string): string {
  const label = printable(name).slice(1, -1);
  const text = `  ${label.padEnd(10)} ${printable(value)}`;
  if (meaning === "") return text;
  return `${text.padEnd(40)}  ${styled("dim", meaning)}`;
}

/** Select Graphic Rendition: ECMA-48 §8.3.117. */
const styles = { green: 32, red: 31, yellow: 33, dim: 2 } as const;

function styled(style: keyof typeof styles, text: string): string {
  if (!isColoured()) return text;
  return `\u001b[${styles[style]}m${text}\u001b[0m`;
}

/**
 * Says whether to use colours: on a terminal, unless NO_COLOR is there
 * (no-color.org).
 */
function isColoured(): boolean {
  try {
    return process.stdout.isTTY === true && !process.env["NO_COLOR"];
  } catch {
    // Deno does not let us see NO_COLOR: somebody may have set it.
    return false;
  }
}
