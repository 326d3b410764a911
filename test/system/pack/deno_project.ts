/**
 * A project for Deno with packages of npm. Deno runs no TypeScript below
 * node_modules: it gets the JavaScript, and all of it, for it has what auth,
 * app and sqlite need.
 */

import assert from "node:assert/strict";
import { examplePrints, sampleFiles, serverPrints } from "./samples.ts";
import type { Trial } from "./tarball.ts";

/** Checks the package in a project for Deno. */
export async function checkDenoProject(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("deno", sampleFiles);
  // No permission is needed.
  const deno = ["deno", "run", "--no-prompt", "--check"];

  await checks.check(
    "Deno: npm install, and the README's example compiles and runs",
    async () => {
      // Deno 2.9 would make a link to the archive itself
      await project.run([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball.path,
      ]);
      const { stdout } = await project.run([...deno, "example.ts"]);
      assert.equal(stdout, examplePrints);
    },
  );

  await checks.check(
    "Deno: a program of all that it exports compiles and runs",
    async () => {
      const { stdout } = await project.run([...deno, "server.ts"]);
      assert.equal(stdout, serverPrints);
    },
  );
}
