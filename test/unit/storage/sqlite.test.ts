/**
 * The database file: its mode and its schema's steps, what is refused, and two
 * programs on one file. What is stored in it is in the tests beside this one.
 */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import {
  isUnavailable,
  type PasswordHash,
  type UserId,
} from "../../../src/auth/auth.ts";
import { migrations } from "../../../src/storage/sqlite_schema.ts";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import {
  ada,
  addBoth,
  authorWith,
  requireAdded,
  rotationOf,
  sessionOf,
  withFile,
} from "../../support/stores.ts";
import { withFolder } from "../../support/temp.ts";

const patient = { key: "patient", freeFailures: 1000, isLasting: false };

test("a database file is for its owner alone, in WAL mode and at the last version", async () => {
  await withFolder((folder) => {
    const path = join(folder, "users.sqlite");
    openSqlite(path).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const database = new DatabaseSync(path);
    assert.equal(
      database.prepare("PRAGMA journal_mode").get()?.["journal_mode"],
      "wal",
    );
    const version = database.prepare("PRAGMA user_version").get()
      ?.["user_version"];
    assert.equal(version, migrations.length);
    database.close();
  });
});

test("a database that is newer than the program is refused and left as it is", async () => {
  await withFolder((folder) => {
    const path = join(folder, "users.sqlite");
    openSqlite(path).close();
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    assert.throws(
      () => openSqlite(path),
      /^Error: the database is newer than this program$/,
    );
    const version = database.prepare("PRAGMA user_version").get()
      ?.["user_version"];
    assert.equal(version, migrations.length + 1);
    database.close();
  });
});

test("a step of the schema that fails leaves nothing behind", async () => {
  await withFolder((folder) => {
    const path = join(folder, "users.sqlite");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE users (name TEXT)");
    assert.throws(() => openSqlite(path), /users/);
    assert.equal(
      database.prepare("PRAGMA user_version").get()?.["user_version"],
      0,
    );
    assert.equal(
      database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()
        ?.["tables"],
      1,
    );
    database.close();
  });
});

test("a relative path is the name of a file and never a URI", async () => {
  await withFolder((folder) => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      openSqlite("file:a.sqlite?mode=memory").close();
      assert.deepEqual(readdirSync(folder), ["file:a.sqlite?mode=memory"]);
      assert.equal(
        statSync(join(folder, "file:a.sqlite?mode=memory")).mode & 0o777,
        0o600,
      );
    } finally {
      process.chdir(before);
    }
  });
});

test("a database that is up to date is opened a second time with all that is in it", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "users.sqlite");
    const first = openSqlite(path);
    const second = openSqlite(path);
    const account = requireAdded(await first.addUser(ada, null));
    assert.equal(account.id, 1);
    assert.deepEqual(await second.findAccountByEmail(ada.email), account);
    first.close();
    second.close();
  });
});

test("a database of the first version keeps its users, who are enabled and whose tokens are good", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "users.sqlite");
    const database = new DatabaseSync(path);
    for (const text of migrations[0] ?? []) database.exec(text.join(""));
    database.exec("PRAGMA user_version = 1");
    database.exec(
      "INSERT INTO users VALUES (7, 'ada@example.org', 1, 'hash', 1234567890)",
    );
    database.close();
    const store = openSqlite(path);
    const user = { id: 7, email: ada.email, isAdmin: true, isDisabled: false };
    const account = { ...user, passwordHash: "hash", createdAt: 1234567890 };
    assert.deepEqual(await store.listUsers({ after: 0, limit: 9 }), [account]);
    assert.notEqual(
      await store.findUserOfToken({ userId: 7 as UserId, issuedAt: 0 }),
      null,
    );
    assert.deepEqual(await store.findAccountByEmail(ada.email), account);
    store.close();
  });
});

