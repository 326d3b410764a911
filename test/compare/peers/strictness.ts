/**
 * How strict are JWT libraries? Runs the conformance suite on onejot and on
 * each peer, and writes what came of it into the README.md beside this file,
 * between the two comments that begin with `strictness`. With --check it
 * compares instead, and fails where README.md says something else. The cases
 * that a peer does not hold are printed with their ids. Needs what interop.ts
 * needs.
 *
 *   bun test/compare/peers/strictness.ts
 *   deno run -A test/compare/peers/strictness.ts --check
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { packagePeers, requirePeers, versionOf } from "./packages.ts";
import { findPyjwt, pyjwtCommand } from "./pyjwt_peer.ts";
import {
  type Column,
  notHeld,
  strictnessTable,
  wrap,
} from "./strictness_table.ts";
import { corpus, runSuite } from "./suite.ts";

const readmeFile = fileURLToPath(
  new URL("README.md", import.meta.url),
);
const begin = "<!-- strictness: made by test/compare/peers/strictness.ts -->\n";
const end = "\n<!-- strictness end -->";

process.exitCode = await main();

async function main(): Promise<number> {
  const pyjwtVersion = findPyjwt();
  if (pyjwtVersion === null) return 1;
  requirePeers();
  const columns: Column[] = [];
  for (const { name, args } of libraries(pyjwtVersion)) {
    columns.push({ name, verdicts: await runSuite(args) });
  }
  columns.forEach(printNotHeld);
  const made = `\n${strictnessTable(columns)}\n\n${note()}\n`;
  const readme = readFileSync(readmeFile, "utf8");
  const [before = "", rest = ""] = readme.split(begin);
  const [written, ...after] = rest.split(end);
  if (process.argv.includes("--check")) {
    return compare(written ?? "", made, pyjwtVersion);
  }
  if (after.length === 0) console.log(made);
  else writeFileSync(readmeFile, [before, begin, made, end, ...after].join(""));
  return 0;
}

/** Each library, and the arguments with which the suite runs it. */
function libraries(pyjwtVersion: string): { name: string; args: string[] }[] {
  const packageFile = new URL("../../../package.json", import.meta.url);
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(packageFile, "utf8"),
  );
  const peers = packagePeers.map(({ name, file }) => ({
    name: `${name.replace(/^@.*\//, "")} ${versionOf(name)}`,
    args: ["--implementation", `test/compare/peers/${file}`],
  }));
  return [
    { name: `onejot ${version}`, args: [] },
    ...peers,
    { name: `PyJWT ${pyjwtVersion}`, args: ["--command", pyjwtCommand] },
  ];
}

function printNotHeld(column: Column): void {
  const broken = notHeld(column, true);
  const others = notHeld(column, false);
  console.log(
    `${column.name}: ${broken.length} not held of what a verifier must do`,
  );
  for (const id of broken) console.log(`  ${id}`);
  console.log(`  and ${others.length} of what it may leave`);
}

/** What the numbers mean, and where they come from. */
function note(): string {
  const date = new Date().toISOString().slice(0, 10);
  return wrap(
    `Made on ${date} with ${runtime()} by \`bun test/compare/peers/strictness.ts\`, which runs the ` +
      `${
        corpus.length.toLocaleString("en")
      } cases of the corpus. Each library is used as its ` +
      "documentation recommends, with HS256 pinned; cloudflare-worker-jwt is the one of `@tsndr`, " +
      "PyJWT is Debian's, and newer ones are stricter. A cell has the cases that were held and those that " +
      "were run: what is good was accepted, and what is bad was not, with whatever error. In bold, a " +
      "rule for verifiers was broken. No option: the library has none for what is asked and leaves it " +
      "to the application, so that the case was not run. What an RFC leaves open (MAY) is not counted.",
  );
}

function runtime(): string {
  const { Bun: bun, Deno: deno } = globalThis as {
    readonly Bun?: { readonly version: string };
    readonly Deno?: { readonly version: { readonly deno: string } };
  };
  return bun === undefined
    ? `Deno ${deno?.version.deno}`
    : `Bun ${bun.version}`;
}

/** Fails where README.md has another table, whatever its date and runtime. */
function compare(written: string, made: string, pyjwtVersion: string): number {
  const isSamePyjwt = written.includes(`PyJWT ${pyjwtVersion} `);
  if (!isSamePyjwt) {
    console.log("README.md has another PyJWT: its column is not compared.");
  }
  const [one, other] = [written, made].map((text) => {
    const table = isSamePyjwt
      ? text
      : text.replace(/^(\|.*)\|[^|]*\|$/gm, "$1|");
    return table.replace(/\s+/g, " ").replace(/Made on \S+ with \S+ \S+/, "");
  });
  if (one === other) return 0;
  console.error(
    `README.md is out of date: bun test/compare/peers/strictness.ts makes it.\n${made}`,
  );
  return 1;
}
