/**
 * How fast a router finds what answers, with 100 routes that have parameters:
 * the whole way from a Request to a Response, in process, without a server, and
 * held against hono's RegExpRouter, which has the same routes and handlers.
 * Both give the handler the parameters, which it puts in the answer.
 *
 *   bun test/compare/bench/router.ts [--quick] [--runtime bun|deno|node] [--json FILE]
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

const { isQuick, runtimes, json } = readArguments(["bun", "deno", "node"]);
requirePackages(new URL("./", import.meta.url));
const results: Result[] = [];
for (const runtime of runtimes) {
  const args = [runtime, ...(isQuick ? ["--quick"] : [])];
  const result: Result = JSON.parse(
    await runOn(runtime, "router_rounds.ts", args),
  );
  console.log(tableOf(result));
  results.push(result);
}
const versions = readVersions(runtimes, ["hono"]);
if (json !== null) {
  writeResults(json, { benchmark: "router", versions, results });
}
