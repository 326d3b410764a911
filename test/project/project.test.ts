/**
 * The project itself: one version, one list of exports, no dependencies,
 * nothing at the top level that does not belong there, and no more permissions
 * than the settings need.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { settings } from "../../src/server/config.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packageJson = JSON.parse(readText("package.json"));
const denoJson = JSON.parse(readText("deno.json"));

test("package.json, deno.json and the command line agree on the version", () => {
  assert.match(packageJson.version, /^\d+\.\d+\.\d+$/);
  assert.equal(denoJson.version, packageJson.version);
  assert.ok(
    readText("src/main.ts").includes(
      `const version = "${packageJson.version}";`,
    ),
  );
});

test("both packages export the same, and each exported file is there", () => {
  assert.equal(packageJson.name, "onejot");
  assert.equal(denoJson.name, "@onejot/onejot");
  const { ".": commandLine, ...modules } = denoJson.exports;
  assert.equal(commandLine, `./${packageJson.bin.onejot}`);
  assert.deepEqual(Object.keys(packageJson.exports), Object.keys(modules));
  for (const [name, path] of Object.entries<string>(modules)) {
    const emitted = path.replace("./src/", "./dist/").replace(".ts", "");
    // What is emitted runs on Deno, or everywhere.
    const runtime = ["./jwt", "./http"].includes(name) ? "default" : "deno";
    // In this order: the first that holds is taken.
    assert.deepEqual(Object.entries(packageJson.exports[name]), [
      ["types", `${emitted}.d.ts`],
      ["bun", path],
      [runtime, `${emitted}.js`],
    ]);
    assert.ok(readText(path).startsWith("/**"));
  }
  assert.ok(readText(commandLine).startsWith("#!/usr/bin/env bun\n/**"));
});

test("a program in this repository finds the sources by the names of the package", () => {
  const { ".": _commandLine, ...modules } = denoJson.exports;
  const named = Object.entries(modules).map(([name, path]) => {
    return [name.replace(".", "onejot"), path];
  });
  // Bun and tsc go by package.json.
  assert.deepEqual(denoJson.imports, Object.fromEntries(named));
});

test("there are no dependencies, and two development packages, pinned exactly", () => {
  for (
    const kind of ["dependencies", "peerDependencies", "optionalDependencies"]
  ) {
    assert.ok(!Object.hasOwn(packageJson, kind), kind);
  }
  assert.deepEqual(Object.keys(packageJson.devDependencies), [
    "@types/bun",
    "typescript",
  ]);
  for (const version of Object.values(packageJson.devDependencies)) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/);
  }
});

test("the top level holds what the design names, and dot files", () => {
  // deno-fmt-ignore
  const named = [
    "src", "test", "deno.json", "package.json", "tsconfig.json", "Dockerfile",
    "README.md",
    "LICENSE", "bun.lock", "deno.lock", "node_modules",
  ];
  for (const name of readdirSync(root)) {
    assert.ok(name.startsWith(".") || named.includes(name), name);
  }
});

test("deno task start may use the network and read the settings, and nothing else", () => {
  const names = settings.map(({ name }) => name).join(",");
  const flags = `--allow-net --allow-env=${names}`;
  const command = `deno run ${flags} src/main.ts`;
  // The variable: see "Passwords" in src/server/README.md.
  const variable = "MALLOC_MMAP_THRESHOLD_=16777216";
  assert.equal(denoJson.tasks.start, `${variable} ${command}`);
  assert.equal(denoJson.tasks.dev, `deno run --watch ${flags} src/main.ts`);
});

test("test names are unique, so that a report's line leads to one test", () => {
  const names: string[] = [];
  for (
    const path of readdirSync(`${root}test`, { recursive: true }).map(String)
  ) {
    if (!path.endsWith(".test.ts") || path.includes("node_modules")) continue;
    // slowTest: test/support/slow_test.ts; contract: test/support/places.ts
    const calls = readText(`test/${path}`).matchAll(
      /^ *(?:(?:test|slowTest|\w*[cC]ontract)\(|slowTestUnless\(\s*\w+,)\s*(?<name>"(?:[^"\\]|\\.)*"|`[^`]*`)/gm,
    );
    for (const { groups } of calls) names.push(groups?.["name"] ?? "");
  }
  assert.ok(names.length > 300);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});

function readText(path: string): string {
  return readFileSync(new URL(path, `file://${root}`), "utf8");
}
