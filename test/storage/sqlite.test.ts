/**
 * The stores on SQLite, in memory and in a file: every method, its conflicts, and the schema's steps.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { Email, PasswordHash, UserId } from "../../src/auth/auth.ts";
import { migrations } from "../../src/storage/schema.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";

const ada = {
  email: "ada@example.org" as Email,
  isAdmin: true,
  passwordHash: "pbkdf2-sha256$1$AA$AA" as PasswordHash,
};

for (const place of ["in memory", "in a file"]) {
  test(`a store ${place} finds what was added, by address and by id`, async () => {
    await inFolder(async (folder) => {
      const store = openSqlite(place === "in memory" ? ":memory:" : join(folder, "users.sqlite"));
      assert.equal(await store.hasUsers(), false);
      assert.deepEqual(await store.addUser(ada), { id: 1, email: ada.email, isAdmin: true });
      assert.equal(await store.hasUsers(), true);
      assert.deepEqual(await store.findAccountByEmail(ada.email), { id: 1, ...ada });
      const user = await store.findUser(1 as UserId);
      assert.deepEqual(user, { id: 1, email: ada.email, isAdmin: true });
      assert.equal(await store.findUser(2 as UserId), null);
      assert.equal(await store.findAccountByEmail("bob@example.org" as Email), null);
      store.close();
    });
  });

  test(`an address is taken once ${place}, and an id is never used again`, async () => {
    await inFolder(async (folder) => {
      const path = place === "in memory" ? ":memory:" : join(folder, "users.sqlite");
      const store = openSqlite(path);
      assert.notEqual(await store.addUser(ada), null);
      assert.equal(await store.addUser({ ...ada, isAdmin: false }), null);
      assert.equal((await store.findAccountByEmail(ada.email))?.isAdmin, true);
      store.close();
      if (path === ":memory:") return;
      const database = new DatabaseSync(path);
      database.exec("DELETE FROM users");
      database.close();
      const again = openSqlite(path);
      const added = await again.addUser(ada);
      assert.ok(added !== null && added.id > 1);
      again.close();
    });
  });
}

test("a password hash is replaced only if it is still the one that was read", async () => {
  const store = openSqlite(":memory:");
  await store.addUser(ada);
  const account = await store.findAccountByEmail(ada.email);
  assert.ok(account !== null);
  await store.replacePasswordHash(account, "second" as PasswordHash);
  await store.replacePasswordHash(account, "third" as PasswordHash); // the first is gone by now
  assert.equal((await store.findAccountByEmail(ada.email))?.passwordHash, "second");
  store.close();
});

test("text that looks like SQL is stored and found as text", async () => {
  const store = openSqlite(":memory:");
  const email = "x'--@host;drop" as Email;
  await store.addUser({ ...ada, email });
  assert.equal((await store.findAccountByEmail(email))?.email, email);
  store.close();
});

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
    assert.deepEqual(await second.findAccountByEmail(ada.email), { id: 1, ...ada });
    first.close();
    second.close();
  });
});

async function inFolder(use: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "onejot-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
