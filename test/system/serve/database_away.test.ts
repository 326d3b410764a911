/**
 * What clients and monitors see while the database is kept busy or fails. With
 * PostgreSQL the same is tested in test/system/postgres.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { slowTest } from "../../support/slow_test.ts";
import { makeServer } from "../../support/site.ts";
import {
  password,
  send,
  startSession,
  withAccounts,
} from "../../support/client.ts";
import { withServer } from "../../support/server_process.ts";

const email = "ada@example.org";

slowTest(
  "a database file that another keeps busy is 503 with Retry-After, and reads go on",
  async () => {
    await withAccounts([email], async ({ path, variables }) => {
      await withServer(variables, async (server) => {
        const { token, refreshToken } = await startSession(server, email);
        const other = new DatabaseSync(path);
        other.exec("BEGIN IMMEDIATE");
        const changes = [
          send(server, "POST /login", { form: { email, password } }),
          send(server, "POST /refresh", {
            form: { refresh_token: refreshToken },
          }),
          send(server, "POST /logout", { token }),
        ];
        for (const { status, headers, body } of await Promise.all(changes)) {
          assert.equal(status, 503);
          assert.deepEqual(body, { message: "The database does not answer" });
          assert.match(headers.get("retry-after") ?? "", /^[1-9]\d*$/);
        }
        assert.equal(
          (await send(server, "GET /get-user", { token })).status,
          200,
        );
        other.exec("ROLLBACK");
        other.close();
        assert.equal(
          (await send(server, "POST /logout", { token })).status,
          204,
        );
        await server.stop();
        assert.match(
          server.output.stdout,
          /"level":"error","message":"database is locked"/,
        );
        assert.doesNotMatch(server.output.stdout, /"fault"/);
      });
    });
  },
);

test("the metrics are shown while the database fails, without the count that it has", async () => {
  const failing = () => {
    throw new Error("on purpose");
  };
  const server = await makeServer({}, () => ({ countSessions: failing }));
  const response = await server.send("GET /metrics", {
    address: "127.0.0.1",
    headers: { host: "localhost" },
  });
  const text = await response.text();
  assert.equal(response.status, 200);
  assert.match(text, /^onejot_sessions NaN$/m);
  assert.match(text, /^onejot_hashing_waiting 0$/m);
});
