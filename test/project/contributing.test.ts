/**
 * What is told to those who change onejot: the commands are there, the
 * changelog knows the version.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { codeSpansOf, documentAt, root, rowsOf } from "./documents.ts";

const contributing = documentAt(".github/CONTRIBUTING.md");
const packageJson = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const denoJson = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));

test("the commands that contributors are given are there", () => {
  const commands = rowsOf(contributing, "command")
    .map(([command = ""]) => command.replaceAll("`", ""));
  assert.ok(commands.length > 3);
  for (const command of [...commands, ...codeSpansOf(contributing.text)]) {
    const { script } = /^bun run (?<script>\S+)/.exec(command)?.groups ?? {};
    const { task } = /^deno task (?<task>\S+)/.exec(command)?.groups ?? {};
    if (script !== undefined) {
      assert.ok(Object.hasOwn(packageJson.scripts, script), command);
    }
    if (task !== undefined) {
      assert.ok(Object.hasOwn(denoJson.tasks, task), command);
    }
  }
});

test("the changelog has what is unreleased, and then the present version", () => {
  const { text } = documentAt(".github/CHANGELOG.md");
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name);
  const numbers = headings.map((heading) => heading?.split(" ")[0]);
  assert.equal(numbers[0], "Unreleased");
  assert.equal(numbers[1], packageJson.version);
});
