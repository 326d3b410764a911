/**
 * All checks in one go: `bun run check` or `deno task check`. Needs both
 * runtimes, and the network once, for the two development packages. With --all
 * also what needs more than that: other engines, other libraries, and a quick
 * run of the mutator. The last line adds up what the runners reported.
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const [mode, ...others] = process.argv.slice(2);
if (others.length > 0 || ![undefined, "--all"].includes(mode)) {
  console.error("usage: bun test/check.ts [--all]");
  process.exit(2);
}

const root = fileURLToPath(new URL("../", import.meta.url));
const total = { passed: 0, failed: 0, skipped: 0 };
const skippedTests: string[] = [];

if (!existsSync(`${root}node_modules/typescript`)) {
  await check("bun install --frozen-lockfile");
}
await check("deno fmt --check");
await check("deno lint");
await check("bun node_modules/typescript/bin/tsc --project .");
await check(
  "deno check --node-modules-dir=none src test/*.ts test/*/*.test.ts test/*/*/*.test.ts test/types test/compare/engines/*.ts",
);
await check("deno publish --dry-run --allow-dirty");
await check(`deno doc --quiet --lint ${exportedFiles().join(" ")}`);
await runTests("bun test");
await runTests("deno task test");
// The examples in the doc comments. Not type-checked: the test that Deno makes
// of each one does not meet this project's settings.
await runTests(
  "deno test --doc --no-check --allow-all --node-modules-dir=none src",
);
await check("bun test/project/coverage.ts");
const { WYCHEPROOF: wycheproof } = process.env;
const vectors = wycheproof === undefined ? "" : ` --wycheproof '${wycheproof}'`;
await runTests(`bun test/conformance.ts${vectors}`);
await runTests(
  `deno run --allow-all --node-modules-dir=none test/conformance.ts${vectors}`,
);
if (mode === "--all") {
  await runTests("bun test/compare/engines/engines.ts");
  await runTests("bun test/compare/peers/interop.ts");
  await check("bun test/compare/peers/strictness.ts --check");
  await runTests("bun test/system/postgres/postgres.ts");
  await runTests("bun test/compare/mutation/mutate.ts --quick");
  await check("bun test/compare/bench/login_flood.ts --quick");
  await check("bun test/compare/bench/who_gets_in.ts --quick");
  await check("bun test/compare/bench/databases.ts --quick");
  await check("bun test/compare/bench/all.ts --check");
  await check("bun test/compare/bench/all.ts --quick");
  await runTests("bun test/system/pack/pack.ts");
  await runTests("bun test/system/browser/browser.ts");
  await runTests("bun test/system/proxy/proxy.ts");
  await runTests("bun test/system/image/image.ts");
}
requireReasonsForSkips();
const { passed, failed, skipped } = total;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

function exportedFiles(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  return Object.values<string>(exports);
}

/**
 * Runs a command that either succeeds or fails, and ends everything when it
 * fails.
 */
async function check(command: string): Promise<void> {
  const { code } = await run(command);
  if (code === 0) return;
  console.log(`\nThis failed: ${command}\n0 passed, 1 failed, 0 skipped`);
  process.exit(1);
}

/** Runs a test command and adds up what it reports. */
async function runTests(command: string): Promise<void> {
  const { code, output } = await run(command);
  const reported = {
    passed: count(
      output,
      /^ (\d+) pass$|^(?:ok|FAILED) \| (\d+) passed|^(\d+) passed, /gm,
    ),
    failed: count(
      output,
      /^ (\d+) fail$|^(?:ok|FAILED) \|.* (\d+) failed|^\d+ passed, (\d+) failed$/gm,
    ),
    skipped: count(
      output,
      /^ (\d+) (?:skip|todo)$|^(?:ok|FAILED) \|.* (\d+) ignored/gm,
    ),
  };
  for (
    const [, name = ""] of output.matchAll(
      /^\((?:skip|todo)\) (.+?)(?: \[.*)?$/gm,
    )
  ) {
    skippedTests.push(name);
  }
  for (const [, name = ""] of output.matchAll(/^(.+) \.\.\. ignored/gm)) {
    skippedTests.push(name);
  }
  total.passed += reported.passed;
  total.skipped += reported.skipped;
  total.failed += reported.failed;
  const isHonest = reported.passed > 0 &&
    (code === 0) === (reported.failed === 0);
  if (!isHonest) {
    console.log(
      `\nThis ended with code ${code}, whatever it reported: ${command}`,
    );
    total.failed++;
  }
}

/**
 * With CI=true a skipped test is a failure, unless test/project/skips.json
 * names it with its reason.
 */
function requireReasonsForSkips(): void {
  const reasons: Record<string, string> = JSON.parse(
    readFileSync(`${root}test/project/skips.json`, "utf8"),
  );
  const unexplained = skippedTests.filter((name) =>
    (reasons[name] ?? "") === ""
  );
  for (const name of unexplained) {
    console.log(`Skipped without a reason in test/project/skips.json: ${name}`);
  }
  if (process.env["CI"] !== "true") return;
  total.failed += Math.max(
    unexplained.length,
    skippedTests.length < total.skipped ? 1 : 0,
  );
}

function count(output: string, pattern: RegExp): number {
  const numbers = [...output.matchAll(pattern)].map(([, ...found]) =>
    Number(found.join(""))
  );
  return numbers.reduce((sum, number) => sum + number, 0);
}

function run(
  command: string,
): Promise<{ code: number | null; output: string }> {
  console.log(`\n$ ${command}`);
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn("sh", ["-c", command], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        process.stdout.write(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
