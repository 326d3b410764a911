/**
 * The project itself: one version, one list of exports, no dependencies, nothing at the top level
 * that does not belong there, and no more permissions than the settings need.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { settings } from "../src/config.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const packageJson = JSON.parse(readText("package.json"));
const denoJson = JSON.parse(readText("deno.json"));

test("package.json, deno.json and the command line agree on the version", () => {
  assert.match(packageJson.version, /^\d+\.\d+\.\d+$/);
  assert.equal(denoJson.version, packageJson.version);
  assert.ok(readText("src/main.ts").includes(`const version = "${packageJson.version}";`));
});

test("both packages export the same, and each exported file is there", () => {
  assert.deepEqual(denoJson.exports, packageJson.exports);
  assert.equal(packageJson.name, "onejot");
  assert.equal(denoJson.name, "@onejot/onejot");
  for (const path of [...Object.values(packageJson.exports), packageJson.bin.onejot]) {
    assert.ok(readText(String(path)).startsWith("/**") || path === packageJson.bin.onejot);
  }
});

test("there are no dependencies, and two development packages, pinned exactly", () => {
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    assert.ok(!Object.hasOwn(packageJson, kind), kind);
  }
  assert.deepEqual(Object.keys(packageJson.devDependencies), ["@types/bun", "typescript"]);
  for (const version of Object.values(packageJson.devDependencies)) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/);
  }
  assert.ok(!Object.hasOwn(denoJson, "imports"));
});

test("the top level holds what the design names, and dot files", () => {
  const named = [
    ...["src", "test", "deno.json", "package.json", "tsconfig.json", "Dockerfile", "README.md"],
    ...["LICENSE", "bun.lock", "deno.lock", "node_modules"],
  ];
  for (const name of readdirSync(root)) {
    assert.ok(name.startsWith(".") || named.includes(name), name);
  }
});

test("deno task start may use the network and read the settings, and nothing else", () => {
  const names = settings.map(([name]) => name).join(",");
  const flags = `--allow-net --allow-env=${names}`;
  assert.equal(denoJson.tasks.start, `deno run ${flags} src/main.ts`);
  assert.equal(denoJson.tasks.dev, `deno run --watch ${flags} src/main.ts`);
});

test("test names are unique, so that a report's line leads to one test", () => {
  const names: string[] = [];
  for (const path of readdirSync(`${root}test`, { recursive: true }).map(String)) {
    if (!path.endsWith(".test.ts") || path.includes("node_modules")) continue;
    const found = readText(`test/${path}`).matchAll(/^ *test\(\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/gm);
    names.push(...[...found].map(([, name = ""]) => name));
  }
  assert.ok(names.length > 300);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});

function readText(path: string): string {
  return readFileSync(new URL(path, `file://${root}`), "utf8");
}
