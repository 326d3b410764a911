/**
 * A project for Node.js, which gets the JavaScript that was made of jwt and
 * http.
 */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./programs.ts";
import { examplePrints, sampleFiles } from "./samples.ts";
import type { Trial } from "./tarball.ts";
import { compile } from "./type_check.ts";

// Of ES2024, Node.js 20 has isWellFormed.
const library = "es2023,es2024.string,dom";
const options = ["--module", "nodenext", "--lib", library, "--types", ""];

/** Checks the package in a project for Node.js. */
export async function checkNodeProject(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("node", sampleFiles);
  const compileAndRun = async () => {
    await compile(project, ["example.ts"], [
      ...options,
      "--outDir",
      "compiled",
    ]);
    const { stdout } = await project.run(["node", "compiled/example.js"]);
    assert.equal(stdout, examplePrints);
    rmSync(join(project.folder, "compiled"), { recursive: true });
  };

  await checks.check(
    "Node.js: npm install, and the README's example compiles and runs",
    async () => {
      await project.run([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball.path,
      ]);
      await compileAndRun();
    },
  );

  await checks.check("Node.js: it needs no file of src", async () => {
    rmSync(join(project.folder, "node_modules/onejot/src"), {
      recursive: true,
    });
    await compileAndRun();
  });

  await checks.check(
    "Node.js: auth, app, sqlite and postgres are not for it, and it says so",
    async () => {
      for (const name of ["auth", "app", "sqlite", "postgres"]) {
        const program =
          `import("onejot/${name}").catch(({ code }) => console.log(code))`;
        const { stdout } = await project.run(["node", "--eval", program]);
        assert.equal(stdout, "ERR_PACKAGE_PATH_NOT_EXPORTED\n");
      }
    },
  );

  await checks.check(
    "Node.js: jwt and http name nothing that Node.js 20 does not have",
    async () => {
      const sources = [`${root}src/jwt/jwt.ts`, `${root}src/http/http.ts`];
      await compile(project, sources, [
        ...options,
        "--allowImportingTsExtensions",
        "--noEmit",
      ]);
    },
  );
}
