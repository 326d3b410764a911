/**
 * What has expired is removed in the background by a server that runs, in several small steps, and
 * nothing else is.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";

test(
  "a server removes expired sessions and failures, hundreds in a few seconds, and no others",
  {
    timeout: 60_000,
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "onejot-"));
    const path = join(folder, "accounts.sqlite");
    const variables = {
      JWT_SECRET: testSecret,
      DATABASE_URL: `sqlite:${path}`,
      PASSWORD_ITERATIONS: "10000",
    };
    try {
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
        for (
          let waited = 0;
          waited < 20_000 && left().flat().length > 2;
          waited += 50
        ) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.deepEqual(left(), [["kept"], ["kept"]]);
      });
      database.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
