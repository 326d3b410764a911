/**
 * What strangers and a bad disk can bring on: no file descriptors left, nowhere
 * to write the log.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/port.ts";
import { startProgram } from "../../support/process.ts";
import {
  logIn,
  runOnejot,
  testSecret,
  untilListening,
} from "../../support/server_process.ts";
import { slowTest, slowTestUnless } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";
import { pause, until } from "../../support/wait.ts";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const runtime = "Bun" in globalThis
  ? process.execPath
  : `${process.execPath} run --allow-all`;
const needsFullDisk = existsSync("/dev/full") ? false : "there is no /dev/full";

slowTest(
  "a server whose file descriptors strangers have used up serves again when they let go",
  async () => {
    const shell = `ulimit -n 100; exec ${runtime} ${main}`;
    const server = await untilListening(
      startProgram(["sh", "-c", shell], {
        env: { PORT: "0", NO_COLOR: "1" },
      }),
    );
    await server.untilPrinted(/lists the settings/);
    const sockets: Socket[] = [];
    for (let count = 0; count < 150; count++) {
      sockets.push(connect(server.port, "127.0.0.1").on("error", () => {}));
    }
    await pause(1000);
    assert.ok(server.isRunning(), server.output.stderr);
    for (const socket of sockets) socket.destroy();
    await until("it serves again", async () => {
      const response = await fetch(`${server.origin}/healthz`).catch(
        () => null,
      );
      await response?.body?.cancel();
      return response?.status === 200;
    }, { seconds: 10 });
    assert.equal(await server.stop(), 0, server.output.stderr);
  },
);

slowTestUnless(
  needsFullDisk,
  "a log that cannot be written keeps nobody from an answer, nor the server from stopping",
  async () => {
    await withFolder(async (folder) => {
      const settings = {
        PASSWORD_HASH: "pbkdf2",
        PASSWORD_ITERATIONS: "10000",
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
        JWT_SECRET: testSecret,
      };
      await runOnejot(["user", "add", "a@b.c"], settings, "long enough");
      const port = await freePort(); // which it cannot print
      const server = startProgram(
        ["sh", "-c", `exec ${runtime} ${main} >/dev/full`],
        { env: { ...settings, HOST: "127.0.0.1", PORT: String(port) } },
      );
      const login = () =>
        logIn({ origin: `http://127.0.0.1:${port}` }, "a@b.c", "long enough");
      await until("a login is answered", async () => {
        return /^eyJ/.test(await login().catch(() => ""));
      }, { seconds: 10 });
      await pause(200); // longer than a batch waits
      assert.match(await login(), /^eyJ/);
      assert.equal(await server.stop(), 0, server.output.stderr);
    });
  },
);
