/**
 * The prompts and the colours, on a real pseudo-terminal (of util-linux's
 * `script`): what is typed is not shown, is asked for twice, and can be called
 * off.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { encodeUnsecured, importKey, verify } from "../../../src/jwt/jwt.ts";
import { slowTestUnless } from "../../support/slow_test.ts";
import {
  runOnejot,
  testSecret,
  type Variables,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const hasScript = spawnSync("sh", ["-c", "command -v script"]).status === 0;
const obstacle = hasScript ? false : "script (util-linux) is not installed";

slowTestUnless(
  obstacle,
  "a password is typed twice on a terminal and never shown",
  async () => {
    const { code, shown, hasAccount } = await typeAtPrompt(
      "my pässx\u007fword\r",
      "my pässword\r",
    );
    assert.equal(code, 0, shown);
    assert.match(shown, /^Password: \s+Again: \s+Added user 1: a@b\.c\.\s*$/);
    assert.equal(hasAccount, true);
  },
);

slowTestUnless(obstacle, "two passwords that differ add nothing", async () => {
  const { code, shown, hasAccount } = await typeAtPrompt(
    "first password\r",
    "second password\r",
  );
  assert.equal(code, 1);
  assert.match(shown, /The two passwords differ\.\s*$/);
  assert.ok(!shown.includes("first") && !shown.includes("second"));
  assert.equal(hasAccount, false);
});

slowTestUnless(
  obstacle,
  "Ctrl-C and Ctrl-D call the prompt off, and nothing is added",
  async () => {
    for (const key of ["\u0003", "\u0004"]) {
      const { code, shown, hasAccount } = await typeAtPrompt(`first${key}`);
      assert.equal(code, 1);
      assert.match(shown, /^Password: \s+Nothing was changed\.\s*$/);
      assert.equal(hasAccount, false);
    }
  },
);

slowTestUnless(
  obstacle,
  "the secret is asked for on a terminal, and not shown",
  async () => {
    const { code, shown } = await typeAt("sign --sub ada --lifetime 1m", {}, [
      `${testSecret}\r`,
    ]);
    assert.equal(code, 0, shown);
    const [, token = ""] = /^Secret: \s+(\S+)\s*$/.exec(shown) ?? [];
    assert.ok(!shown.includes(testSecret.slice(0, 8)));
    const key = await importKey(new TextEncoder().encode(testSecret));
    assert.equal((await verify(token, key)).sub, "ada");
    const short = await typeAt("sign --sub ada", {}, ["short\r"]);
    assert.match(
      short.shown,
      /Cannot import a key: it needs 32 bytes or more\.\s*$/,
    );
    assert.equal(short.code, 1);
  },
);

slowTestUnless(
  obstacle,
  "decode is coloured on a terminal, unless NO_COLOR is there",
  async () => {
    for (const [NO_COLOR, isColoured] of [["", true], ["1", false]] as const) {
      const { code, shown } = await typeAt(
        `decode ${encodeUnsecured({ sub: "a" })}`,
        { NO_COLOR },
      );
      assert.equal(code, 0);
      assert.equal(
        shown.includes("\u001b[33mClaims that nothing proves\u001b[0m"),
        isColoured,
      );
      assert.equal(shown.includes("\u001b"), isColoured);
    }
  },
);

/** Runs `user add a@b.c` and types an answer at each prompt. */
async function typeAtPrompt(...answers: readonly string[]) {
  return await withFolder(async (folder) => {
    const variables = {
      DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000",
    };
    const { code, shown } = await typeAt("user add a@b.c", variables, answers);
    const second = await runOnejot(
      ["user", "add", "a@b.c"],
      variables,
      "long enough",
    );
    return { code, shown, hasAccount: /already/.test(second.stderr) };
  });
}

/** Runs a command on a terminal and types an answer at each prompt. */
async function typeAt(
  command: string,
  variables: Variables,
  answers: readonly string[] = [],
): Promise<{ code: number; shown: string }> {
  const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
  const permissions = "Bun" in globalThis
    ? ""
    : "run --allow-env --allow-read --allow-write";
  const line = `'${process.execPath}' ${permissions} '${main}' ${command}`;
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, NO_COLOR: "1", ...variables };
  const child = spawn("script", ["-qec", line, "/dev/null"], { env });
  let shown = "";
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (/: $/.test(shown)) child.stdin.write(waiting.shift() ?? "");
  });
  const [code] = await once(child, "close");
  return { code, shown };
}
