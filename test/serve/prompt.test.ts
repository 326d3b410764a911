/**
 * The password prompt, on a real pseudo-terminal (of util-linux's `script`): what is typed is not
 * shown, is asked for twice, and can be called off.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runOnejot } from "./server_process.ts";

const timeout = 30_000; // milliseconds
const hasScript = spawnSync("sh", ["-c", "command -v script"]).status === 0;
const skip = hasScript ? false : "script (util-linux) is not installed";

test("a password is typed twice on a terminal and never shown", { timeout, skip }, async () => {
  const { code, shown, hasAccount } = await typeAtPrompt("my pässx\u007fword\r", "my pässword\r");
  assert.equal(code, 0, shown);
  assert.match(shown, /^Password: \s+Again: \s+Added user 1: a@b\.c\.\s*$/);
  assert.equal(hasAccount, true);
});

test("two passwords that differ add nothing", { timeout, skip }, async () => {
  const { code, shown, hasAccount } = await typeAtPrompt("first password\r", "second password\r");
  assert.equal(code, 1);
  assert.match(shown, /The two passwords differ\.\s*$/);
  assert.ok(!shown.includes("first") && !shown.includes("second"));
  assert.equal(hasAccount, false);
});

test("Ctrl-C and Ctrl-D call the prompt off, and nothing is added", { timeout, skip }, async () => {
  for (const key of ["\u0003", "\u0004"]) {
    const { code, shown, hasAccount } = await typeAtPrompt(`first${key}`);
    assert.equal(code, 1);
    assert.match(shown, /^Password: \s+Nothing was changed\.\s*$/);
    assert.equal(hasAccount, false);
  }
});

/** Runs `user add a@b.c` and types an answer at each prompt. */
async function typeAtPrompt(...answers: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "onejot-"));
  try {
    const variables = {
      DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      PASSWORD_ITERATIONS: "10000",
    };
    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const permissions = "Bun" in globalThis ? "" : "run --allow-env --allow-read --allow-write";
    const command = `'${process.execPath}' ${permissions} '${main}' user add a@b.c`;
    const env = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      NO_COLOR: "1",
      ...variables,
    };
    const child = spawn("script", ["-qec", command, "/dev/null"], { env });
    let shown = "";
    const waiting = [...answers];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      if (/: $/.test(shown)) child.stdin.write(waiting.shift() ?? "");
    });
    const [code] = await once(child, "close");
    const second = await runOnejot(["user", "add", "a@b.c"], variables, "long enough");
    return { code, shown, hasAccount: /already/.test(second.stderr) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
