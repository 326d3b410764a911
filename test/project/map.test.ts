/**
 * The map of the tests is complete: each file of tests and each command that
 * runs tests is in it, and whatever it names is there.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { coverage } from "../spec/rfc/coverage.ts";
import {
  codeSpansOf,
  documentAt,
  root,
  rowsOf,
  sectionOf,
} from "./documents.ts";

const map = documentAt("test/README.md");
const check = readFileSync(`${root}test/check.ts`, "utf8");
const headings = [...map.text.matchAll(/^### (.*)$/gm)].map(([, text = ""]) =>
  text
);
const promises = headings.flatMap((heading) => {
  return rowsOf({ ...map, text: sectionOf(map, heading) }, "promise");
});
/** What the columns of tests name, each a path below test. */
const named = promises.flatMap(([, rule = "", system = ""]) => {
  return [...codeSpansOf(rule), ...codeSpansOf(system)];
}).map((name) => name.endsWith(".ts") ? name : `${name}.test.ts`);

test("whatever the map names is there", () => {
  const missing = named.filter((path) => !existsSync(`${root}test/${path}`));
  assert.deepEqual(missing, []);
});

test("each file of tests is in the map", () => {
  const files = readdirSync(`${root}test`, { recursive: true }).map(String)
    .filter((path) => path.endsWith(".test.ts"))
    .filter((path) => !path.includes("node_modules"));
  assert.ok(files.length > 80);
  assert.deepEqual(files.filter((path) => !named.includes(path)), []);
});

test("each promise says where its rule is tested, or where on a real system", () => {
  assert.ok(promises.length > 50);
  for (const [promise = "", rule = "", system = ""] of promises) {
    assert.ok(codeSpansOf(rule + system).length > 0, promise);
  }
});

test("each row that the map names is one of the coverage table", () => {
  const ids = coverage.map(({ id }) => id);
  const rows = promises.map(([, , , row = ""]) => row).filter((row) =>
    row !== ""
  );
  assert.ok(rows.length > 15);
  assert.deepEqual(rows.filter((row) => !ids.includes(row)), []);
});

test("the commands of the map are those that check.ts runs, with --all and without", () => {
  const shown = rowsOf(map, "command").map(([command = ""]) =>
    command.replaceAll("`", "")
  );
  const run = [...check.matchAll(/"(bun test\/[\w/]+\.ts)[ "]/g)]
    .map(([, command = ""]) => command);
  const added = new Set(run.filter((command) => command.split("/").length > 3));
  const commands = shown.filter((command) => command.split("/").length > 3);
  assert.deepEqual(commands, [...added]);
});
