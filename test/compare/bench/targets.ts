/**
 * What onejot's speed is to be, as a table, and what was measured. A ratio is
 * the median over the rounds of one run, each round of onejot's divided by the
 * same round of the other's; against several others it is the ratio to the
 * fastest of them, so the lowest. What was not measured is not met.
 */

import { formatRatio, isLessBetter, isOwn, limitOf } from "./picture.ts";
import { isRemembering } from "./picture_table.ts";
import {
  median,
  type Report,
  type Result,
  type Row,
  type Runtime,
} from "./result.ts";

/** What one row of the table demands. */
interface Target {
  readonly what: string;
  readonly benchmark: string;
  /** As the benchmark has it. */
  readonly question: string;
  /**
   * onejot's row; by default the one that is called "onejot" or begins with
   * "onejot as".
   */
  readonly own?: string;
  readonly measure: Measure;
  /** For each runtime on which something is demanded. */
  readonly bounds: Readonly<Partial<Record<Runtime, number>>>;
}

/** How a figure comes out of the rows, and how it is held against its bound. */
interface Measure {
  readonly of: (own: Row, result: Result) => number;
  readonly isMet: (figure: number, bound: number) => boolean;
  readonly demand: (bound: number) => string;
  readonly show: (figure: number) => string;
}

/**
 * A target and what came of it on each runtime; null where nothing is demanded.
 */
export interface Outcome {
  readonly what: string;
  readonly demand: string;
  readonly cells: Readonly<Record<TargetRuntime, Cell | null>>;
}

export interface Cell {
  /** Null where it was not measured. */
  readonly figure: string | null;
  readonly isMet: boolean;
}

export type TargetRuntime = "bun" | "deno";

export const targetRuntimes: readonly TargetRuntime[] = ["bun", "deno"];

const verify64 = {
  benchmark: "token",
  question: "verify, 64 in flight, 10,000 tokens",
};
const sign64 = {
  benchmark: "token",
  question: "sign, 64 in flight, 10,000 claims sets",
};
const verifyOne = {
  benchmark: "token",
  question: "verify, one at a time, 10,000 tokens",
};
const signOne = {
  benchmark: "token",
  question: "sign, one at a time, 10,000 claims sets",
};
const sameToken = {
  benchmark: "server",
  question: "stateless GET, same token",
};
const distinctTokens = {
  benchmark: "server",
  question: "stateless GET, 10,000 distinct tokens",
};
const asItShips = {
  benchmark: "server",
  question: "GET as it ships, same token",
};
const isBare = (row: Row, { rows }: Result) => row === rows[0] && !isOwn(row);
const isPeer = (row: Row, result: Result) =>
  !isBare(row, result) && !isOwn(row) && !isRemembering(row);

/** In the order of issue 6. */
const targets: readonly Target[] = [
  {
    what:
      "verify, 64 in flight, distinct tokens, against bare `crypto.subtle.verify`",
    ...verify64,
    measure: atLeast(isBare),
    bounds: { bun: 0.8, deno: 0.65 },
  },
  {
    what: "sign, 64 in flight, against bare `crypto.subtle.sign`",
    ...sign64,
    measure: atLeast(isBare),
    bounds: { bun: 0.8, deno: 0.65 },
  },
  {
    what:
      "verify, 64 in flight, against the fastest other library without a cache",
    ...verify64,
    measure: ahead(isPeer),
    bounds: { bun: 1, deno: 1 },
  },
  {
    what: "sign, 64 in flight, against the fastest other library",
    ...sign64,
    measure: ahead(isPeer),
    bounds: { bun: 1, deno: 1 },
  },
  ...["the same token", "10,000 tokens"].map((tokens) => ({
    what: `verify of a remembered token, ${tokens}, against fast-jwt's cache`,
    benchmark: "token",
    question: `verify, one at a time, ${tokens}`,
    own: "onejot, remembered",
    measure: atLeast(({ name }) => name === "fast-jwt, cached"),
    bounds: { bun: 5, deno: 5 },
  })),
  {
    what: "verify, one at a time, against bare `crypto.subtle.verify`",
    ...verifyOne,
    measure: atLeast(isBare),
    bounds: { bun: 0.95, deno: 0.95 },
  },
  {
    what: "sign, one at a time, against bare `crypto.subtle.sign`",
    ...signOne,
    measure: atLeast(isBare),
    bounds: { bun: 0.95, deno: 0.95 },
  },
  {
    what: "stateless GET, same token, against the bare server",
    ...sameToken,
    measure: atLeast(isBare),
    bounds: { bun: 0.75, deno: 0.75 },
  },
  {
    what: "… against hono + hono/jwt",
    ...sameToken,
    measure: atLeast(isNamed("hono")),
    bounds: { bun: 2.2, deno: 2.2 },
  },
  {
    what: "… against elysia + @elysiajs/jwt",
    ...sameToken,
    measure: atLeast(isNamed("elysia")),
    bounds: { bun: 1.5 },
  },
  {
    what: "stateless GET, distinct tokens, against hono + hono/jwt",
    ...distinctTokens,
    measure: atLeast(isNamed("hono")),
    bounds: { bun: 1.5, deno: 1.5 },
  },
  {
    what: "… against elysia + @elysiajs/jwt",
    ...distinctTokens,
    measure: atLeast(isNamed("elysia")),
    bounds: { bun: 1.2 },
  },
  {
    what: "GET as it ships, against the bare server with the same statement",
    ...asItShips,
    measure: atLeast(isBare),
    bounds: { bun: 0.75, deno: 0.75 },
  },
  {
    what:
      "router alone, 100 routes with parameters, against hono's RegExpRouter",
    benchmark: "router",
    question: "100 routes with parameters",
    measure: ahead(isNamed("hono")),
    bounds: { bun: 1, deno: 1 },
  },
  {
    what: "time to the first 200, after the bare server's",
    benchmark: "start",
    question: "time to first 200",
    measure: {
      of: (own, result) =>
        median(byRound(own, limitOf(result), (mine, other) => mine - other)),
      isMet: (figure, bound) => figure <= bound,
      demand: (bound) => `within ${bound} ms`,
      show: (figure) => `${figure.toFixed(1)} ms`,
    },
    bounds: { bun: 15, deno: 15 },
  },
  {
    what: "sign + verify, minified and gzipped",
    benchmark: "size",
    question: "sign and verify, minified and gzipped",
    measure: {
      of: (own) => own.median,
      isMet: (figure, bound) => figure < bound,
      demand: (bound) => `below ${bound.toLocaleString("en")} bytes`,
      show: (figure) => figure.toLocaleString("en"),
    },
    bounds: { bun: 3000 },
  },
];

