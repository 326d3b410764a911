/**
 * A project for Bun, which runs the TypeScript of the package as it stands.
 */

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { bunTypes } from "./programs.ts";
import { examplePrints, sampleFiles, serverPrints } from "./samples.ts";
import type { Trial } from "./tarball.ts";
import { requireTrial } from "./trial_server.ts";
import { compile } from "./type_check.ts";

const resolutions = [
  ["as a bundler does", [
    "--module",
    "preserve",
    "--moduleResolution",
    "bundler",
  ]],
  ["under Bun's condition", [
    "--module",
    "nodenext",
    "--customConditions",
    "bun",
  ]],
] as const;

/** Checks the package in a project for Bun. */
export async function checkBunProject(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("bun", sampleFiles);

  await checks.check(
    "Bun: bun add installs it, and the README's example runs",
    async () => {
      await project.run(["bun", "add", tarball.path]);
      const { stdout } = await project.run(["bun", "example.ts"]);
      assert.equal(stdout, examplePrints);
    },
  );

  await checks.check(
    "Bun: what runs is the source, not what was made of it",
    async () => {
      const { stdout } = await project.run([
        "bun",
        "-p",
        'import.meta.resolve("onejot/jwt")',
      ]);
      assert.match(stdout, /\/onejot\/src\/jwt\/jwt\.ts\n$/);
    },
  );

  await checks.check("Bun: a program of all that it exports runs", async () => {
    const { stdout } = await project.run(["bun", "server.ts"]);
    assert.equal(stdout, serverPrints);
  });

  const types = join(project.folder, "node_modules/@types");
  mkdirSync(types, { recursive: true });
  symlinkSync(bunTypes, join(types, "bun"));
  for (const [name, options] of resolutions) {
    await checks.check(
      `Bun: both compile strictly when resolved ${name}`,
      async () => {
        const further = [...options, "--types", "bun", "--noEmit"];
        await compile(project, ["example.ts", "server.ts"], further);
      },
    );
  }

  await checks.check(
    "Bun: bunx onejot key prints a secret, and bunx onejot serves",
    async () => {
      const bunx = ["bunx", "--no-install", "onejot"];
      const { stdout } = await project.run([...bunx, "key"]);
      assert.match(stdout, /^[\w-]{43}\n$/);
      await project.serve(bunx, requireTrial);
    },
  );
}
