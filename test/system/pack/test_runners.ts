/**
 * The package in the tests of those who use it: Jest and Vitest, in the
 * environments of Node.js and of jsdom.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { nodeOf, packageFolder, root } from "./programs.ts";
import { sampleFiles } from "./samples.ts";
import type { Trial } from "./tarball.ts";
import { compile } from "./type_check.ts";

const jestConfig = {
  transform: {}, // the tests are modules
  testMatch: ["<rootDir>/*.test.js"],
  setupFiles: ["<rootDir>/setup.js"],
  cacheDirectory: "<rootDir>/cache",
};

const vitestConfig = `export default {
  test: { globals: true, setupFiles: ["./setup.js"] },
};
`;

// What Jest's jsdom does not have, and its users take from Node.js.
const setup = `import { webcrypto } from "node:crypto";
import { TextDecoder, TextEncoder } from "node:util";
import { deserialize, serialize } from "node:v8";
globalThis.TextDecoder ??= TextDecoder;
globalThis.TextEncoder ??= TextEncoder;
globalThis.structuredClone ??= (value) => deserialize(serialize(value));
if (globalThis.crypto?.subtle === undefined) {
  Object.defineProperty(globalThis, "crypto", { value: webcrypto });
}
`;

const files = {
  "package.json": sampleFiles["package.json"],
  "jest.config.json": JSON.stringify(jestConfig),
  "vitest.config.js": vitestConfig,
  "setup.js": setup,
  "realm_tests.ts": readFileSync(`${root}test/types/realm_tests.ts`, "utf8"),
  "node.test.js": `import { testIn } from "./compiled/realm_tests.js";
testIn("node");
`,
  "jsdom.test.js": `/**
 * @jest-environment jsdom
 * @vitest-environment jsdom
 */
import { testIn } from "./compiled/realm_tests.js";
testIn("jsdom");
`,
};

/** Two files of ten tests each. */
const tests = 20;

/** Checks what a runner of tests makes of the package. */
export async function checkTestRunners(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("test_runners", files);

  await checks.check(
    "Jest, with node and jsdom: bytes and objects of each realm are taken",
    async (note) => {
      await project.run([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball.path,
      ]);
      await compile(project, ["realm_tests.ts"], [
        "--module",
        "nodenext",
        "--noCheck",
        "--outDir",
        "compiled",
      ]);
      const jest = `${packageFolder("jest")}/bin/jest.js`;
      const options = ["--runInBand", "--config", "jest.config.json"];
      const { stderr } = await project.run([
        "node",
        "--experimental-vm-modules",
        jest,
        ...options,
      ]);
      assert.match(stderr, new RegExp(`^Tests: +${tests} passed, `, "m"));
      note(`${tests} tests`);
    },
  );

  await checks.check(
    "Vitest, with node and jsdom: bytes and objects of each realm are taken",
    async (note) => {
      const vitest = `${packageFolder("vitest")}/vitest.mjs`;
      const command = [nodeOf(22), vitest, "run"];
      const { stdout } = await project.run(command);
      assert.match(stdout, new RegExp(`^ +Tests +${tests} passed `, "m"));
      note(`${tests} tests`);
    },
  );
}
