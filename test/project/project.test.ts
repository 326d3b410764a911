/**
 * The project itself: one version, one list of exports, no dependencies,
 * nothing at the top level that does not belong there, and no more permissions
 * than the settings need.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { shippedPermissions } from "../support/server_process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packageJson = JSON.parse(readText("package.json"));
const denoJson = JSON.parse(readText("deno.json"));

test("package.json, deno.json and the command line agree on the version", () => {
  assert.match(packageJson.version, /^\d+\.\d+\.\d+$/);
  assert.equal(denoJson.version, packageJson.version);
  assert.ok(
    readText("src/server/version.ts").includes(
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
    const types = `${emitted}.d.ts`;
    // What is emitted runs everywhere, or on Deno, and Node.js has no types.
    const targets = ["./jwt", "./http"].includes(name)
      ? { types, bun: path, default: `${emitted}.js` }
      : {
        bun: { types, default: path },
        deno: { types, default: `${emitted}.js` },
        node: { types: "./dist/needs_bun_or_deno.d.ts" },
        types,
      };
    // As a text, for the first condition that holds is taken.
    assert.equal(
      JSON.stringify(packageJson.exports[name]),
      JSON.stringify(targets),
    );
    assert.ok(readText(path).startsWith("/**"));
  }
  assert.match(readText(commandLine), /^#!\/usr\/bin\/env -S bun .*\n\/\*\*/);
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

test("the tasks of Deno allow what the settings need, and nothing else", () => {
  // What that is: test/unit/server/permissions.test.ts
  const needed = "$(deno run --allow-env src/main.ts permissions)";
  const { start, dev } = denoJson.tasks;
  // The variable: see "Passwords" in src/server/README.md.
  const variable = "MALLOC_MMAP_THRESHOLD_=16777216";
  assert.equal(start, `${variable} deno run ${needed} src/main.ts`);
  assert.equal(dev, `deno run --watch ${needed} src/main.ts`);
});

test("the image on Deno allows what its settings need, and its health check less", () => {
  const text = readText("test/system/image/deno.Dockerfile")
    .replaceAll("\\\n", "");
  const wordsOf = (pattern: RegExp): readonly string[] => {
    return JSON.parse(pattern.exec(text)?.[1] ?? "");
  };
  const needed = shippedPermissions({
    JWT_SECRET_FILE: "/run/secrets",
    DATABASE_URL: "sqlite:/data",
  });
  const main = "/onejot/src/main.ts";
  const entryPoint = wordsOf(/^ENTRYPOINT (\[.*\])$/m);
  assert.deepEqual(entryPoint, ["deno", "run", ...needed, main]);
  const allowed = ["--allow-env=HOST,PORT", "--allow-net=127.0.0.1:8080"];
  const others = needed.filter((word) => !word.startsWith("--allow-"));
  const check = wordsOf(/^HEALTHCHECK CMD (\[.*\])$/m);
  const options = [...others, ...allowed];
  assert.deepEqual(check, ["deno", "run", ...options, main, "health"]);
});

test("wherever onejot starts Bun, that takes nothing from the folder that one stands in", () => {
  const bun =
    "bun --no-env-file --config=/dev/null --tsconfig-override=/dev/null";
  const { start, dev } = packageJson.scripts;
  assert.equal(start, `${bun} src/main.ts`);
  assert.equal(dev, `${bun} --watch src/main.ts`);
  const [firstLine] = readText("src/main.ts").split("\n");
  assert.equal(firstLine, `#!/usr/bin/env -S ${bun}`);
  const dockerfile = readText("Dockerfile").replaceAll("\\\n", "");
  const commands = [...dockerfile.matchAll(/(?:CMD|^ENTRYPOINT) (\[.*\])$/gm)]
    .map(([, words = ""]) => JSON.parse(words).join(" "));
  assert.deepEqual(commands, [
    `${bun} src/main.ts health`,
    `${bun} src/main.ts`,
  ]);
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
