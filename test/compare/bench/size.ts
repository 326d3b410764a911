/**
 * How much there is: an entry that hands on nothing but sign and verify, and
 * what makes a key, as onejot has it and as other libraries do. Its bytes
 * minified, the same gzipped, and the lines of code that an auditor follows: of
 * all modules of which a part is in the bundle, whole, printed by one printer
 * without comments, types and blank lines. What the runtime has built in counts
 * nowhere.
 *
 *   bun test/compare/bench/size.ts [--quick] [--json FILE]
 */

import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { requirePackages } from "../../support/packages.ts";
import { withFolder } from "../../support/temp.ts";
import {
  makeRows,
  readArguments,
  readVersions,
  type Result,
  tableOf,
  writeResults,
} from "./result.ts";

/** What one library comes to. */
interface Size {
  readonly name: string;
  readonly minified: number;
  readonly gzipped: number;
  readonly lines: number;
  readonly modules: number;
}

const folder = fileURLToPath(new URL("./", import.meta.url));
const packages = [
  "jose",
  "jsonwebtoken",
  "fast-jwt",
  "hono",
  "@tsndr/cloudflare-worker-jwt",
];
const entries: Readonly<Record<string, string>> = {
  "onejot":
    `export { importKey, sign, verify } from "${folder}../../../src/jwt/jwt.ts";`,
  "jose": `export { jwtVerify, SignJWT } from "jose";`,
  "jsonwebtoken": `export { sign, verify } from "jsonwebtoken";`,
  "fast-jwt": `export { createSigner, createVerifier } from "fast-jwt";`,
  "hono/jwt": `export { sign, verify } from "hono/jwt";`,
  "@tsndr/cloudflare-worker-jwt":
    `export { sign, verify } from "@tsndr/cloudflare-worker-jwt";`,
};

if (!("Bun" in globalThis)) {
  throw new Error("Bun bundles: bun test/compare/bench/size.ts");
}
const { json } = readArguments(["bun"]);
requirePackages(new URL("./", import.meta.url));
const sizes: Size[] = [];
for (const [name, entry] of Object.entries(entries)) {
  sizes.push(await measure(name, entry));
}
const results = [
  resultOf("sign and verify, minified", "bytes", ({ minified }) => minified),
  resultOf(
    "sign and verify, minified and gzipped",
    "bytes",
    ({ gzipped }) => gzipped,
  ),
  resultOf("what an auditor follows", "lines of code", ({ lines }) => lines),
  resultOf(
    "what an auditor follows, in how many files",
    "modules",
    ({ modules }) => modules,
  ),
];
for (const result of results) console.log(tableOf(result));
const versions = readVersions(["bun"], packages);
if (json !== null) writeResults(json, { benchmark: "size", versions, results });

async function measure(name: string, entry: string): Promise<Size> {
  console.error(`bundling ${name}`);
  return await withFolder(async (directory) => {
    symlinkSync(join(folder, "node_modules"), join(directory, "node_modules"));
    const file = join(directory, "entry.js");
    writeFileSync(file, `${entry}\n`);
    const target = "node"; // what Node.js has built in stays outside
    const built = await Bun.build({
      entrypoints: [file],
      minify: true,
      target,
      metafile: true,
    });
    const [bundle] = Object.values(built.metafile?.outputs ?? {});
    const [output] = built.outputs;
    if (bundle === undefined || output === undefined) {
      throw new Error(`${name} is not bundled.`);
    }
    const bytes = new Uint8Array(await output.arrayBuffer());
    const paths = Object.entries(bundle.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => resolve(path))
      .filter((path) => path !== file);
    const lines = paths.map(countLines).reduce((sum, count) => sum + count, 0);
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    return {
      name,
      minified: bytes.length,
      gzipped,
      lines,
      modules: paths.length,
    };
  });
}

function countLines(path: string): number {
  const text = readFileSync(path, "utf8");
  const loader = path.endsWith(".ts") ? "ts" : "js";
  const code = path.endsWith(".json")
    ? text
    : new Bun.Transpiler({ loader }).transformSync(text);
  return code.split("\n").filter((line) => line.trim() !== "").length;
}

function resultOf(
  question: string,
  unit: string,
  figureOf: (size: Size) => number,
): Result {
  const rows = makeRows(sizes.map((size) => [size.name, [figureOf(size)]]));
  return { question, runtime: "bun", unit, rows };
}
