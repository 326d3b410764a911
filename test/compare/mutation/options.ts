/**
 * The options of the mutation run. One that does not exist is refused, and so
 * is a number that is no whole one above zero.
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  /** Test at most that many, spread over all lines; null for all. */
  readonly quick: number | null;
  /** Only the mutants of this file, such as `claims.ts`. */
  readonly file: string | null;
  /** Only the mutants that begin on this line. */
  readonly line: number | null;
  /** How many are tested at the same time. */
  readonly workers: number;
  /** Only print the mutants. */
  readonly list: boolean;
}

const quickCount = "800";
const workers = String(availableParallelism());

export const usage: string =
  `usage: bun test/compare/mutation/mutate.ts [options]
  --quick [COUNT]  a sample from all lines, the same each time (${quickCount})
  --file NAME      only the mutants of this file, such as claims.ts
  --line NUMBER    only the mutants on this line
  --workers COUNT  how many at once (${workers})
  --list           print the mutants and test none`;

/** Reads the command line. A TypeError for what is none of the options. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      file: { type: "string" },
      line: { type: "string" },
      workers: { type: "string", default: workers },
      list: { type: "boolean", default: false },
    },
  });
  const [count = quickCount, ...others] = values.quick
    ? positionals
    : ["", ...positionals];
  if (others.length > 0) {
    throw new TypeError(`Cannot read the options: what is ${others[0]}?`);
  }
  return {
    quick: values.quick ? wholeNumber(count) : null,
    file: values.file ?? null,
    line: values.line === undefined ? null : wholeNumber(values.line),
    workers: wholeNumber(values.workers),
    list: values.list,
  };
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new TypeError(
    `Cannot read the options: ${text} is no whole number above zero.`,
  );
}
