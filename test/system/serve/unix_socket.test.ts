/**
 * Listening on a Unix socket: who comes through it, whom a proxy behind it
 * names, what stays behind where a server was killed, and what else can be in
 * the way.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Program, startProgram } from "../../support/process.ts";
import {
  commandOf,
  runOnejot,
  testSecret,
  type Variables,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";

function settingsIn(folder: string): Variables {
  return {
    HOST: `unix:${join(folder, "onejot.sock")}`,
    JWT_SECRET: testSecret,
    DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
  };
}

async function startAtSocket(env: Variables): Promise<Program> {
  const program = startProgram(commandOf([], env), { env });
  await program.untilPrinted(/onejot listens on unix:\/\S+onejot\.sock/);
  return program;
}

/** The status and the text of an answer through a socket. */
function ask(
  socketPath: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => text += chunk);
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    request.on("error", reject);
  });
}

slowTest(
  "a server answers at a Unix socket, health asks it there, and the stop takes the socket away",
  async () => {
    await withFolder(async (folder) => {
      const env = settingsIn(folder);
      const socket = join(folder, "onejot.sock");
      const server = await startAtSocket(env);
      assert.equal(await ask(socket, "/healthz"), '200 {"status":"ok"}');
      assert.match(await ask(socket, "/get-user"), /^401 /);
      // It is no address of this machine's.
      assert.match(await ask(socket, "/metrics"), /^404 /);
      const health = await runOnejot(["health"], env);
      assert.deepEqual([health.code, health.stdout], [0, "ok\n"]);
      assert.equal(await server.stop(), 0);
      assert.equal(server.output.stderr, "");
      assert.match(server.output.stdout, /"address":"unix"/);
      assert.equal(existsSync(socket), false);
      const gone = await runOnejot(["health"], env);
      assert.equal(gone.code, 1);
      assert.match(
        gone.stderr,
        /^unix:\S+onejot\.sock\/healthz does not answer/,
      );
    });
  },
);

slowTest(
  "X-Forwarded-For of whoever comes through the socket counts where TRUSTED_PROXIES says unix, and not else",
  async () => {
    await withFolder(async (folder) => {
      const socket = join(folder, "onejot.sock");
      const table: readonly (readonly [string, string])[] = [
        ["unix", "192.0.2.7"],
        ["10.0.0.0/8, unix", "192.0.2.7"],
        ["10.0.0.0/8", "unix"],
      ];
      for (const [TRUSTED_PROXIES, address] of table) {
        const server = await startAtSocket({
          ...settingsIn(folder),
          TRUSTED_PROXIES,
        });
        await ask(socket, "/healthz", {
          "X-Forwarded-For": "198.51.100.1, unix, 192.0.2.7",
        });
        assert.equal(await server.stop(), 0);
        const addresses = [
          ...server.output.stdout.matchAll(/"address":"(?<address>[^"]*)"/g),
        ].map((match) => match.groups?.["address"]);
        assert.deepEqual(addresses, [address]);
      }
    });
  },
);

slowTest(
  "METRICS_FROM=unix shows the metrics through the socket",
  async () => {
    await withFolder(async (folder) => {
      const socket = join(folder, "onejot.sock");
      const env = { ...settingsIn(folder), METRICS_FROM: "unix" };
      const server = await startAtSocket(env);
      assert.match(await ask(socket, "/metrics"), /^200 # HELP /);
      assert.equal(await server.stop(), 0);
    });
  },
);

slowTest(
  "the socket of a server that was killed is taken over, that of one that runs is not",
  async () => {
    await withFolder(async (folder) => {
      const env = settingsIn(folder);
      const socket = join(folder, "onejot.sock");
      const killed = await startAtSocket(env);
      await killed.stop("SIGKILL");
      assert.equal(existsSync(socket), true);

      const server = await startAtSocket(env);
      const second = await runOnejot([], env);
      assert.equal(second.code, 1);
      assert.match(
        second.stderr,
        /^Cannot listen on unix:\S+: another process listens there\.\n$/,
      );
      assert.equal(await ask(socket, "/healthz"), '200 {"status":"ok"}');
      assert.equal(await server.stop(), 0);
    });
  },
);

slowTest(
  "what is no socket stays, and so does another program's",
  async () => {
    await withFolder(async (folder) => {
      const env = settingsIn(folder);
      const socket = join(folder, "onejot.sock");
      const other = createServer((connection) => connection.end());
      await new Promise<void>((resolve) => other.listen(socket, resolve));
      const taken = await runOnejot([], env);
      assert.match(taken.stderr, /another process listens there/);
      await new Promise((resolve) => other.close(resolve));

      await writeFile(socket, "not a socket");
      const file = await runOnejot([], env);
      assert.equal(file.code, 1);
      assert.match(
        file.stderr,
        /^Cannot listen on unix:\S+: there is a file that is no socket\.\n$/,
      );
      assert.equal(existsSync(socket), true);

      const nowhere = { ...env, HOST: `unix:${join(folder, "no", "a.sock")}` };
      const missing = await runOnejot([], nowhere);
      assert.equal(missing.code, 1);
      assert.match(missing.stderr, /^Cannot listen on unix:\S+: .+\.\n$/);
    });
  },
);
