/**
 * Holds onejot to a real PostgreSQL, on a server of its own: the contract of
 * the stores, by Bun.SQL on Bun and by postgres.js on Deno; two servers on one
 * database; and what may fail. Needs Debian's packages postgresql, nginx and
 * openssl, both runtimes, and the network once, for postgres.js. What is
 * missing is a failure.
 *
 *   bun test/system/postgres/postgres.ts
 */

import assert from "node:assert/strict";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Checks } from "../../support/checks.ts";
import { requirePackages } from "../../support/packages.ts";
import { run, type Variables } from "../../support/process.ts";
import { checkBalanced } from "./balanced.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { checkFaults } from "./faults.ts";
import { checkServers } from "./servers.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => process.exit(1));
}

const checks = new Checks();
await checks.check(
  "postgres.js is there, and its own types are those of a client",
  async () => {
    requirePackages(new URL("./", import.meta.url));
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const compile = [
      "bun",
      tsc,
      "--noEmit",
      "--project",
      "test/system/postgres",
    ];
    const { code, stdout, stderr } = await run(compile, environment());
    assert.equal(code, 0, stdout + stderr);
  },
);
const cluster = await checks.check("a PostgreSQL starts", () => startCluster());
if (cluster !== null) {
  const url = createTestDatabase(cluster);
  await runTests(["bun", "test", "test/unit/storage"], url);
  const deno = [
    "deno",
    "test",
    "--allow-all",
    "--node-modules-dir=manual",
    "--no-check",
  ];
  await runTests([...deno, "test/unit/storage"], url);
  await checkServers(checks, cluster);
  await checkFaults(checks, cluster);
  await checkBalanced(checks, cluster);
}
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);

/**
 * A database in the order of a language, so that what is not compared byte by
 * byte shows.
 */
function createTestDatabase(cluster: Cluster): string {
  const url = new URL(cluster.createDatabase());
  const order = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'";
  cluster.query(url.href, `CREATE DATABASE onejot_test ${order}`);
  url.pathname = "/onejot_test";
  return url.href;
}

/** In the project's folder, with all that is set here, and these variables. */
function environment(variables: Variables = {}) {
  return { cwd: root, env: { ...process.env, ...variables } };
}

/** Runs tests with a database, and adds up what the runner reports. */
async function runTests(
  command: readonly string[],
  url: string,
): Promise<void> {
  console.log(`\n  $ ${command.join(" ")}`);
  const { code, stdout, stderr } = await run(
    command,
    environment({ NO_COLOR: "1", POSTGRES_URL: url }),
  );
  const output = `${stdout}\n${stderr}`;
  // Indented: none of its lines is the sum, for whoever adds sums up.
  console.log(output.trimEnd().replace(/^/gm, "  "));
  const passed = count(
    output,
    /^ (\d+) pass$|^(?:ok|FAILED) \| (\d+) passed/gm,
  );
  const failed = count(
    output,
    /^ (\d+) fail$|^(?:ok|FAILED) \|.* (\d+) failed/gm,
  );
  const skipped = count(
    output,
    /^ (\d+) (?:skip|todo)$|^(?:ok|FAILED) \|.* (\d+) ignored/gm,
  );
  checks.passed += passed;
  checks.failed += failed + skipped; // nothing here may be skipped
  if (
    output.includes("PostgreSQL: ") && passed > 0 &&
    (code === 0) === (failed === 0)
  ) return;
  console.log(
    `  This ended with code ${code}, whatever it reported: ${
      command.join(" ")
    }`,
  );
  checks.failed++;
}

function count(output: string, pattern: RegExp): number {
  const numbers = [...output.matchAll(pattern)].map(([, ...found]) =>
    Number(found.join(""))
  );
  return numbers.reduce((sum, number) => sum + number, 0);
}
