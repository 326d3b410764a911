/**
 * What is told to those who change onejot: the commands are there, the
 * changelog knows the version. And what is taken from elsewhere to check a
 * change: all of it is named by a digest that nobody can give to another thing.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeSpansOf, documentAt, root, rowsOf } from "./documents.ts";

const contributing = documentAt(".github/CONTRIBUTING.md");
const workflow = readText(".github/workflows/check.yml");
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

test("each action of a workflow is named by a commit, with its version beside it", () => {
  const files = readdirSync(`${root}.github/workflows`);
  assert.deepEqual(files, ["check.yml"]);
  const used = [...workflow.matchAll(/\buses: (.*)$/gm)]
    .map(([, action = ""]) => action);
  assert.ok(used.length > 0);
  for (const action of used) {
    assert.match(action, /^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  }
  assert.match(workflow, /^ +runs-on: ubuntu-\d\d\.\d\d$/m);
  assert.match(workflow, /^ +node-version: \d+\.\d+\.\d+$/m);
});

test("each file that the workflow fetches has its digest in .ci, and .ci/run compares both", () => {
  const listed = ["rfc", "wycheproof"].flatMap((name) => {
    const file = `${name}.sha256`;
    const lines = readText(`.ci/${file}`).trimEnd().split("\n");
    assert.ok(readText(".ci/run").includes(` ${file}\n`), file);
    return lines.map((line) => {
      assert.match(line, /^[\da-f]{64} {2}[\w.]+$/);
      return line.split("  ")[1];
    });
  });
  const valuesOf = (name: string) => {
    const loop = new RegExp(`for ${name} in (.*); do`);
    return loop.exec(workflow)?.[1]?.split(" ") ?? [];
  };
  const fetched = [
    ...valuesOf("number").map((number) => `rfc${number}.txt`),
    ...valuesOf("name").map((name) => `${name}.json`),
  ];
  assert.equal(fetched.length, workflow.split("curl ").length + 2);
  assert.deepEqual(listed.sort(), fetched.sort());
  assert.match(workflow, /^ +WYCHEPROOF_COMMIT: [\da-f]{40}$/m);
});

test("each package that a lock file names has its digest there, and no script of it is run", () => {
  const locks = lockFiles();
  assert.ok(locks.length > 4);
  for (const path of locks) {
    const { packages } = JSON.parse(readText(path));
    for (const [name, entry] of Object.entries<object>(packages)) {
      if (name === "") continue;
      assert.ok("integrity" in entry, `${path}: ${name}`);
      assert.match(String(entry.integrity), /^sha512-[\w+/]{86}==$/, name);
    }
  }
  // A package of Bun's is a list that ends with its digest.
  const bunLock = readText("bun.lock");
  const [, entries = ""] = /"packages": \{([^]*)\n {2}\}/.exec(bunLock) ?? [];
  const lines = entries.split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length > 2);
  for (const line of lines) {
    assert.match(line, /"sha512-[\w+/]{86}=="\],$/);
  }
  const run = readText(".ci/run");
  assert.ok(run.includes("npm ci --ignore-scripts "));
  assert.doesNotMatch(run, /npm (?:i|install|exec)\b|npx|(?:curl|wget) -/);
});

test("what .ci/run installs is what the base images have", () => {
  const { dependencies } = JSON.parse(readText(".ci/package.json"));
  const files = {
    bun: "Dockerfile",
    deno: "test/system/image/deno.Dockerfile",
  };
  for (const [name, file] of Object.entries(files)) {
    const version = String(dependencies[name]);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    const [, base = ""] = /^ARG BASE=(.*)$/m.exec(readText(file)) ?? [];
    assert.ok(base.includes(version), base);
    assert.match(readText(file), /^FROM \$\{BASE\}$/m);
  }
});

test("the changelog has what is unreleased, and then the present version", () => {
  const { text } = documentAt(".github/CHANGELOG.md");
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name);
  const numbers = headings.map((heading) => heading?.split(" ")[0]);
  assert.equal(numbers[0], "Unreleased");
  assert.equal(numbers[1], packageJson.version);
});

function readText(path: string): string {
  return readFileSync(root + path, "utf8");
}

/** The lock files of npm in this repository. */
function lockFiles(): readonly string[] {
  const paths = readdirSync(`${root}test`, { recursive: true }).map(String)
    .filter((path) => path.endsWith("package-lock.json"))
    .filter((path) => !path.includes("node_modules"));
  return [".ci/package-lock.json", ...paths.map((path) => join("test", path))];
}