/** Version 2 as it was released, so that a change of an old step shows. */
const secondVersion = `
  CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE,
    is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE users ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1));
  ALTER TABLE users ADD COLUMN tokens_from INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    refresh_key TEXT NOT NULL,
    refresh_hash TEXT NOT NULL,
    spent_hash TEXT,
    created_at INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    address TEXT,
    agent TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_user ON sessions (user_id);
  CREATE INDEX sessions_by_refresh ON sessions (refreshed_at);
  CREATE TABLE throttle (
    key TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    failed_before INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE known_addresses (
    user_id INTEGER NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, address)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = 2`;

test("a database of the second version keeps its users, sessions and counts, and takes cookies", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "users.sqlite");
    const old = new DatabaseSync(path);
    old.exec(secondVersion);
    old.exec(
      "INSERT INTO users VALUES (7, 'ada@example.org', 1, 'hash', 1234567890, 0, 55)",
    );
    old.exec(
      "INSERT INTO users VALUES (9, 'bob@example.org', 0, 'other', 1234567891, 1, 0)",
    );
    old.exec(`INSERT INTO sessions VALUES
      ('a', 7, 'key of a', 'hash of a', 'spent', 1000, 2000, '192.0.2.1', 'agent'),
      ('b', 7, 'key of b', 'hash of b', NULL, 1000, 1000, NULL, NULL)`);
    old.exec("INSERT INTO throttle VALUES ('key', 3, 1000, 900)");
    old.exec("INSERT INTO known_addresses VALUES (7, '192.0.2.1', 1000)");
    old.close();
    const store = openSqlite(path);
    const users = await store.listUsers({ after: 0, limit: 9 });
    assert.deepEqual(users.map(({ id, isDisabled }) => [id, isDisabled]), [[
      7,
      false,
    ], [9, true]]);
    assert.equal(
      (await store.findAccountByEmail(ada.email))?.passwordHash,
      "hash",
    );
    const userId = 7 as UserId;
    const nobody = { address: null, agent: null };
    const last = { lastAddress: null, lastAgent: null };
    const bare = { ...nobody, ...last, spentHash: null };
    const b = sessionOf("b", { userId, ...bare });
    const a = sessionOf("a", { userId, spentHash: "spent", refreshedAt: 2000 });
    assert.deepEqual(
      await store.listSessions({ userId, since: 0, after: null, limit: 2000 }),
      [a, b],
    );
    assert.notEqual(
      await store.findUserOfSession({ id: "a", userId, since: 0 }),
      null,
    );
    assert.equal(await store.findUserOfToken({ userId, issuedAt: 54 }), null);
    assert.ok(
      (await store.findLogin({
        email: ada.email,
        address: "192.0.2.1",
      })).isKnown,
    );
    for (const text of ["", "hash of a", "null"]) {
      assert.equal(
        await store.findUserOfCookie({
          cookieHash: text,
          since: 0,
          host: "localhost",
        }),
        null,
      );
    }
    const rotation = rotationOf({
      spentHash: "hash of a",
      refreshHash: "next",
      refreshedAt: 3000,
    });
    assert.equal(await store.rotateRefreshToken("a", rotation), true);
    const account = await store.findAccount(userId);
    assert.ok(account !== null);
    const browser = sessionOf("c", { userId, cookieHash: "hash of c" });
    assert.equal(
      await store.addSession({
        session: browser,
        account,
        replacedCookieHash: null,
      }),
      true,
    );
    assert.equal(
      (await store.findUserOfCookie({
        cookieHash: "hash of c",
        since: 0,
        host: "localhost",
      }))
        ?.sessionId,
      "c",
    );
    store.close();
    const database = new DatabaseSync(path);
    assert.equal(
      database.prepare("PRAGMA user_version").get()?.["user_version"],
      migrations.length,
    );
    assert.equal(
      database.prepare("SELECT failures FROM throttle").get()?.["failures"],
      3,
    );
    database.close();
  });
});

