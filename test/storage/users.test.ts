/**
 * Users in SQLite: every method, its conflicts, and what a change of a user does to the rest.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import type { Email, PasswordHash } from "../../src/auth/auth.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { ada, addBoth, bob, id, inFolder, sessionOf, withFile } from "./stores.ts";

for (const place of ["in memory", "in a file"]) {
  test(`a store ${place} finds what was added, by address, by id and by token`, async () => {
    await inFolder(async (folder) => {
      const store = openSqlite(place === "in memory" ? ":memory:" : join(folder, "users.sqlite"));
      assert.deepEqual(await store.listUsers(0, 1), []);
      const account = await store.addUser(ada);
      const { createdAt, ...others } = Object(account);
      assert.deepEqual(others, { id: 1, ...ada, isDisabled: false });
      assert.ok(Math.abs(createdAt - Date.now() / 1000) < 5);
      assert.deepEqual(await store.listUsers(0, 1), [account]);
      assert.deepEqual(await store.findAccountByEmail(ada.email), account);
      assert.deepEqual(await store.findAccount(id(1)), account);
      const user = { id: 1, email: ada.email, isAdmin: true };
      assert.deepEqual(await store.findUserOfToken(id(1), 0), user);
      assert.equal(await store.findAccount(id(2)), null);
      assert.equal(await store.findUserOfToken(id(2), 0), null);
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
  const [account] = await addBoth(store);
  assert.equal(await store.replacePasswordHash(account, "second" as PasswordHash), true);
  assert.equal(await store.replacePasswordHash(account, "third" as PasswordHash), false);
  assert.equal((await store.findAccount(id(1)))?.passwordHash, "second");
  assert.equal((await store.findAccount(id(2)))?.passwordHash, bob.passwordHash);
  store.close();
});

test("a better hash of the same password ends no session and refuses no token", async () => {
  const store = openSqlite(":memory:");
  const [account] = await addBoth(store);
  await store.addSession(sessionOf("a"), account);
  await store.replacePasswordHash(account, "second" as PasswordHash);
  assert.notEqual(await store.findUserOfSession("a", id(1), 0), null);
  assert.notEqual(await store.findUserOfToken(id(1), 0), null);
  store.close();
});

test("users are listed behind an id, in order, as many as asked for", async () => {
  const store = openSqlite(":memory:");
  const emails = ["c@b", "a@b", "d@b", "b@b"] as Email[];
  for (const email of emails) await store.addUser({ ...ada, email });
  const listed = async (after: number, limit: number) =>
    (await store.listUsers(after, limit)).map(({ email }) => email);
  assert.deepEqual(await listed(0, 9), emails);
  assert.deepEqual(await listed(0, 2), ["c@b", "a@b"]);
  assert.deepEqual(await listed(2, 2), ["d@b", "b@b"]);
  assert.deepEqual(await listed(3, 1), ["b@b"]);
  assert.deepEqual(await listed(4, 9), []);
  assert.deepEqual(await store.listUsers(0, 1), [await store.findAccount(id(1))]);
  store.close();
});

test("a change of a user is stored as asked, and in no other user", async () => {
  const store = openSqlite(":memory:");
  const [first, before] = await addBoth(store);
  await store.addUser({ ...ada, email: "eve@example.org" as Email });
  const changes = [{}, { isAdmin: false }, { isDisabled: true }, { isAdmin: true }];
  let expected = first;
  for (
    const change of [...changes, { isDisabled: false }, { passwordHash: "second" as PasswordHash }]
  ) {
    expected = { ...expected, ...change };
    assert.deepEqual(await store.changeUser(id(1), change, 5), expected);
    assert.deepEqual(await store.findAccount(id(1)), expected);
  }
  assert.deepEqual(await store.findAccount(id(2)), before);
  assert.equal(await store.changeUser(id(9), { isAdmin: true }, 5), null);
  store.close();
});

test("a disable and a new password end the user's sessions, and refuse tokens issued until then", async () => {
  for (const change of [{ isDisabled: true }, { passwordHash: "second" as PasswordHash }]) {
    const store = openSqlite(":memory:");
    const [first, second] = await addBoth(store);
    await store.addSession(sessionOf("a"), second);
    await store.addSession(sessionOf("b"), first);
    assert.notEqual(await store.changeUser(id(2), change, 5000), null);
    assert.equal(await store.findUserOfSession("a", id(2), 0), null);
    assert.notEqual(await store.findUserOfSession("b", id(1), 0), null);
    await store.changeUser(id(2), { isDisabled: false }, 9000);
    assert.equal(await store.findUserOfSession("a", id(2), 0), null);
    for (const [issuedAt, isGood] of [[4999, false], [5000, false], [5000.9, false]] as const) {
      assert.equal(await store.findUserOfToken(id(2), issuedAt) !== null, isGood);
    }
    assert.deepEqual(await store.findUserOfToken(id(2), 5001), {
      ...{ id: 2, email: bob.email, isAdmin: false },
    });
    assert.notEqual(await store.findUserOfToken(id(1), 0), null);
    store.close();
  }
});

test("a token of a disabled user is refused, whenever it was issued", async () => {
  const store = openSqlite(":memory:");
  await addBoth(store);
  await store.changeUser(id(2), { isDisabled: true }, 5000);
  assert.equal(await store.findUserOfToken(id(2), 1e9), null);
  store.close();
});

test("the last enabled administrator cannot be taken away, and nothing of the change is done", async () => {
  const store = openSqlite(":memory:");
  const [account] = await addBoth(store);
  await store.addSession(sessionOf("a"), account);
  const passwordHash = "second" as PasswordHash;
  const taking = [{ isAdmin: false }, { isDisabled: true }, { isAdmin: false, isDisabled: true }];
  for (const change of [...taking, { isDisabled: true, passwordHash }]) {
    assert.equal(await store.changeUser(id(1), change, 5), "last_admin");
  }
  assert.deepEqual(await store.findAccount(id(1)), account);
  assert.notEqual(await store.findUserOfSession("a", id(1), 0), null);
  assert.notEqual(await store.findUserOfToken(id(1), 0), null);
  const harmless = [{ isAdmin: true }, { isDisabled: false }, { passwordHash }];
  for (const change of harmless) {
    assert.notEqual(await store.changeUser(id(1), change, 5), "last_admin");
  }
  store.close();
});

test("an administrator who is disabled, or no more one, does not count as one that stays", async () => {
  const store = openSqlite(":memory:");
  await addBoth(store);
  await store.changeUser(id(2), { isAdmin: true }, 5);
  assert.notEqual(await store.changeUser(id(2), { isDisabled: true }, 5), "last_admin");
  assert.equal(await store.changeUser(id(1), { isAdmin: false }, 5), "last_admin");
  assert.notEqual(await store.changeUser(id(2), { isAdmin: false }, 5), "last_admin"); // is disabled
  assert.notEqual(await store.changeUser(id(2), { isDisabled: false }, 5), "last_admin");
  assert.equal(await store.changeUser(id(1), { isDisabled: true }, 5), "last_admin");
  await store.changeUser(id(2), { isAdmin: true }, 5);
  assert.notEqual(await store.changeUser(id(1), { isDisabled: true }, 5), "last_admin");
  store.close();
});

test("what one program changes of a user, another on the same file sees at once", async () => {
  await withFile(async (store, other) => {
    await addBoth(store);
    assert.equal(await other.addUser(ada), null);
    await other.changeUser(id(2), { isDisabled: true }, 5);
    assert.equal(await store.findUserOfToken(id(2), 100), null);
    assert.equal((await store.findAccount(id(2)))?.isDisabled, true);
  });
});

test("text that looks like SQL is stored and found as text", async () => {
  const store = openSqlite(":memory:");
  const email = "x'--@host;drop" as Email;
  await store.addUser({ ...ada, email });
  assert.equal((await store.findAccountByEmail(email))?.email, email);
  store.close();
});
