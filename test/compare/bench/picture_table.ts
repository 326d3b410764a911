/**
 * Which questions have a picture, from which benchmark, and which rows and
 * figures of them it shows. A question that its benchmark does not answer (any
 * more) is an Error, not a picture less.
 */

import {
  formatFigure,
  formatRatio,
  isLessBetter,
  limitOf,
  type Picture,
  ranked,
} from "./picture.ts";
import type { Report, Result, Row, Runtime, Versions } from "./result.ts";

/** The file's name without its end, and what the picture of it shows. */
export interface Shown {
  readonly file: string;
  readonly benchmark: string;
  /** As the benchmark has it. */
  readonly question: string;
  readonly title: string;
  /** What the figures are, where they are not the medians. */
  readonly figure?: { readonly field: string; readonly unit: string };
  /** Only these rows, and the limit. */
  readonly isShown?: (row: Row) => boolean;
}

const runtimeNames: Readonly<Record<Runtime, string>> = {
  bun: "Bun",
  deno: "Deno",
  node: "Node.js",
};

/** In the order of the README. */
export const shownQuestions: readonly Shown[] = [
  {
    file: "verify",
    benchmark: "token",
    question: "verify, 64 in flight, 10,000 tokens",
    title: "Verify: 64 in flight, 10,000 distinct tokens",
    isShown: (row) => !isRemembering(row),
  },
  {
    file: "sign",
    benchmark: "token",
    question: "sign, 64 in flight, 10,000 claims sets",
    title: "Sign: 64 in flight, 10,000 distinct sets of claims",
  },
  {
    file: "verify_one",
    benchmark: "token",
    question: "verify, one at a time, 10,000 tokens",
    title: "Verify: one at a time",
    isShown: (row) => !isRemembering(row),
  },
  {
    file: "sign_one",
    benchmark: "token",
    question: "sign, one at a time, 10,000 claims sets",
    title: "Sign: one at a time",
  },
  {
    file: "remembered",
    benchmark: "token",
    question: "verify, one at a time, 10,000 tokens",
    title: "Verify a token that was verified before, 10,000 of them",
    isShown: (row) => isRemembering(row) || row.name === "onejot",
  },
  {
    file: "stateless_same",
    benchmark: "server",
    question: "stateless GET, same token",
    title:
      "An authenticated GET, by the token alone: one token, 64 connections",
  },
  {
    file: "stateless_distinct",
    benchmark: "server",
    question: "stateless GET, 10,000 distinct tokens",
    title:
      "An authenticated GET, by the token alone: 10,000 tokens, 64 connections",
  },
  {
    file: "as_it_ships",
    benchmark: "server",
    question: "GET as it ships, same token",
    title: "GET with session and access log, as it ships: 64 connections",
  },
  {
    file: "connections",
    benchmark: "server",
    question: "GET as it ships, same token, 1,000 connections",
    title: "The same with 1,000 connections: 99th percentile of the wait",
    figure: { field: "p99Milliseconds", unit: "milliseconds" },
  },
  {
    file: "router",
    benchmark: "router",
    question: "100 routes with parameters",
    title: "The router alone: 100 routes with parameters",
  },
  {
    file: "start",
    benchmark: "start",
    question: "time to first 200",
    title: "From the start of the process to the first answer",
  },
  {
    file: "size",
    benchmark: "size",
    question: "sign and verify, minified and gzipped",
    title: "Sign and verify, minified and gzipped",
  },
];

/** What is in there of the questions above, each with all its runtimes. */
export function picturesOf(
  reports: readonly Report[],
): {
  readonly file: string;
  readonly alt: string;
  readonly picture: Picture;
}[] {
  return shownQuestions.flatMap((shown) => {
    const report = reports.find(({ benchmark }) =>
      benchmark === shown.benchmark
    );
    return report === undefined ? [] : [pictureOf(shown, report)];
  });
}

/** A runtime and its version. */
export function nameRuntime(runtime: Runtime, versions: Versions): string {
  return `${runtimeNames[runtime]} ${versions[runtime]}`;
}

/** Versions that are not a runtime's, as text. */
export function nameVersions(versions: Versions): string {
  return Object.entries(versions).filter(([name]) =>
    !Object.hasOwn(runtimeNames, name)
  )
    // No line ends in between.
    .map(([name, version]) => `${name}\u00a0${version}`).join(", ");
}

/** The processor and its cores. */
export function nameMachine({ cpu, cores }: Report["machine"]): string {
  return `${cpu}, ${cores} ${cores === 1 ? "core" : "cores"}`;
}

/** Whether it looks up what it has verified before. */
export function isRemembering({ name }: Row): boolean {
  return /, (?:remembered|cached)$/.test(name);
}

function pictureOf(shown: Shown, report: Report) {
  const results = report.results.filter(({ question }) =>
    question === shown.question
  )
    .map((result) => select(result, shown));
  const [first] = results;
  if (first === undefined) {
    throw new Error(
      `${shown.benchmark}.ts has no question "${shown.question}".`,
    );
  }
  const { versions, machine, date } = report;
  const picture: Picture = {
    title: shown.title,
    note: noteOf(first),
    groups: results.map((result) => {
      return { heading: nameRuntime(result.runtime, versions), result };
    }),
    footer: `${date.slice(0, 10)}, ${nameMachine(machine)}; ${
      nameVersions(versions)
    }`,
  };
  return { file: shown.file, alt: altOf(shown, results), picture };
}

/** The rows and figures that are shown. */
function select(
  result: Result,
  { figure, isShown = () => true }: Shown,
): Result {
  const [limit, ...others] = result.rows;
  if (limit === undefined) {
    throw new Error(`Nobody answers "${result.question}".`);
  }
  const rows = [limit, ...others.filter(isShown)];
  if (figure === undefined) return { ...result, rows };
  const read = (row: Row) => {
    const value = Object(row)[figure.field];
    if (typeof value !== "number") {
      throw new Error(`${row.name} has no ${figure.field}.`);
    }
    return value;
  };
  const withFigure = rows.map((row) => {
    return {
      ...row,
      median: read(row),
      ratio: read(row) / read(limit),
      rounds: [],
    };
  });
  return { ...result, unit: figure.unit, rows: withFigure };
}

function noteOf(result: Result): string {
  const way = isLessBetter(result) ? "shorter is better" : "longer is better";
  const against = limitOf(result)?.name ?? result.rows[0]?.name;
  return `The ratio to ${against}, and ${result.unit}; ${way}.`;
}

/** The result in words. */
function altOf({ title }: Shown, results: readonly Result[]): string {
  const sentences = results.map((result) => {
    const limit = limitOf(result);
    const places = ranked(result).filter((row) => row !== limit).map((row) => {
      return `${row.name} ${
        limit === null ? formatFigure(row, result) : formatRatio(row.ratio)
      }`;
    });
    const against = limit === null ? "" : `, held against ${limit.name}`;
    return `On ${runtimeNames[result.runtime]}, ${result.unit}${against}: ${
      places.join("; ")
    }.`;
  });
  return [`${title}.`, ...sentences].join(" ");
}
