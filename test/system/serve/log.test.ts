/**
 * What the running server prints of each request: JSON lines for programs,
 * readable ones on a terminal, and the client's address in one form.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { run, startProgram } from "../../support/process.ts";
import {
  testSecret,
  untilListening,
  withServer,
} from "../../support/server_process.ts";
import { slowTest, slowTestUnless } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const { code: codeOfSearch } = await run(["sh", "-c", "command -v script"]);
const needsScript = codeOfSearch === 0
  ? false
  : "script (util-linux) is not installed";

slowTest(
  "an IPv4 client of a server on all IPv6 addresses is logged by its IPv4 address",
  async () => {
    await withFolder(async (folder) => {
      const variables = {
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
        JWT_SECRET: testSecret,
        HOST: "::",
      };
      await withServer(variables, async (server) => {
        const response = await fetch(
          `http://127.0.0.1:${server.port}/healthz?marked`,
        );
        const requestId = response.headers.get("x-request-id");
        await response.body?.cancel();
        await server.stop();
        const lines = server.output.stdout.trimEnd().split("\n").map((line) =>
          JSON.parse(line)
        );
        const [line, ...others] = lines.filter((line) => "path" in line);
        assert.deepEqual(others, []);
        const { time, milliseconds, ...rest } = line;
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
      });
    });
  },
);

slowTestUnless(
  needsScript,
  "on a terminal the log is made of readable lines",
  async () => {
    const command = "Bun" in globalThis
      ? `exec ${process.execPath}`
      : `exec ${process.execPath} run --allow-net --allow-env`;
    const program = startProgram(
      ["script", "-qec", `${command} ${main}`, "/dev/null"],
      { env: { PORT: "0", NO_COLOR: "1" } },
    );
    const server = await untilListening(program);
    await server.untilPrinted(/lists the settings/);
    await (await fetch(`${server.origin}/healthz`)).body?.cancel();
    await server.untilPrinted(
      /^\S+Z {2}GET {2}\/healthz {2}200 {2}[\d.]+ {2}15 {2}127\.0\.0\.1 {2}\S+\r?$/m,
    );
    server.child.stdin?.write("\u0003"); // Ctrl-C, as a person stops it
    assert.equal(await server.ended, 0);
  },
);
