/**
 * The packages that some checks and comparisons need. They are installed into
 * the folder of whoever needs them, as its package-lock.json says, and no
 * script of theirs is run. Nothing may import one before they are there.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Installs the packages that a folder's package.json pins, if one of them is
 * missing or of another version; the folder of a module is
 * `new URL("./", import.meta.url)`. Says whether it has installed them: a
 * process that has looked for packages may find no new ones, and has to
 * {@link runAgain}.
 *
 * @throws Error if they cannot be installed.
 */
export function requirePackages(folder: URL): boolean {
  if (areInstalled(folder)) return false;
  const names = [...pinnedVersions(folder).keys()].join(", ");
  console.error(`installing ${names}: npm ci`);
  const { status } = spawnSync(
    "npm",
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    { cwd: folder, stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0 || !areInstalled(folder)) {
    throw new Error(
      `npm ci failed in ${relative(root, fileURLToPath(folder))}.`,
    );
  }
  return true;
}

/**
 * The packages that the folder's package.json names, with their versions. One
 * that is there under another name is pinned as `npm:typescript@5.4.5`.
 */
export function pinnedVersions(folder: URL): ReadonlyMap<string, string> {
  const { dependencies } = readJson(new URL("package.json", folder));
  return new Map(
    Object.entries<string>(Object(dependencies)).map(([name, pinned]) => {
      return [name, pinned.replace(/^npm:.*@/, "")];
    }),
  );
}

/** Runs this program anew with the same arguments; gives its exit code. */
export function runAgain(): number {
  const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const { status } = spawnSync(
    process.execPath,
    [...runtime, ...process.argv.slice(1)],
    { stdio: "inherit" },
  );
  return status ?? 1;
}

function areInstalled(folder: URL): boolean {
  for (const [name, version] of pinnedVersions(folder)) {
    const file = new URL(`node_modules/${name}/package.json`, folder);
    if (!existsSync(file) || readJson(file)["version"] !== version) {
      return false;
    }
  }
  return true;
}

function readJson(file: URL): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
