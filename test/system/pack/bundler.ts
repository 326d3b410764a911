/**
 * The bundler, installed beside this file as package-lock.json says.
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("./", import.meta.url));

/** The bundler's command line, a program for Node.js. */
export const bundler: string = `${folder}node_modules/esbuild/bin/esbuild`;

/** Installs the bundler if it is missing or of another version. Throws if that fails. */
export function requireBundler(): void {
  if (isInstalled()) return;
  console.error("installing the bundler: npm ci");
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
    throw new Error("npm ci failed in test/system/pack.");
  }
}

function isInstalled(): boolean {
  const file = `${folder}node_modules/esbuild/package.json`;
  const { dependencies } = readJson(`${folder}package.json`);
  return existsSync(file) &&
    readJson(file)["version"] === Object(dependencies)["esbuild"];
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