test("a database that was migrated has the schema of one that was made today", async () => {
  await withFolder((folder) => {
    const paths = ["old.sqlite", "new.sqlite"].map((name) =>
      join(folder, name)
    );
    const old = new DatabaseSync(paths[0] ?? "");
    old.exec(secondVersion);
    old.close();
    const [first, second] = paths.map((path) => {
      openSqlite(path).close();
      const database = new DatabaseSync(path);
      const tables = ["users", "sessions", "throttle", "known_addresses"];
      const found = tables.map((table) => [
        database.prepare(`PRAGMA table_xinfo(${table})`).all(),
        database.prepare(`PRAGMA foreign_key_list(${table})`).all(),
        database.prepare(
          "SELECT name FROM sqlite_schema WHERE tbl_name = ? ORDER BY name",
        ).all(
          table,
        ),
      ]);
      database.close();
      return JSON.stringify(found);
    });
    assert.equal(first, second);
  });
});

test("an attempt that has to wait is told so while another program writes", async () => {
  await withFile(async (store, _other, database) => {
    const strict = { key: "strict", freeFailures: 0, isLasting: false };
    await store.countAttempt([strict], { now: 1000, since: 0 });
    database.exec("BEGIN IMMEDIATE");
    assert.equal(
      await store.countAttempt([strict, patient], { now: 1001, since: 0 }),
      1,
    );
    database.exec("ROLLBACK");
  });
});

test("an attempt that becomes too many while it waits for the other program is refused", async () => {
  await withFile(async (store, _other, database) => {
    const racing = { key: "racing", freeFailures: 2, isLasting: false };
    const time = { now: 1000, since: 0 };
    await store.countAttempt([racing], time);
    // The other program is faster: after the store has looked, and before its
    // change begins.
    const { exec } = DatabaseSync.prototype;
    DatabaseSync.prototype.exec = function (sql) {
      DatabaseSync.prototype.exec = exec;
      assert.equal(sql, "BEGIN IMMEDIATE");
      database.exec("UPDATE throttle SET failures = 2 WHERE key = 'racing'");
      exec.call(this, sql);
    };
    try {
      assert.equal(await store.countAttempt([racing, patient], time), 1);
    } finally {
      DatabaseSync.prototype.exec = exec;
    }
    const rows = database.prepare("SELECT key, failures FROM throttle").all();
    assert.deepEqual(rows.map((row) => ({ ...row })), [{
      key: "racing",
      failures: 2,
    }]);
  });
});

test("what is acknowledged is on the disk: each commit is synced in full", () => {
  const { exec } = DatabaseSync.prototype;
  const statements: string[] = [];
  DatabaseSync.prototype.exec = function (sql) {
    statements.push(sql);
    return exec.call(this, sql);
  };
  try {
    openSqlite(":memory:").close();
  } finally {
    DatabaseSync.prototype.exec = exec;
  }
  const settings = statements.filter((sql) => /synchronous/.test(sql));
  assert.deepEqual(settings, ["PRAGMA synchronous = FULL"]);
});

test(
  "a database that another keeps busy is told as unavailable, and works again afterwards",
  {
    timeout: 20_000,
  },
  async () => {
    await withFile(async (store, _other, database) => {
      const [account] = await addBoth(store);
      database.exec("BEGIN IMMEDIATE");
      const changes = [
        () =>
          store.endAllSessions({
            author: authorWith(account.id),
            tokensFrom: 6,
          }),
        () => store.replacePasswordHash(account, "other" as PasswordHash),
      ];
      for (const change of changes) {
        await assert.rejects(async () => void await change(), isUnavailable);
      }
      assert.notEqual(await store.findAccount(account.id), null);
      database.exec("ROLLBACK");
      await store.endAllSessions({
        author: authorWith(account.id),
        tokensFrom: 6,
      });
      assert.equal(
        await store.findUserOfToken({ userId: account.id, issuedAt: 5 }),
        null,
      );
    });
  },
);

test("the first password hash behind a text is found by an index", async () => {
  await withFile((_store, _other, database) => {
    const plan = database.prepare(`EXPLAIN QUERY PLAN
      SELECT password_hash FROM users
      WHERE password_hash > ? ORDER BY password_hash LIMIT 1`).all("p");
    assert.equal(plan.length, 1);
    assert.match(
      String(plan[0]?.["detail"]),
      /^SEARCH users USING COVERING INDEX users_by_hash/,
    );
  });
});
