/**
 * Stopping: SIGTERM and SIGINT let what is in flight finish, and nothing can
 * hold the server up.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
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
