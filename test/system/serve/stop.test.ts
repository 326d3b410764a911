/**
 * Stopping: SIGTERM and SIGINT let what is in flight finish, and nothing can
 * hold the server up.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { slowTest } from "../../support/slow_test.ts";
import {
  sendRaw,
  startServer,
  testSecret,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";
import { pause } from "../../support/wait.ts";

const patience = { patienceMilliseconds: 20_000 };

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  slowTest(
    `${signal} with logins in flight: each is answered, then the server exits with 0`,
    async () => {
      // Slow: 0.3 s or more.
      const server = await startServer({
        PASSWORD_HASH: "pbkdf2",
        PASSWORD_ITERATIONS: "2000000",
      });
      const body = "email=user@email.com&password=password";
      const request =
        `POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
      const answers = [1, 2, 3].map(() =>
        sendRaw(server.port, request + body, patience)
      );
      await pause(150);
      const code = await server.stop(signal);
      for (const answer of await Promise.all(answers)) {
        assert.match(answer, /^HTTP\/1.1 200 /);
        assert.match(answer, /"token":"/);
      }
      assert.equal(code, 0);
      assert.equal(
        server.output.stdout.match(/"path":"\/login","status":200/g)?.length,
        3,
      );
      assert.equal(server.output.stderr, "");
    },
  );
}

slowTest(
  "a half-open connection does not keep the server from stopping within 5 seconds and a bit",
  async () => {
    const server = await startServer();
    const hanging = connect(server.port, "127.0.0.1");
    await once(hanging, "connect");
    hanging.on("error", () => {});
    hanging.write(
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n",
    ); // no more
    await pause(100);
    const start = performance.now();
    const code = await server.stop();
    assert.equal(code, 0);
    // 5 s for what is in flight, and room.
    assert.ok(performance.now() - start < 9000);
    assert.equal(server.output.stderr, "");
    hanging.destroy();
  },
);

slowTest(
  "an idle connection that is kept alive does not delay the stop",
  async () => {
    const server = await startServer();
    const idle = connect(server.port, "127.0.0.1");
    idle.on("error", () => {});
    idle.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(idle, "data");
    const code = await server.stop();
    assert.equal(code, 0);
    idle.destroy();
  },
);

slowTest(
  "a second signal ends the server at once, with exit code 1",
  async () => {
    const server = await startServer({
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "3000000",
    });
    const body = "email=user@email.com&password=wrong";
    const request =
      `POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${body}`;
    const answers = [1, 2, 3, 4, 5, 6, 7, 8].map(() =>
      sendRaw(server.port, request, patience)
    );
    await pause(150);
    const first = server.stop();
    await pause(100);
    assert.equal(await server.stop(), 1);
    assert.equal(await first, 1);
    await Promise.all(answers);
  },
);

slowTest(
  "a stop closes the database and leaves no file of its log behind",
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "users.sqlite");
      const server = await startServer({
        JWT_SECRET: testSecret,
        DATABASE_URL: `sqlite:${path}`,
      });
      assert.equal(existsSync(`${path}-wal`), true);
      assert.equal(await server.stop(), 0);
      assert.deepEqual(readdirSync(folder), ["users.sqlite"]);
    });
  },
);

slowTest("a stopped server accepts no further connection", async () => {
  const server = await startServer();
  await server.stop();
  await assert.rejects(fetch(`${server.origin}/healthz`));
});

slowTest(
  "for DRAIN_SECONDS after SIGTERM it answers on open and on new connections, and says that it is not ready",
  async () => {
    const server = await startServer({ DRAIN_SECONDS: "2" });
    const open = connect(server.port, "127.0.0.1");
    open.on("error", () => {});
    const ask = async (path: string) => {
      open.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      const [answer] = await once(open, "data");
      return String(answer);
    };
    assert.match(await ask("/readyz"), /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(await ask("/healthz"), /connection: close/i);

    const start = performance.now();
    const ended = server.stop();
    await server.untilPrinted(/onejot stops: SIGTERM/);
    const answer = await ask("/readyz");
    assert.match(answer, /^HTTP\/1\.1 503 /);
    assert.match(answer, /{"message":"The server stops"}/);
    // So that the client asks for the next thing elsewhere.
    assert.match(answer, /connection: close/i);
    const statuses = [];
    for (const path of ["/healthz", "/get-user", "/readyz"]) {
      const response = await fetch(`${server.origin}${path}`);
      statuses.push(response.status);
      await response.body?.cancel();
    }
    assert.deepEqual(statuses, [200, 401, 503]);
    assert.equal(await ended, 0);
    const seconds = (performance.now() - start) / 1000;
    assert.ok(seconds > 1.9 && seconds < 8, String(seconds));
    assert.equal(server.output.stderr, "");
    await assert.rejects(fetch(`${server.origin}/healthz`));
    open.destroy();
  },
);

slowTest("a second signal ends a server that drains at once", async () => {
  const server = await startServer({ DRAIN_SECONDS: "60" });
  const first = server.stop();
  await server.untilPrinted(/onejot stops: SIGTERM/);
  assert.equal(await server.stop("SIGINT"), 1);
  assert.equal(await first, 1);
});

slowTest(
  "under load, a client that asks again elsewhere when it is told to loses no request to a server that drains",
  async () => {
    const server = await startServer({ DRAIN_SECONDS: "1" });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    let stopped = false;
    const failures: unknown[] = [];
    const clients = Array.from({ length: 20 }, async () => {
      while (!stopped) {
        const outcome = await outcomeOf(server.port, agent);
        // From here on a proxy asks another server.
        if (outcome === "close") return;
        if (outcome !== "open") failures.push(outcome);
      }
    });
    await pause(300);
    const ended = server.stop();
    await Promise.all(clients);
    stopped = true;
    assert.equal(await ended, 0);
    assert.deepEqual(failures, []);
    agent.destroy();
  },
);

/** Whether the connection stays open behind an answer, or what went wrong. */
function outcomeOf(port: number, agent: Agent): Promise<unknown> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path: "/healthz", agent };
    const request = get(options, (response) => {
      response.resume();
      const isClosed = response.headers.connection === "close";
      response.on("end", () => resolve(isClosed ? "close" : "open"));
    });
    request.on("error", resolve);
  });
}
