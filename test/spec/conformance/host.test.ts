/**
 * The program that runs a module: a line of JSON in, a line of JSON out,
 * however the lines arrive.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startProgram } from "../../support/process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { pause } from "../../support/wait.ts";
import { makeToken, secret, withCorpus } from "./suite_process.ts";

const echoes = `
export const verify = (token, secret, policy) => ({ token, policy });
export const sign = () => { throw new Error("no"); };`;

slowTest(
  "the host answers lines in their order, whatever letters they hold and however they are cut",
  async () => {
    const tokens = ["\u2028 and \u2029", "é€😀", "a\nb", "", makeToken("{}")];
    const lines = tokens.map((verify) =>
      JSON.stringify({ verify, secret, policy: {} })
    );
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const answers = await runHost(echoes, [
      bytes.subarray(0, 9),
      bytes.subarray(9, 80),
      bytes.subarray(80),
    ]);
    assert.deepEqual(
      answers,
      tokens.map((token) => ({ claims: { token, policy: {} } })),
    );
  },
);

slowTest(
  "the host hands over what JSON cannot hold, at any depth",
  async () => {
    const checks = `
export const verify = (token, secret, policy) => ({
  token: String(token),
  now: String(policy.now),
  list: policy.list.map(String),
  hasIssuer: Object.hasOwn(policy, "issuer"),
  secret: secret.map(({ kid, secret }) => [kid, secret.length]),
});
export const sign = () => { throw new Error("no"); };`;
    const policy = {
      now: { $: "NaN" },
      list: [{ $: "Infinity" }, { $: "-Infinity" }, { $: "other" }],
      issuer: { $: "undefined" },
    };
    const keys = [{ kid: null, secret }, { kid: "a", secret: "" }];
    const question = { verify: { $: "undefined" }, secret: keys, policy };
    assert.deepEqual(
      await runHost(checks, [Buffer.from(`${JSON.stringify(question)}\n`)]),
      [{
        claims: {
          token: "undefined",
          now: "NaN",
          list: ["Infinity", "-Infinity", "[object Object]"],
          hasIssuer: true,
          secret: [[null, 32], ["a", 0]],
        },
      }],
    );
  },
);

/**
 * Runs the host on a module of this text, writes the chunks one by one, and
 * reads all answers.
 */
async function runHost(
  module: string,
  chunks: readonly Uint8Array[],
): Promise<unknown[]> {
  return await withCorpus([], module, async ({ implementation: [, file] }) => {
    const host = fileURLToPath(new URL("host.ts", import.meta.url));
    const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
    const program = startProgram([process.execPath, ...runtime, host, file]);
    for (const chunk of chunks) {
      program.child.stdin?.write(chunk);
      await pause(50); // so that it arrives by itself
    }
    program.child.stdin?.end();
    const { ended, output } = program;
    assert.equal(await ended, 0, output.stderr);
    return output.stdout.trimEnd().split("\n").map((line): unknown =>
      JSON.parse(line)
    );
  });
}
