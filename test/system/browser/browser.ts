/**
 * The page at `/` in a real browser: headless Chromium, driven by
 * playwright-core, in front of the real server on Bun and on Deno. --pictures
 * DIRECTORY writes what it looks like: light, dark, narrow.
 *
 *   bun test/system/browser/browser.ts
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { findChromium } from "../../compare/engines/programs.ts";
import { Checks } from "../../support/checks.ts";
import { requirePackages } from "../../support/packages.ts";
import { withFolder } from "../../support/temp.ts";

const checks = new Checks();
try {
  requirePackages(new URL("./", import.meta.url));
  await withFolder(checkOnBoth);
} catch (error) {
  checks.failed++;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

/** Checks the page on both runtimes at once, with files in this folder. */
async function checkOnBoth(folder: string): Promise<void> {
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
}

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
