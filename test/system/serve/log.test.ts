/**
 * What the running server prints of each request: JSON lines for programs, readable ones on a
 * terminal, and the client's address in one form.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { testSecret, withServer } from "../../support/server_process.ts";

const timeout = 30_000; // milliseconds
const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const hasScript = spawnSync("sh", ["-c", "command -v script"]).status === 0;

test(
  "an IPv4 client of a server on all IPv6 addresses is logged by its IPv4 address",
  {
    timeout,
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "onejot-"));
    try {
      const DATABASE_URL = `sqlite:${join(folder, "users.sqlite")}`;
      await withServer(
        { DATABASE_URL, JWT_SECRET: testSecret, HOST: "::" },
        async (server) => {
          const response = await fetch(
            `http://127.0.0.1:${server.port}/healthz?marked`,
          );
          const requestId = response.headers.get("x-request-id");
          await response.body?.cancel();
          await server.stop();
          const lines = server.output.stdout.trimEnd().split("\n").map((line) =>
            JSON.parse(line)
          );
          assert.equal(lines.length, 2);
          const { time, milliseconds, ...rest } = lines[1];
          assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
          assert.equal(typeof milliseconds, "number");
          assert.deepEqual(rest, {
            method: "GET",
            path: "/healthz",
            status: 200,
            bytes: 15,
            address: "127.0.0.1",
            id: requestId,
          });
        },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test("on a terminal the log is made of readable lines", {
  timeout,
  skip: hasScript ? false : "script (util-linux) is not installed",
}, async () => {
  const command = "Bun" in globalThis
    ? `exec ${process.execPath}`
    : `exec ${process.execPath} run --allow-net --allow-env`;
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    PORT: "0",
    NO_COLOR: "1",
  };
  const child = spawn("script", ["-qec", `${command} ${main}`, "/dev/null"], {
    env,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  const closed = once(child, "close");
  const until = async (pattern: RegExp) => {
    for (
      let waited = 0;
      waited < 10_000 && !pattern.test(output);
      waited += 20
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.match(output, pattern);
  };
  await until(/lists the settings/);
  const port = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
  await (await fetch(`http://127.0.0.1:${port}/healthz`)).body?.cancel();
  await until(
    /^\S+Z {2}GET {2}\/healthz {2}200 {2}[\d.]+ {2}15 {2}127\.0\.0\.1 {2}\S+\r?$/m,
  );
  child.stdin.write("\u0003"); // Ctrl-C, as a person stops it
  const [code] = await closed;
  assert.equal(code, 0);
});
