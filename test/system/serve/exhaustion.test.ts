/**
 * What strangers and a bad disk can bring on: no file descriptors left, nowhere to write the log.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  logIn,
  runOnejot,
  startServer,
  testSecret,
} from "../../support/server_process.ts";

const timeout = 60_000; // milliseconds
const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const command = "Bun" in globalThis
  ? [process.execPath]
  : [process.execPath, "run", "--allow-all"];

test(
  "a server whose file descriptors strangers have used up serves again when they let go",
  {
    timeout,
  },
  async () => {
    const shell = `ulimit -n 100; exec ${command.join(" ")} ${main}`;
    const env = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: "0",
      NO_COLOR: "1",
    };
    const child = spawn("sh", ["-c", shell], { env });
    let output = "";
    child.stdout.setEncoding("utf8").on(
      "data",
      (text: string) => output += text,
    );
    child.stderr.setEncoding("utf8").on(
      "data",
      (text: string) => output += text,
    );
    const closed = once(child, "close");
    while (!output.includes("lists the settings")) await pause(20);
    const port = Number(
      /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1],
    );
    const sockets: Socket[] = [];
    for (let count = 0; count < 150; count++) {
      sockets.push(connect(port, "127.0.0.1").on("error", () => {}));
    }
    await pause(1000);
    assert.equal(child.exitCode, null, output);
    for (const socket of sockets) socket.destroy();
    let status = 0;
    for (let attempt = 0; attempt < 50 && status !== 200; attempt++) {
      await pause(100);
      const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(
        () => null,
      );
      status = response?.status ?? 0;
      await response?.body?.cancel();
    }
    assert.equal(status, 200, output);
    if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
    const [code] = await closed;
    assert.equal(code, 0, output);
  },
);

test(
  "a log that cannot be written keeps nobody from an answer, nor the server from stopping",
  {
    timeout,
    skip: existsSync("/dev/full") ? false : "there is no /dev/full",
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "onejot-"));
    try {
      const DATABASE_URL = `sqlite:${join(folder, "users.sqlite")}`;
      const settings = {
        PASSWORD_ITERATIONS: "10000",
        DATABASE_URL,
        JWT_SECRET: testSecret,
      };
      await runOnejot(["user", "add", "a@b.c"], settings, "long enough");
      const free = await startServer(settings); // to learn of a free port
      await free.stop();
      const env = {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        ...settings,
      };
      const child = spawn("sh", [
        "-c",
        `exec ${command.join(" ")} ${main} >/dev/full`,
      ], {
        env: { ...env, HOST: "127.0.0.1", PORT: String(free.port) },
      });
      let errors = "";
      child.stderr.setEncoding("utf8").on(
        "data",
        (text: string) => errors += text,
      );
      const closed = once(child, "close");
      let token = "";
      for (let attempt = 0; attempt < 100 && token === ""; attempt++) {
        await pause(100);
        token = await logIn(free, "a@b.c", "long enough").catch(() => "");
      }
      assert.match(token, /^eyJ/, errors);
      await pause(200); // longer than a batch waits
      assert.match(await logIn(free, "a@b.c", "long enough"), /^eyJ/);
      if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
      const [code] = await closed;
      assert.equal(code, 0, errors);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
