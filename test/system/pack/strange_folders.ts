/**
 * The installed command where a stranger has filled the folder that one stands
 * in: it runs nothing of the folder's and takes no setting of it. A runner of
 * packages is asked only for what it does itself: bunx, npx and `bun run` look
 * for the command in the folder first, and npx reads the folder's .npmrc.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  fillFolder,
  mark,
  tokenOfFolder,
} from "../../support/hostile_folder.ts";
import type { Command } from "../../support/process.ts";
import { sampleFiles } from "./samples.ts";
import type { Project } from "./scratch.ts";
import type { Trial } from "./tarball.ts";
import { requireTrial } from "./trial_server.ts";

const quiet = ["--no-audit", "--no-fund"];

/** Checks the command in folders that are full of files for runtimes. */
export async function checkStrangeFolders(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("strange", {
    "package.json": sampleFiles["package.json"],
  });
  const { folder: prefix } = scratch.project("prefix");
  await project.run(["bun", "add", tarball.path]);
  const forAll = ["npm", "install", "--global", "--prefix", prefix, ...quiet];
  await project.run([...forAll, tarball.path]);
  fillFolder(project.folder);
  // deno-fmt-ignore
  const forms: [name: string, command: Command][] = [
    ["onejot, installed for all", [join(prefix, "bin/onejot")]],
    ["node_modules/.bin/onejot", ["node_modules/.bin/onejot"]],
    ["bunx onejot", ["bunx", "--no-install", "onejot"]],
    ["npx onejot", ["npx", "--no-install", "onejot"]],
    ["bun run onejot", ["bun", "run", "--silent", "onejot"]],
  ];
  for (const [name, command] of forms) {
    await checks.check(
      `In a stranger's folder, ${name} runs nothing of it and takes no secret`,
      () => requireOwnWays(project, command),
    );
  }
}

/** Throws where the folder has a say in what the command does. */
async function requireOwnWays(
  project: Project,
  command: Command,
): Promise<void> {
  const key = await project.run([...command, "key"]);
  assert.match(key.stdout, /^[\w-]{43}\n$/);
  const token = await tokenOfFolder();
  const decoded = await project.run([...command, "decode", token]);
  assert.match(decoded.stdout, /^Signature +unknown +There is no secret/m);
  for (const { stdout, stderr } of [key, decoded]) {
    assert.ok(!(stdout + stderr).includes(mark), stderr);
  }
  await project.serve(command, requireTrial);
}
