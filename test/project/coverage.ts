/**
 * Holds src/jwt to full coverage by the tests that concern the token: lines,
 * branches and functions by Deno, lines and functions by Bun, which knows no
 * branches. `bun test/project/coverage.ts`
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temp.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tests = [
  "test/unit/jwt",
  "test/spec/rfc",
  "test/spec/attack",
  "test/spec/vectors",
];
const folder = temporaryFolder();
const isFull = [coverByDeno(), coverByBun()];
process.exitCode = isFull.every(Boolean) ? 0 : 1;

function coverByDeno(): boolean {
  const profile = join(folder, "deno");
  const options = [
    "--allow-all",
    "--node-modules-dir=none",
    `--coverage=${profile}`,
  ];
  if (!run("deno", "test", ...options, "--coverage-raw-data-only", ...tests)) {
    return false;
  }
  const { status, stdout, stderr } = spawnSync(
    "deno",
    ["coverage", "--threshold=100", "--include=src/jwt/", profile],
    { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  console.log(`By Deno\n${stdout}${stderr}`);
  return status === 0 && /^\| jws\.ts /m.test(stdout);
}

function coverByBun(): boolean {
  const options = [
    "--coverage",
    "--coverage-reporter=lcov",
    `--coverage-dir=${folder}`,
  ];
  if (!run("bun", "test", ...options, ...tests)) return false;
  console.log("By Bun");
  const files = readFileSync(join(folder, "lcov.info"), "utf8").split(
    "end_of_record",
  )
    .map((record) =>
      new Map(
        [...record.matchAll(/^(\w+):(.*)$/gm)].map((
          [, key, value],
        ) => [key, value]),
      )
    )
    .filter((file) => file.get("SF")?.startsWith("src/jwt/"));
  for (const file of files) {
    const [functions, lines] = [
      `${file.get("FNH")}/${file.get("FNF")}`,
      `${file.get("LH")}/${file.get("LF")}`,
    ];
    console.log(`${file.get("SF")}: ${functions} functions, ${lines} lines`);
  }
  const isFull = (file: Map<string | undefined, string | undefined>) =>
    file.get("LH") === file.get("LF") && file.get("FNH") === file.get("FNF");
  return files.length > 8 && files.every(isFull);
}

/** Runs quietly; prints what came out where it failed. */
function run(command: string, ...options: readonly string[]): boolean {
  const { status, stdout, stderr } = spawnSync(command, options, {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) {
    console.log(
      `This failed: ${command} ${options.join(" ")}\n${stdout}${stderr}`,
    );
  }
  return status === 0;
}
