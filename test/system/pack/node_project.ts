/**
 * A project for Node.js, which gets the JavaScript that was made of jwt and
 * http. What is compiled runs on each version of Node.js that the README names.
 */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { nodeVersions, root } from "./programs.ts";
import {
  examplePrints,
  httpPrints,
  jwtPrints,
  sampleFiles,
} from "./samples.ts";
import type { Project } from "./scratch.ts";
import type { Trial } from "./tarball.ts";
import { compile } from "./type_check.ts";

// Of ES2024, Node.js 20 has isWellFormed.
const library = "es2023,es2024.string,dom";
const options = ["--module", "nodenext", "--lib", library, "--types", ""];

/** The programs for Node.js, and what they print. */
const programs = [
  ["example", examplePrints],
  ["jwt", jwtPrints],
  ["http", httpPrints],
] as const;

/** Checks the package in a project for Node.js. */
export async function checkNodeProject(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("node", sampleFiles);

  await checks.check(
    "Node.js: npm install, and programs of jwt and http compile without src",
    async () => {
      await project.run([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball.path,
      ]);
      const source = join(project.folder, "node_modules/onejot/src");
      rmSync(source, { recursive: true });
      const files = programs.map(([name]) => `${name}.ts`);
      await compile(project, files, [...options, "--outDir", "compiled"]);
    },
  );

  for (const { name, path } of nodeVersions()) {
    await checks.check(
      `${name}: what was compiled runs, and auth, app, sqlite and postgres are refused`,
      () => requireRun(project, path),
    );
  }

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

/** Throws where one version of Node.js does not do what it must. */
async function requireRun(project: Project, node: string): Promise<void> {
  for (const [name, prints] of programs) {
    const { stdout } = await project.run([node, `compiled/${name}.js`]);
    assert.equal(stdout, prints, name);
  }
  for (const name of ["auth", "app", "sqlite", "postgres"]) {
    const program =
      `import("onejot/${name}").catch(({ code }) => console.log(code))`;
    const { stdout } = await project.run([node, "--eval", program]);
    assert.equal(stdout, "ERR_PACKAGE_PATH_NOT_EXPORTED\n", name);
  }
}
