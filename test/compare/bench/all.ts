/**
 * Runs the benchmarks one after the other, keeps what they found in
 * results.json, and draws a picture of each question into pictures. --only
 * takes some of token, server, start, router and size, and leaves what is known
 * of the others. It ends with the targets. --quick runs every path of it, too
 * briefly to tell, and keeps nothing. --readme draws anew and rewrites the part
 * of README.md, beside this file and at the top, that stands between the two
 * comments that begin with `speed`. --check fails where the pictures or these
 * parts say something else than results.json.
 *
 *   bun test/compare/bench/all.ts [--quick] [--only NAME,NAME]
 *   bun test/compare/bench/all.ts --readme
 *   bun test/compare/bench/all.ts --check
 */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { requirePackages } from "../../support/packages.ts";
import { withFolder } from "../../support/temp.ts";
import { draw } from "./picture.ts";
import { picturesOf } from "./picture_table.ts";
import type { Report } from "./result.ts";
import { frontPicture, speedSection, targetSection } from "./speed_section.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const root = join(folder, "../../../");
const benchmarks = ["token", "server", "start", "router", "size"];
const begin = "<!-- speed: made by test/compare/bench/all.ts -->\n";
const end = "\n<!-- speed end -->";

/** A document with a part that is made of results.json. */
interface Document {
  /** Its path below the root of the project. */
  readonly path: string;
  /** What stands between the comments. */
  readonly make: (reports: readonly Report[]) => string;
}

const documents: readonly Document[] = [
  { path: "README.md", make: frontPicture },
  { path: "test/compare/bench/README.md", make: speedSection },
];

const { values: asked } = parseArgs({
  args: process.argv.slice(2),
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: benchmarks.join(",") },
    readme: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
process.exitCode = await main();

async function main(): Promise<number> {
  if (asked.check) return check();
  if (asked.readme) return writeParts();
  const names = asked.only.split(",");
  const unknown = names.filter((name) => !benchmarks.includes(name));
  if (unknown.length > 0) {
    throw new TypeError(`--only takes some of ${benchmarks.join(", ")}.`);
  }
  requirePackages(new URL("./", import.meta.url));
  await withFolder((directory) => {
    const kept = asked.quick ? directory : folder;
    for (const name of names) {
      keepReport(kept, runBenchmark(name, join(directory, `${name}.json`)));
    }
    drawAll(kept);
    const reports = readReports(kept);
    // --quick has no README to write; this is so that a question without an
    // answer shows in CI.
    console.log(
      formatted("md", `${speedSection(reports)}\n\n${targetSection(reports)}`),
    );
  });
  return 0;
}

/** Runs one of them, lets it show its progress, and reads what it found. */
function runBenchmark(name: string, file: string): Report {
  const options = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const quick = asked.quick ? ["--quick"] : [];
  const args = [
    ...options,
    join(folder, `${name}.ts`),
    ...quick,
    "--json",
    file,
  ];
  console.error(`${name}.ts ${quick.join("")}`);
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`${name}.ts ended with code ${status}.`);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Writes it at once, so that a benchmark that fails takes nothing with it. */
function keepReport(directory: string, report: Report): void {
  const reports = readReports(directory).filter(({ benchmark }) =>
    benchmark !== report.benchmark
  );
  const all = benchmarks.flatMap((name) => {
    return [...reports, report].filter(({ benchmark }) => benchmark === name);
  });
  const json = JSON.stringify(all, null, 2).replace(
    /\[[\d\s.,e-]+\]/g,
    (rounds) => {
      return rounds.replace(/\s+/g, "").replaceAll(",", ", "); // on one line
    },
  );
  writeFileSync(join(directory, "results.json"), formatted("json", json));
}

function readReports(directory: string): readonly Report[] {
  const file = join(directory, "results.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

function drawAll(directory: string): void {
  const pictures = join(directory, "pictures");
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures);
  for (const { file, picture } of picturesOf(readReports(directory))) {
    writeFileSync(
      join(pictures, `${file}.svg`),
      formatted("svg", draw(picture)),
    );
  }
}

function writeParts(): number {
  drawAll(folder);
  for (const document of documents) {
    const { before, after } = readPart(document);
    const text = [before, begin, madePart(document), end, after].join("");
    writeFileSync(join(root, document.path), text);
  }
  return 0;
}

function check(): number {
  const stale = picturesOf(readReports(folder)).filter(({ file, picture }) => {
    const path = join(folder, "pictures", `${file}.svg`);
    return !existsSync(path) ||
      readFileSync(path, "utf8") !== formatted("svg", draw(picture));
  }).map(({ file }) => `pictures/${file}.svg`);
  for (const document of documents) {
    if (readPart(document).written === madePart(document)) continue;
    stale.push(document.path);
  }
  if (stale.length === 0) return 0;
  console.error(
    `Other than results.json: ${
      stale.join(", ")
    }. bun test/compare/bench/all.ts --readme`,
  );
  return 1;
}

/** The part of a document between the comments, and what is around it. */
function readPart(
  { path }: Document,
): { before: string; written: string; after: string } {
  const text = readFileSync(join(root, path), "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [written = "", ...after] = rest.split(end);
  if (after.length === 0) {
    throw new Error(`${path} lacks ${begin.trim()} or ${end.trim()}`);
  }
  return { before, written, after: after.join(end) };
}

function madePart({ make }: Document): string {
  return `\n${formatted("md", make(readReports(folder)))}`;
}

/** As `deno fmt` has it, which the check demands of every file. */
function formatted(extension: string, text: string): string {
  const { status, stdout, stderr } = spawnSync("deno", [
    "fmt",
    "--ext",
    extension,
    "-",
  ], {
    cwd: root,
    encoding: "utf8",
    input: text,
  });
  if (status !== 0) throw new Error(`deno fmt failed: ${stderr}`);
  return stdout;
}
