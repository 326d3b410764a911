/**
 * How many tokens a second: sign and verify, one at a time and 64 in flight,
 * one token and 10,000, held against the bare crypto.subtle call on the same
 * bytes, and beside other libraries. One process for each runtime, one runtime
 * after the other. --quick runs all of it, too briefly to tell.
 *
 *   bun test/compare/bench/token.ts [--quick] [--runtime bun|deno|node] [--json FILE]
 *   deno run --allow-all test/compare/bench/token.ts
 */

import { requirePackages } from "../../support/packages.ts";
import {
  readArguments,
  readVersions,
  type Result,
  tableOf,
  writeResults,
} from "./result.ts";
import { runOn } from "./run_on.ts";

const packages = [
  "jose",
  "jsonwebtoken",
  "fast-jwt",
  "hono",
  "@tsndr/cloudflare-worker-jwt",
];

const { isQuick, runtimes, json } = readArguments(["bun", "deno", "node"]);
requirePackages(new URL("./", import.meta.url));
const results: Result[] = [];
for (const runtime of runtimes) {
  const args = [runtime, ...(isQuick ? ["--quick"] : [])];
  const found: Result[] = JSON.parse(
    await runOn(runtime, "token_rounds.ts", args),
  );
  for (const result of found) console.log(tableOf(result));
  results.push(...found);
}
const versions = readVersions(runtimes, packages);
if (json !== null) {
  writeResults(json, { benchmark: "token", versions, results });
}
