/**
 * Bundles for the browser, which hold the JavaScript that was made of jwt and
 * http, as far as a program uses it.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { examplePrints, sampleFiles } from "./samples.ts";
import type { Trial } from "./tarball.ts";

const options = [
  "--bundle",
  "--platform=browser",
  "--format=esm",
  "--log-level=warning",
];
/** The bundler's command line, a program for Node.js. */
const bundler = fileURLToPath(
  new URL("node_modules/esbuild/bin/esbuild", import.meta.url),
);

// In TypeScript the imports without a use would be gone before the bundler
// looks at them.
const verifier = `import { router } from "onejot/http";
import { importKey, sign, verify } from "onejot/jwt";
console.log(verify.name);
`;

/** Checks what a bundler makes of programs that import the package. */
export async function checkBundles(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("bundles", {
    ...sampleFiles,
    "verifier.js": verifier,
  });
  const bundleAndRun = async (entry: string): Promise<string> => {
    const name = entry.split(".")[0];
    const files = [entry, `--outfile=${name}.mjs`, `--metafile=${name}.json`];
    const { stdout, stderr } = await project.run([
      "node",
      bundler,
      ...options,
      ...files,
    ]);
    assert.equal(stdout + stderr, ""); // where it would warn
    return (await project.run(["node", `${name}.mjs`])).stdout;
  };
  const read = (path: string) =>
    readFileSync(join(project.folder, path), "utf8");

  await checks.check(
    "A bundler takes the README's example without a warning, and it runs",
    async () => {
      await project.run([
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        tarball.path,
      ]);
      assert.equal(await bundleAndRun("example.ts"), examplePrints);
    },
  );

  await checks.check(
    "A bundle that only verifies has no router, and nothing that signs",
    async (note) => {
      assert.equal(await bundleAndRun("verifier.js"), "verify\n");
      const { bytes, inputs } =
        JSON.parse(read("verifier.json")).outputs["verifier.mjs"];
      note(`${bytes} bytes`);
      const modules = Object.entries<{ readonly bytesInOutput: number }>(inputs)
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .map(([path]) => path.replace("node_modules/onejot/dist/", ""));
      assert.ok(modules.includes("jwt/jwt.js"), modules.join(" "));
      assert.deepEqual(
        modules.filter((path) => /^http\/|unsecured|remember/.test(path)),
        [],
      );
      assert.match(read("verifier.mjs"), /^async function verify\(/m);
      assert.doesNotMatch(
        read("verifier.mjs"),
        /^async function (?:sign|importKey)\(/m,
      );
    },
  );
}
