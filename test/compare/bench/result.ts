/**
 * What every benchmark here gives: results as a table and as JSON, with the
 * machine and the versions that they belong to. A result is one question on one
 * runtime; its first row is what the others are held against, most often a
 * limit. Rounds are interleaved: those with one index were run together.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export type Runtime = "bun" | "deno" | "node";

/** One contender's figures. */
export interface Row {
  readonly name: string;
  readonly median: number;
  /**
   * The median of its rounds, each divided by the first row's round with the
   * same index.
   */
  readonly ratio: number;
  readonly rounds: readonly number[];
}

/** The answer to one question on one runtime. */
export interface Result {
  /** Such as "verify, 64 in flight, 10,000 tokens". */
  readonly question: string;
  readonly runtime: Runtime;
  /** Such as "operations per second". */
  readonly unit: string;
  /** The limit first, or whatever the others are held against. */
  readonly rows: readonly Row[];
}

/** Versions by the name of the runtime or of the package. */
export type Versions = Readonly<Record<string, string>>;

/** The JSON file of one benchmark. */
export interface Report {
  readonly benchmark: string;
  /** The time at which it ended, ISO 8601. */
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly versions: Versions;
  readonly results: readonly Result[];
}

/** What a benchmark is asked on its command line. */
export interface Arguments {
  readonly isQuick: boolean;
  /** One after the other. */
  readonly runtimes: readonly Runtime[];
  /** The file to write, or null. */
  readonly json: string | null;
}

const packageFolder = fileURLToPath(new URL("./", import.meta.url));

/**
 * Reads `[--quick] [--runtime NAME] [--json FILE]`, for a benchmark that runs
 * on these runtimes.
 */
export function readArguments(known: readonly Runtime[]): Arguments {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      quick: { type: "boolean", default: false },
      runtime: { type: "string" },
      json: { type: "string" },
    },
  });
  const runtimes = known.filter((name) => name === (values.runtime ?? name));
  if (runtimes.length === 0) {
    throw new TypeError(`--runtime is one of ${known.join(", ")}.`);
  }
  return { isQuick: values.quick, runtimes, json: values.json ?? null };
}

/**
 * The rows of contenders, made of their rounds and held against the first
 * one's.
 */
export function makeRows(
  contenders: readonly (readonly [string, readonly number[]])[],
): Row[] {
  const [, limit = []] = contenders[0] ?? [];
  return contenders.map(([name, rounds]) => {
    const ratio = median(
      rounds.map((figure, index) => figure / (limit[index] ?? NaN)),
    );
    return { name, median: median(rounds), ratio, rounds };
  });
}

/** The middle one, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((one, other) => one - other);
  const [low = NaN, high = NaN] = [(sorted.length - 1) >> 1, sorted.length >> 1]
    .map((index) => sorted[index]);
  return (low + high) / 2;
}

/** A result as a table for people. */
export function tableOf({ question, runtime, unit, rows }: Result): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map((row) => {
    const maximumFractionDigits = row.median < 100 ? 2 : 0;
    const figure = row.median.toLocaleString("en", { maximumFractionDigits })
      .padStart(11);
    return `  ${row.name.padEnd(width)}  ${figure}  ${
      row.ratio.toFixed(2).padStart(6)
    }`;
  });
  return [`${question} (${runtime}, ${unit})`, ...lines, ""].join("\n");
}

/** Writes the JSON file of a benchmark. */
export function writeResults(
  file: string,
  { benchmark, versions, results }: Pick<
    Report,
    "benchmark" | "versions" | "results"
  >,
): void {
  const date = new Date().toISOString();
  const report: Report = {
    benchmark,
    date,
    machine: readMachine(),
    versions,
    results,
  };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** The processor, and how many cores this process may use. */
export function readMachine(): Report["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
  };
}

/**
 * onejot's version, these runtimes' as the PATH has them, and these packages'
 * as installed here.
 */
export function readVersions(
  runtimes: readonly Runtime[],
  packages: readonly string[],
): Versions {
  const versions: Record<string, string> = {
    onejot: readVersion(`${packageFolder}../../../package.json`),
  };
  for (const runtime of runtimes) {
    const { stdout } = spawnSync(runtime, ["--version"], { encoding: "utf8" });
    versions[runtime] = /\d+\.\d+\.\d+\S*/.exec(stdout ?? "")?.[0] ??
      "not installed";
  }
  for (const name of packages) {
    versions[name] = readVersion(
      `${packageFolder}node_modules/${name}/package.json`,
    );
  }
  return versions;
}

function readVersion(file: string): string {
  return String(Object(JSON.parse(readFileSync(file, "utf8"))).version);
}
