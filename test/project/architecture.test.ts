/**
 * The design, held: which file may import which, and what no file may contain.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../src/", import.meta.url));

interface SourceFile {
  /** Below src, such as `jwt/key.ts`. */
  readonly path: string;
  /** The folder below src, or the file itself at the top. */
  readonly unit: string;
  readonly text: string;
  /** The text without comments, strings and regular expressions. */
  readonly code: string;
  /**
   * What it imports or hands on: paths below src, or names of built-in modules.
   */
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(root, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith(".ts"))
  .sort()
  .map(readSource);

test("imports run one way, and jwt and http stand alone", () => {
  const allowed: Record<string, readonly string[]> = {
    "jwt": [],
    "http": [],
    "inspect": ["jwt"],
    "auth": ["jwt", "http"],
    "storage": ["auth"],
    "page": ["inspect", "jwt"],
    "server": ["storage", "auth", "http", "jwt"],
    "cli": ["server", "auth", "inspect", "jwt"],
    "main.ts": ["cli", "server", "jwt"],
  };
  for (const { path, unit, imports } of files) {
    for (
      const imported of imports.filter((name) => !name.startsWith("node:"))
    ) {
      const target = unitOf(imported);
      const isAllowed = target === unit || allowed[unit]?.includes(target);
      assert.ok(isAllowed, `${path} imports ${imported}`);
    }
  }
});

test("jwt, http and auth are reached through their front doors, and storage takes only types of auth", () => {
  const frontDoors = ["jwt/jwt.ts", "http/http.ts", "auth/auth.ts"];
  const withDoors = frontDoors.map(unitOf);
  for (const { path, unit, imports, text } of files) {
    for (const imported of imports) {
      const target = unitOf(imported);
      if (target === unit || !withDoors.includes(target)) continue;
      assert.ok(frontDoors.includes(imported), `${path}: ${imported}`);
    }
    if (!frontDoors.includes(path)) {
      assert.doesNotMatch(
        text,
        /^export (?:type )?(?:\*|\{[^}]*\}) from /m,
        `${path} hands on other files' exports`,
      );
    }
    if (unit === "storage") {
      assert.doesNotMatch(text, /^import (?!type )[^;]*auth\.ts/m);
    }
  }
});

test("no import leads back to where it started", () => {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), [...trail, path].join(" -> "));
    if (finished.has(path)) return;
    for (const imported of importsOf.get(path) ?? []) {
      visit(imported, [...trail, path]);
    }
    finished.add(path);
  };
  for (const { path } of files) visit(path, []);
});

test("jwt and http use the platform alone, and nothing but the runtimes' own modules is imported", () => {
  const builtIn = [
    "crypto",
    "fs",
    "net",
    "path",
    "process",
    "sqlite",
    "timers",
    "util",
  ]
    .map((name) => `node:${name}`);
  for (const { path, unit, imports } of files) {
    for (const name of imports.filter((name) => !isOurs(name))) {
      assert.ok(builtIn.includes(name), `${path} imports ${name}`);
      assert.ok(unit !== "jwt" && unit !== "http", `${path} imports ${name}`);
    }
  }
});

test("only the two adapters name Bun and Deno", () => {
  const adapters = ["server/bun.ts", "server/deno.ts"];
  for (const { path, code } of files) {
    const names = /\b(?:Bun|Deno)\b/.exec(code);
    assert.ok(names === null || adapters.includes(path), path);
  }
});

test("there is no escape hatch in src", () => {
  const hatches: [string, RegExp][] = [
    // As a type; "any:" is the name of a member.
    ["any", /\bany\b(?!:)/],
    ["a non-null assertion", /[\w)\]]!(?:[.;,)\]}\s]|$)(?!=)/m],
    ["a Proxy", /\bProxy\b/],
    ["a generated RegExp", /\bRegExp\s*\(/],
    ["eval", /\b(?:eval|Function)\s*\(/],
  ];
  for (const { path, code, text } of files) {
    for (const [name, pattern] of hatches) {
      assert.doesNotMatch(code, pattern, `${path}: ${name}`);
    }
    assert.doesNotMatch(text, /@ts-|lint-ignore|TODO|FIXME|XXX/, path);
  }
});

test("no file is a drawer and no folder lies under a folder", () => {
  for (const { path } of files) {
    assert.ok(path.split("/").length <= 2, path);
    assert.doesNotMatch(
      path,
      /(?:util|helper|common|lib|types|misc|shared)s?\.ts$/,
    );
  }
});

test("each file begins with a comment that says what it is", () => {
  for (const { path, text } of files) {
    assert.match(text, /^(?:#!.*\n)?\/\*\*\n(?: \*.*\n)+ \*\//, path);
  }
});

function readSource(path: string): SourceFile {
  const text = readFileSync(root + path, "utf8");
  const code = text
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/\/\/ .*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '""')
    .replace(
      /(?<=[(=,:?\s]\s*)\/(?![/*\s])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g,
      "0",
    );
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gm),
  ];
  const atRunTime =
    /\bimport\s*\((?!"node:|"\.[^"]+", \{ with: \{ type: "text" \} \}\))/;
  // But modules of the runtime, and texts.
  assert.doesNotMatch(text, atRunTime, `${path} imports at run time`);
  const imports = specifiers.map(([, specifier = ""]) =>
    resolve(path, specifier)
  );
  return { path, unit: unitOf(path), text, code, imports };
}

function resolve(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return fileURLToPath(new URL(specifier, `file://${root}${path}`)).slice(
    root.length,
  );
}

function unitOf(path: string): string {
  return path.split("/")[0] ?? path;
}

function isOurs(name: string): boolean {
  return files.some(({ path }) => path === name);
}