/** All targets, with what was measured. */
export function readOutcomes(reports: readonly Report[]): Outcome[] {
  return targets.map((target) => {
    const [bun, deno] = targetRuntimes.map((runtime) =>
      readCell(target, runtime, reports)
    );
    const cells = { bun: bun ?? null, deno: deno ?? null };
    return { what: target.what, demand: demandOf(target), cells };
  });
}

function demandOf({ bounds, measure }: Target): string {
  const [bun, deno] = targetRuntimes.map((runtime) => {
    const bound = bounds[runtime];
    return bound === undefined ? undefined : measure.demand(bound);
  });
  if (bun === undefined || deno === undefined || bun === deno) {
    return bun ?? deno ?? "";
  }
  return `${bun} on Bun, ${deno} on Deno`;
}

/**
 * Null where nothing is demanded. A benchmark that was run and lacks the row is
 * an Error.
 */
function readCell(
  { benchmark, question, own, measure, bounds }: Target,
  runtime: TargetRuntime,
  reports: readonly Report[],
): Cell | null {
  const bound = bounds[runtime];
  if (bound === undefined) return null;
  const report = reports.find((report) => report.benchmark === benchmark);
  if (report === undefined) return { figure: null, isMet: false };
  const result = report.results.find((result) => {
    return result.question === question && result.runtime === runtime;
  });
  const row = result?.rows.find(({ name }) => {
    return own === undefined
      ? name === "onejot" || name.startsWith("onejot as ")
      : name === own;
  });
  const figure = result === undefined || row === undefined
    ? NaN
    : measure.of(row, result);
  if (!Number.isFinite(figure)) {
    throw new Error(
      `${benchmark}.ts lacks a row for a target, ${runtime}: "${question}".`,
    );
  }
  return { figure: measure.show(figure), isMet: measure.isMet(figure, bound) };
}

type IsOther = (row: Row, result: Result) => boolean;

function isNamed(beginning: string): IsOther {
  return ({ name }) => name.startsWith(beginning);
}

function atLeast(isOther: IsOther): Measure {
  return {
    of: ratioTo(isOther),
    isMet: (figure, bound) => figure >= bound,
    demand: (bound) => `at least ${bound.toFixed(2)}`,
    // Rounded up it would seem met.
    show: (figure) => formatRatio(Math.floor(figure * 100 + 1e-9) / 100),
  };
}

function ahead(isOther: IsOther): Measure {
  return {
    ...atLeast(isOther),
    isMet: (figure, bound) => figure > bound,
    demand: () => "ahead",
  };
}

/**
 * How many times as good as the best of the others: above 1 is better, whatever
 * the unit.
 */
function ratioTo(isOther: IsOther): Measure["of"] {
  return (own, result) => {
    const others = result.rows.filter((row) => isOther(row, result));
    const ratios = others.map((other) => {
      return isLessBetter(result)
        ? median(byRound(own, other, (mine, theirs) => theirs / mine))
        : median(byRound(own, other, (mine, theirs) => mine / theirs));
    });
    return ratios.length === 0 ? NaN : Math.min(...ratios);
  };
}

function byRound(
  own: Row,
  other: Row | null,
  compare: (mine: number, theirs: number) => number,
): number[] {
  return own.rounds.map((figure, index) =>
    compare(figure, other?.rounds[index] ?? NaN)
  );
}
