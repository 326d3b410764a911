/**
 * The package as npm packs it, and what is in it: the source as it stands, what
 * was made of it for those who cannot run it, and nothing else.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Checks } from "../../support/checks.ts";
import { root } from "./programs.ts";
import type { Project, Scratch } from "./scratch.ts";

/** The package. */
export interface Tarball {
  readonly path: string;
  /** A copy of this repository, which it was made of: without what git ignores. */
  readonly repository: Project;
}

/** What is checked, and where. */
export interface Trial {
  readonly checks: Checks;
  readonly scratch: Scratch;
  readonly tarball: Tarball;
}

/** The files of one export in package.json, by their conditions. */
type Targets = string | { readonly [condition: string]: Targets };

/** What Node.js finds in the place of declarations that are not for it. */
const notForNode = "dist/needs_bun_or_deno.d.ts";

/** Packs a copy of this repository, which installs by itself what that needs. */
export async function pack(scratch: Scratch): Promise<Tarball> {
  const repository = scratch.project("repository");
  for (const path of filesOfGit()) {
    cpSync(join(root, path), join(repository.folder, path));
  }
  // As a fresh clone: nothing is installed.
  const before = readdirSync(repository.folder);
  const { folder } = scratch.project("tarball");
  await repository.run(["npm", "pack", "--pack-destination", folder]);
  const after = readdirSync(repository.folder).sort();
  assert.deepEqual(after, [...before, "node_modules"].sort());
  const name = `onejot-${readPackageJson(root).version}.tgz`;
  assert.deepEqual(readdirSync(folder), [name]);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const named = [...readme.matchAll(/\bonejot-[\d.]+\.tgz\b/g)].map(([found]) =>
    found
  );
  assert.deepEqual(new Set(named), new Set([name]));
  return { path: join(folder, name), repository };
}

/** Checks what is in the package. */
export async function checkContents(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const unpacked = scratch.project("unpacked");
  await unpacked.run(["tar", "--extract", "--file", tarball.path]);
  const folder = join(unpacked.folder, "package");
  const paths = listFiles(folder);
  const emitted = paths.filter((path) => path.startsWith("dist/"));

  await checks.check(
    "It holds LICENSE, README, package.json, src byte for byte, and dist",
    () => {
      const { folder: own } = tarball.repository;
      const source = listFiles(own).filter((path) => path.startsWith("src/"));
      const expected = ["LICENSE", "README.md", "package.json", ...source];
      assert.deepEqual(
        paths.filter((path) => !emitted.includes(path)),
        expected.sort(),
      );
      for (const path of expected) {
        const isSame = readFileSync(join(folder, path)).equals(
          readFileSync(join(own, path)),
        );
        assert.ok(isSame, `${path} is another`);
      }
      assert.deepEqual(
        source.filter((path) =>
          !/\.(?:ts|html|css|svg)$|\/README\.md$/.test(path)
        ),
        [],
      );
      assert.ok(source.length > 50);
    },
  );

  await checks.check(
    "dist has JavaScript and declarations of what is exported, no more",
    () => {
      const expected = exportedModules(folder)
        .flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]);
      assert.deepEqual(emitted, [...expected, notForNode].sort());
    },
  );

  await checks.check(
    "Each path in package.json and each import in dist leads to a file",
    () => {
      const { exports, bin } = readPackageJson(folder);
      const named = [...filesOf(exports), join(bin.onejot)];
      const imported = emitted.flatMap((path) => importsOf(folder, path));
      const missing = [...named, ...imported].filter((path) =>
        !paths.includes(path)
      );
      assert.deepEqual(missing, []);
      assert.ok(imported.length > 100);
    },
  );

  // It has each module twice, as TypeScript and as JavaScript, and the list of
  // common passwords with them. Much more than that would be a folder that was
  // packed by mistake.
  await checks.check("It is small", (note) => {
    const unpackedBytes = paths.reduce(
      (sum, path) => sum + sizeOf(join(folder, path)),
      0,
    );
    const bytes = sizeOf(tarball.path);
    note(`${bytes} bytes, ${unpackedBytes} unpacked`);
    assert.ok(
      bytes < 340 * 1024 && unpackedBytes < 1200 * 1024,
      "that is too much",
    );
  });
}

/**
 * What the exports of package.json reach by their imports, each such as
 * `jwt/key`: it must be made of a source.
 */
function exportedModules(folder: string): readonly string[] {
  const { exports } = readPackageJson(folder);
  const reached = new Set<string>();
  function visit(path: string): void {
    if (reached.has(path)) return;
    reached.add(path);
    for (const imported of importsOf(folder, path)) {
      // What is imported as text lies in src.
      if (imported.startsWith("dist/")) visit(imported);
    }
    // Types that no JavaScript imports are imported by its declarations.
    if (path.endsWith(".js")) visit(path.replace(/\.js$/, ".d.ts"));
  }
  for (const path of filesOf(exports)) {
    // Bun takes the source.
    if (path.startsWith("dist/") && path !== notForNode) visit(path);
  }
  const modules = [...reached].map((path) =>
    path.replace(/^dist\/(.*?)(?:\.d\.ts|\.js)$/, "$1")
  );
  for (const name of modules) {
    const source = join(folder, `src/${name}.ts`);
    assert.ok(existsSync(source), `${name} is made of nothing`);
  }
  return [...new Set(modules)];
}

/** The files that exports lead to, under whatever conditions. */
function filesOf(targets: Targets): readonly string[] {
  if (typeof targets === "string") return [join(targets)];
  return Object.values(targets).flatMap(filesOf);
}

/** The paths that a file imports, as code or as text. */
function importsOf(folder: string, path: string): readonly string[] {
  const text = readFileSync(join(folder, path), "utf8");
  const found = text.matchAll(/(?: from |^import |\bimport\()"(\.[^"]+)"/gm);
  return [...found].map(([, imported = ""]) => join(dirname(path), imported));
}

/** The files that belong to this repository, or are about to. */
function filesOfGit(): readonly string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { status, stdout, stderr } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) {
    throw new Error(
      `git does not list the files of this repository: ${stderr}`,
    );
  }
  return stdout.split("\0").filter((path) =>
    path !== "" && existsSync(join(root, path))
  );
}

/** The paths of all files below a folder, in order. */
function listFiles(folder: string): readonly string[] {
  const paths = readdirSync(folder, { recursive: true }).map(String);
  return paths.filter((path) => lstatSync(join(folder, path)).isFile()).sort();
}

function sizeOf(file: string): number {
  return lstatSync(file).size;
}

function readPackageJson(folder: string) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
