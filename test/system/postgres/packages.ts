/**
 * postgres.js, installed beside this file as package-lock.json says.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("./", import.meta.url));

/** Installs it if it is missing or of another version. Throws if that fails. */
export function requirePackages(): void {
  if (isInstalled()) return;
  console.error("installing postgres.js: npm ci");
  const { status } = spawnSync("npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0 || !isInstalled()) {
    throw new Error("npm ci failed in test/system/postgres.");
  }
}

function isInstalled(): boolean {
  const { dependencies } = readJson(`${folder}package.json`);
  const file = `${folder}node_modules/postgres/package.json`;
  return existsSync(file) &&
    readJson(file)["version"] === Object(dependencies).postgres;
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
