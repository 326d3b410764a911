/**
 * The auditor's page is true: it lists each file of src/jwt, counts the rows
 * of the coverage table and the cases of the corpus, and its two commands run
 * the conformance suite.
 */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { readCorpus } from "../spec/conformance/corpus.ts";
import { coverage } from "../spec/rfc/coverage.ts";
import { slowTest, slowTestUnless } from "../support/slow_test.ts";
import { blockOf, documentAt, root, rowsOf } from "./documents.ts";
import { fails, isBun, shell, startShell } from "./shell.ts";

const page = documentAt("src/jwt/README.md");
const corpus = readCorpus(`${root}test/spec/vectors`);
const needsPyjwt = await fails(
  "/usr/bin/python3 -c 'import jwt'",
  "python3-jwt is not installed",
);

test("the reading list has each file of src/jwt", () => {
  const listed = rowsOf(page, "file").map(([file]) => file);
  const files = readdirSync(`${root}src/jwt`)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `[${name}](${name})`);
  assert.deepEqual(listed.sort(), files.sort());
});

test("the table of documents counts the rows of the coverage table", () => {
  const documents = new Set(coverage.map(({ id }) => documentOf(id)));
  const ways = ["tested", "unsupported", "producer", "application"];
  const counted = [...documents].map((document) => {
    const rows = coverage.filter(({ id }) => documentOf(id) === document);
    const met = rows.map(({ met }) =>
      typeof met === "string" ? "tested" : met.because
    );
    const counts = ways.map((way) => met.filter((each) => each === way).length);
    return [document, rows.length, ...counts].map(String);
  });
  assert.deepEqual(rowsOf(page, "document"), counted);
});

test("the figures of the corpus are those of its files", () => {
  const hardening = corpus.filter(({ level }) => level === "hardening").length;
  const all = corpus.length.toLocaleString("en");
  const resting = (corpus.length - hardening).toLocaleString("en");
  const figures =
    `has ${all} cases for any language: ${resting} that rest on a sentence, ${hardening} `;
  assert.ok(page.text.replaceAll(/\s+/g, " ").includes(figures), figures);
});

slowTest(
  "the first command of the conformance suite passes on the module that it names",
  async () => {
    const printed = await shell(conformance(0));
    assert.ok(printed.endsWith(`\n${corpus.length} passed, 0 failed\n`));
  },
);

slowTestUnless(
  needsPyjwt,
  "the second command of the conformance suite runs it on PyJWT",
  async () => {
    const { ended, output } = startShell(conformance(1));
    await ended;
    const [, passed, failed, skipped] =
      /\n(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(output.stdout) ??
        [];
    assert.ok(Number(passed) > 700, output.stdout.slice(-500) + output.stderr);
    assert.equal(
      Number(passed) + Number(failed) + Number(skipped),
      corpus.length,
    );
  },
);

function documentOf(id: string): string {
  return id.startsWith("OWASP") ? "OWASP" : id.slice(0, "RFC 7515".length);
}

/**
 * A line of the block that runs the conformance suite, for the runtime that
 * runs this.
 */
function conformance(index: number): string {
  const line = blockOf(page, "sh").split("\n")[index] ?? "";
  assert.match(line, /^bun test\/conformance\.ts --\w+ /);
  return isBun
    ? line
    : line.replace("bun", "deno run --allow-all --node-modules-dir=none");
}
