/**
 * What has expired is removed in the background by a server that runs, in
 * several small steps, and nothing else is.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import {
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { withFolder } from "../../support/temp.ts";
import { until } from "../../support/wait.ts";

slowTest(
  "a server removes expired sessions and failures, hundreds in a few seconds, and no others",
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "accounts.sqlite");
      const variables = {
        JWT_SECRET: testSecret,
        DATABASE_URL: `sqlite:${path}`,
        PASSWORD_HASH: "pbkdf2",
        PASSWORD_ITERATIONS: "10000",
      };
      await runOnejot(
        ["user", "add", "ada@example.org"],
        variables,
        "correct horse\n",
      );
      const database = new DatabaseSync(path);
      database.exec("PRAGMA busy_timeout = 5000");
      const now = Math.floor(Date.now() / 1000);
      const addSession = database.prepare(
        `INSERT INTO sessions (id, user_id, refresh_key, refresh_hash, created_at, refreshed_at)
       VALUES (?, 1, 'x', 'x', ?2, ?2)`,
      );
      const addFailure = database.prepare(
        "INSERT INTO throttle (key, failures, failed_at, failed_before) VALUES (?, 1, ?2, ?2)",
      );
      for (let index = 0; index < 450; index++) {
        addSession.run(`expired ${index}`, now - 31 * 24 * 3600);
        addFailure.run(`old ${index}`, now - 2 * 3600);
      }
      addSession.run("kept", now - 29 * 24 * 3600);
      addFailure.run("kept", now - 60);
      const left = () =>
        ["SELECT id AS name FROM sessions", "SELECT key AS name FROM throttle"]
          .map((sql) => database.prepare(sql).all().map(({ name }) => name));
      await withServer(variables, async () => {
        await until("all but two are removed", () => {
          return left().flat().length <= 2;
        });
        assert.deepEqual(left(), [["kept"], ["kept"]]);
      });
      database.close();
    });
  },
);
