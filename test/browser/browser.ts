/**
 * The page at `/` in a real browser: headless Chromium, driven by playwright-core, in front of the
 * real server on Bun and on Deno. --pictures DIRECTORY writes what it looks like: light, dark, narrow.
 *
 *   bun test/browser/browser.ts
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { findChromium } from "../engines/programs.ts";
import { Checks } from "../image/checks.ts";

const here = fileURLToPath(new URL("./", import.meta.url));
const checks = new Checks();
const folder = mkdtempSync(join(tmpdir(), "onejot-browser-"));
try {
  requirePackage();
  const { checkPage } = await import("./page.ts"); // imports the package
  const chromium = absolute(findChromium().path);
  for (const runtime of ["Bun", "Deno"] as const) {
    await checkPage(checks, { runtime, chromium, folder, pictures: picturesDirectory() });
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
  return spawnSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" }).stdout.trim();
}

function picturesDirectory(): string | null {
  const index = process.argv.indexOf("--pictures");
  return index < 0 ? null : process.argv[index + 1] ?? ".";
}

/** Installs the driver as package-lock.json says, where it is not there. */
function requirePackage(): void {
  const pinned = versionIn(`${here}package.json`, (json) => json.dependencies["playwright-core"]);
  const file = `${here}node_modules/playwright-core/package.json`;
  if (existsSync(file) && versionIn(file, (json) => json.version) === pinned) return;
  console.error("installing playwright-core: npm ci");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: here,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("playwright-core cannot be installed: npm ci failed.");
}

function versionIn(
  file: string,
  read: (json: { version: string; dependencies: Record<string, string> }) => string | undefined,
): string {
  return read(JSON.parse(readFileSync(file, "utf8"))) ?? "";
}
