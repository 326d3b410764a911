/**
 * The database file: its mode and its schema's steps, what is refused, and two programs on one file.
 * What is stored in it is in the tests beside this one.
 */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { UserId } from "../../src/auth/auth.ts";
import { migrations } from "../../src/storage/schema.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { ada, inFolder } from "./stores.ts";

test("a database file is for its owner alone, in WAL mode and at the last version", async () => {
  await inFolder((folder) => {
    const path = join(folder, "users.sqlite");
    openSqlite(path).close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const database = new DatabaseSync(path);
    assert.equal(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    assert.equal(version, migrations.length);
    database.close();
  });
});

test("a database that is newer than the program is refused and left as it is", async () => {
  await inFolder((folder) => {
    const path = join(folder, "users.sqlite");
    openSqlite(path).close();
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    assert.throws(() => openSqlite(path), /^Error: the database is newer than this program$/);
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    assert.equal(version, migrations.length + 1);
    database.close();
  });
});

test("a step of the schema that fails leaves nothing behind", async () => {
  await inFolder((folder) => {
    const path = join(folder, "users.sqlite");
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE users (name TEXT)");
    assert.throws(() => openSqlite(path), /users/);
    assert.equal(database.prepare("PRAGMA user_version").get()?.["user_version"], 0);
    assert.equal(
      database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get()?.["tables"],
      1,
    );
    database.close();
  });
});

test("a relative path is the name of a file and never a URI", async () => {
  await inFolder((folder) => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      openSqlite("file:a.sqlite?mode=memory").close();
      assert.deepEqual(readdirSync(folder), ["file:a.sqlite?mode=memory"]);
      assert.equal(statSync(join(folder, "file:a.sqlite?mode=memory")).mode & 0o777, 0o600);
    } finally {
      process.chdir(before);
    }
  });
});

test("a database that is up to date is opened a second time with all that is in it", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "users.sqlite");
    const [first, second] = [openSqlite(path), openSqlite(path)];
    await first.addUser(ada);
    assert.deepEqual(await second.findAccountByEmail(ada.email), {
      id: 1,
      ...ada,
      isDisabled: false,
    });
    first.close();
    second.close();
  });
});

test("a database of the first version keeps its users, who are enabled and whose tokens are good", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "users.sqlite");
    const database = new DatabaseSync(path);
    database.exec(migrations[0] ?? "");
    database.exec("PRAGMA user_version = 1");
    database.exec("INSERT INTO users VALUES (7, 'ada@example.org', 1, 'hash', 1234567890)");
    database.close();
    const store = openSqlite(path);
    const details = { id: 7, email: ada.email, isAdmin: true, isDisabled: false };
    assert.deepEqual(await store.listUsers(0, 9), [{ ...details, createdAt: 1234567890 }]);
    assert.notEqual(await store.findUserOfToken(7 as UserId, 0), null);
    assert.equal((await store.findAccountByEmail(ada.email))?.passwordHash, "hash");
    store.close();
  });
});

test("no row names a user that there is not", async () => {
  await inFolder((folder) => {
    const path = join(folder, "users.sqlite");
    const store = openSqlite(path);
    assert.throws(() => store.rememberAddress(1 as UserId, "192.0.2.1", 1), /FOREIGN KEY/);
    store.close();
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
