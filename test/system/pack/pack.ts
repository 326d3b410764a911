/**
 * Makes the package by `npm pack` and installs it where its users would: in a
 * project for Bun, for Node.js, for a bundler and for Deno, each in a directory
 * of its own, and runs the README's example there. Then what JSR would get.
 * Needs both runtimes, Node.js 20 with npm, git and tar.
 *
 *   bun test/system/pack/pack.ts
 */

import process from "node:process";
import { Checks } from "../../support/checks.ts";
import { requirePackages } from "../../support/packages.ts";
import { checkBunProject } from "./bun_project.ts";
import { checkBundles } from "./bundles.ts";
import { checkDenoProject } from "./deno_project.ts";
import { checkJsr } from "./jsr.ts";
import { checkNodeProject } from "./node_project.ts";
import { requireDevelopmentPackages, requirePrograms } from "./programs.ts";
import { Scratch } from "./scratch.ts";
import { checkStrangeFolders } from "./strange_folders.ts";
import { checkContents, pack } from "./tarball.ts";
import { checkTestRunners } from "./test_runners.ts";
import { checkTypes } from "./type_matrix.ts";

process.exit(await main());

async function main(): Promise<number> {
  try {
    requirePrograms();
    requireDevelopmentPackages();
    requirePackages(new URL("./", import.meta.url));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  const scratch = new Scratch();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => process.exit(1));
  }
  const checks = new Checks();
  const sentence =
    "npm pack makes the package that the README names, and leaves no file behind";
  const tarball = await checks.check(sentence, () => pack(scratch));
  if (tarball !== null) {
    const trial = { checks, scratch, tarball };
    await checkContents(trial);
    await checkBunProject(trial);
    await checkStrangeFolders(trial);
    await checkNodeProject(trial);
    await checkTypes(trial);
    await checkTestRunners(trial);
    await checkBundles(trial);
    await checkDenoProject(trial);
    await checkJsr(trial);
  }
  console.log(`${checks.passed} passed, ${checks.failed} failed`);
  return checks.failed === 0 ? 0 : 1;
}
