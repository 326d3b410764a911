/**
 * The page at `/` in a real browser: headless Chromium, driven by playwright-core, in front of the
 * real server on Bun and on Deno. --pictures DIRECTORY writes what it looks like: light, dark, narrow.
 *
 *   bun test/system/browser/browser.ts
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findChromium } from "../../compare/engines/programs.ts";
import { Checks } from "../../support/checks.ts";

const here = fileURLToPath(new URL("./", import.meta.url));
const checks = new Checks();
const folder = mkdtempSync(join(tmpdir(), "onejot-browser-"));
try {
  requirePackages();
  const { checkPage } = await import("./page.ts"); // imports the packages
  const program = absolute(findChromium().path);
  const pictures = picturesDirectory();
  const outcomes = await Promise.allSettled([
    checkPage(checks, { runtime: "Bun", program, folder, pictures }),
    checkPage(checks, { runtime: "Deno", program, folder, pictures: null }),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
} catch (error) {
  checks.failed++;
  console.error(error instanceof Error ? error.message : error);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

/** The driver looks up no PATH. */
function absolute(program: string): string {
  return spawnSync("sh", ["-c", 'command -v "$0"', program], {
    encoding: "utf8",
  }).stdout.trim();
}

function picturesDirectory(): string | null {
  const index = process.argv.indexOf("--pictures");
  return index < 0 ? null : process.argv[index + 1] ?? ".";
}

/** Installs what package-lock.json says, where it is not there. */
function requirePackages(): void {
  const { dependencies } = readJson(`${here}package.json`);
  const pinned = Object.entries<string>(Object(dependencies));
  const isInstalled = pinned.every(([name, version]) => {
    const file = `${here}node_modules/${name}/package.json`;
    return existsSync(file) && readJson(file)["version"] === version;
  });
  if (isInstalled) return;
  const names = pinned.map(([name]) => name).join(" and ");
  console.error(`installing ${names}: npm ci`);
  const { status } = spawnSync("npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) {
    throw new Error(`${names} cannot be installed: npm ci failed.`);
  }
}

function readJson(file: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(readFileSync(file, "utf8")));
}
