/**
 * Holds src/jwt to the corpus on engines that this project is not written for:
 * Node.js and, in a page, Chromium. Both are needed. Further arguments go to
 * the runner, such as --wycheproof DIR.
 *
 *   bun test/compare/engines/engines.ts
 *   deno run --allow-all test/compare/engines/engines.ts
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { withFolder } from "../../support/temp.ts";
import { findChromium, findNode } from "./programs.ts";
import { transpile } from "./transpile.ts";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const interruption = new AbortController();
const runtime = [
  process.execPath,
  ...("Deno" in globalThis ? ["run", "--allow-all"] : []),
];
process.exit(await main(process.argv.slice(2)));

async function main(runnerArguments: readonly string[]): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => interruption.abort());
  }
  try {
    return await withFolder((directory) => {
      return runEngines(directory, runnerArguments);
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function runEngines(
  directory: string,
  runnerArguments: readonly string[],
): Promise<number> {
  const node = findNode();
  const chromium = findChromium();
  transpile(node.path, directory);
  const conformance = join(directory, "test/spec/conformance");
  const nodeHost = [
    node.path,
    `${conformance}/host.js`,
    `${conformance}/onejot.js`,
  ];
  const pageHost = [
    ...runtime,
    fileURLToPath(new URL("chromium.ts", import.meta.url)),
    directory,
  ];
  const onNode = await runSuite(
    `Node.js ${node.version}`,
    nodeHost,
    runnerArguments,
  );
  const onChromium = await runSuite(
    `Chromium ${chromium.version}`,
    pageHost,
    runnerArguments,
  );
  const failed = onNode.failed + onChromium.failed;
  console.log(`${onNode.passed + onChromium.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * Runs the suite on one engine and says what came of it; shows its report if
 * anything failed.
 */
async function runSuite(
  engine: string,
  command: readonly string[],
  runnerArguments: readonly string[],
): Promise<Counts> {
  const start = performance.now();
  const runner = fileURLToPath(
    new URL("../../conformance.ts", import.meta.url),
  );
  const options = [
    "--codes",
    "--command",
    command.map(quote).join(" "),
    ...runnerArguments,
  ];
  const { code, output } = await run([...runtime, runner, ...options]);
  const counts = readCounts(code, output);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  // No line of it is the sum.
  if (counts.failed > 0) console.log(output.replace(/^/gm, "  "));
  console.log(
    `${engine}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`,
  );
  return counts;
}

/**
 * The runner's last line. Nothing passed, something skipped, and another code
 * are failures.
 */
function readCounts(code: number | null, output: string): Counts {
  const last =
    /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n$/.exec(output) ?? [];
  const [passed = 0, failed = 0, skipped = 0] = last.slice(1).map((
    number = "0",
  ) => Number(number));
  const isHonest = passed > 0 && (code === 0) === (failed === 0);
  return { passed, failed: isHonest ? failed + skipped : Math.max(failed, 1) };
}

/** As one word for the shell, which the runner starts the command with. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function run([file = "", ...args]: readonly string[]): Promise<
  { code: number | null; output: string }
> {
  return new Promise((resolve, reject) => {
    const { signal } = interruption;
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "inherit"],
      signal,
    });
    let output = "";
    child.stdout.setEncoding("utf8").on(
      "data",
      (text: string) => output += text,
    );
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
