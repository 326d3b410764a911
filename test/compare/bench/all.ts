/**
 * Runs the benchmarks one after the other, keeps what they found in
 * results.json, and draws a picture of each question into pictures. --only
 * takes some of token, server, start, router and size, and leaves what is known
 * of the others. It ends with the targets. --quick runs every path of it, too
 * briefly to tell, and keeps nothing. --readme draws anew and rewrites the
 * README's part between the two comments that begin with `speed`; --check fails
 * where the pictures or the README say something else than results.json.
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
import { speedSection, targetSection } from "./speed_section.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const root = join(folder, "../../../");
const readmeFile = join(root, "README.md");
const benchmarks = ["token", "server", "start", "router", "size"];
const begin = "<!-- speed: made by test/compare/bench/all.ts -->\n";
const end = "\n<!-- speed end -->";

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
  if (asked.readme) return writeReadme();
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

function writeReadme(): number {
  drawAll(folder);
  const { before, after } = readReadme();
  writeFileSync(
    readmeFile,
    [before, begin, madeSection(), end, after].join(""),
  );
  return 0;
}

function check(): number {
  const stale = picturesOf(readReports(folder)).filter(({ file, picture }) => {
    const path = join(folder, "pictures", `${file}.svg`);
    return !existsSync(path) ||
      readFileSync(path, "utf8") !== formatted("svg", draw(picture));
  }).map(({ file }) => `pictures/${file}.svg`);
  if (readReadme().written !== madeSection()) stale.push("README.md");
  if (stale.length === 0) return 0;
  console.error(
    `Other than results.json: ${
      stale.join(", ")
    }. bun test/compare/bench/all.ts --readme`,
  );
  return 1;
}

/** The README's part between the comments, and what is around it. */
function readReadme(): { before: string; written: string; after: string } {
  const [before = "", rest = ""] = readFileSync(readmeFile, "utf8").split(
    begin,
  );
  const [written = "", ...after] = rest.split(end);
  if (after.length === 0) {
    throw new Error(`README.md lacks ${begin.trim()} or ${end.trim()}`);
  }
  return { before, written, after: after.join(end) };
}

function madeSection(): string {
  return `\n${formatted("md", speedSection(readReports(folder)))}`;
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
