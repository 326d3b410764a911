/**
 * The packages that the benchmarks compare onejot with, installed beside this file as
 * package-lock.json says. Nothing here imports one: what does is imported, or started as a process,
 * after `requirePackages`.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("./", import.meta.url));

/** Installs the packages if one of them is missing or of another version. Throws if that fails. */
export function requirePackages(): void {
  if (arePackagesInstalled()) return;
  console.error("installing what test/compare/bench compares with: npm ci");
  const { status } = spawnSync("npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0 || !arePackagesInstalled()) {
    throw new Error("npm ci failed in test/compare/bench.");
  }
}

function arePackagesInstalled(): boolean {
  const { dependencies } = readJson(`${folder}package.json`);
  return Object.entries(Object(dependencies)).every(([name, version]) => {
    const file = `${folder}node_modules/${name}/package.json`;
    return existsSync(file) && readJson(file)["version"] === version;
  });
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
