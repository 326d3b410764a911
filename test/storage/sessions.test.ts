/**
 * Sessions in SQLite: every method, whom and what it must not touch, and two programs on one file.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PasswordHash } from "../../src/auth/auth.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { addBoth, bob, id, sessionOf, withFile } from "./stores.ts";

const user = { id: 2, email: bob.email, isAdmin: false };
const second = "second" as PasswordHash;

test("a session is found as it was added", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  const session = sessionOf("a", { userId: id(2), createdAt: 2000, refreshedAt: 2000 });
  assert.equal(await store.addSession(session, account), true);
  assert.deepEqual(await store.findSession("a", 0), session);
  assert.deepEqual(await store.findUserOfSession("a", id(2), 0), user);
  assert.deepEqual(await store.listSessions(id(2), 0), [session]);
  const bare = sessionOf("b", { userId: id(2), address: null, agent: null });
  assert.equal(await store.addSession(bare, account), true);
  assert.deepEqual(await store.findSession("b", 0), bare);
  assert.equal(await store.findSession("c", 0), null);
  assert.equal(await store.findUserOfSession("c", id(2), 0), null);
  assert.deepEqual(await store.listSessions(id(1), 0), []);
  store.close();
});

test("a session is not added once the password is another or the user is disabled", async () => {
  for (const change of [{ passwordHash: second }, { isDisabled: true }]) {
    const store = openSqlite(":memory:");
    const [, account] = await addBoth(store);
    await store.changeUser(id(2), change, 5);
    assert.equal(await store.addSession(sessionOf("a"), account), false);
    assert.deepEqual(await store.listSessions(id(2), 0), []);
    store.close();
  }
});

test("a session ends at the second from which it must have been refreshed", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  await store.addSession(sessionOf("a", { userId: id(2) }), account); // at 1,000
  for (const [since, isThere] of [[999, true], [1000, true], [1001, false]] as const) {
    assert.equal(await store.findSession("a", since) !== null, isThere);
    assert.equal(await store.findUserOfSession("a", id(2), since) !== null, isThere);
    assert.equal((await store.listSessions(id(2), since)).length === 1, isThere);
  }
  store.close();
});

test("a browser's session is found by the hash of its cookie, and by no other text", async () => {
  const store = openSqlite(":memory:");
  const [first, account] = await addBoth(store);
  await store.addSession(sessionOf("theirs", { cookieHash: "hash of theirs" }), first);
  const session = sessionOf("a", { userId: id(2), refreshHash: "", cookieHash: "hash of a" });
  await store.addSession(session, account);
  await store.addSession(sessionOf("b", { userId: id(2) }), account); // no browser's
  assert.deepEqual(await store.findUserOfCookie("hash of a", 0), { user, sessionId: "a" });
  const theirs = await store.findUserOfCookie("hash of theirs", 0);
  assert.deepEqual([theirs?.user.id, theirs?.user.isAdmin, theirs?.sessionId], [1, true, "theirs"]);
  const others = [
    "",
    "a",
    "hash",
    "hash of b",
    "hash of c",
    "HASH OF A",
    "hash of a ",
    "null",
    "%",
  ];
  for (const text of others) assert.equal(await store.findUserOfCookie(text, 0), null, text);
  assert.deepEqual(await store.findSession("a", 0), session);
  store.close();
});

test("a browser's session ends with its time, its row or its user's state", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  const add = (name: string) => {
    const parts = { userId: id(2), cookieHash: `hash of ${name}` };
    return store.addSession(sessionOf(name, parts), account); // at 1,000
  };
  await add("a");
  for (const [since, isThere] of [[999, true], [1000, true], [1001, false]] as const) {
    assert.equal(await store.findUserOfCookie("hash of a", since) !== null, isThere);
  }
  await store.endSession("a", id(2));
  assert.equal(await store.findUserOfCookie("hash of a", 0), null);
  await add("b");
  await store.endAllSessions(id(2), 5000);
  assert.equal(await store.findUserOfCookie("hash of b", 0), null);
  await add("c");
  await store.changeUser(id(2), { isDisabled: true }, 5000);
  assert.equal(await store.findUserOfCookie("hash of c", 0), null);
  store.close();
});

test("a browser's session of a disabled user is none, even where its row is still there", async () => {
  await withFile(async (store, other, database) => {
    const [, account] = await addBoth(store);
    await store.addSession(sessionOf("a", { userId: id(2), cookieHash: "hash of a" }), account);
    assert.notEqual(await other.findUserOfCookie("hash of a", 0), null);
    database.exec("UPDATE users SET is_disabled = 1 WHERE id = 2");
    for (const each of [store, other]) {
      assert.equal(await each.findUserOfCookie("hash of a", 0), null);
    }
  });
});

test("no two sessions have the same cookie, and any number have none", async () => {
  const store = openSqlite(":memory:");
  const [first, account] = await addBoth(store);
  for (const name of ["a", "b", "c"]) await store.addSession(sessionOf(name), account);
  await store.addSession(sessionOf("d", { cookieHash: "hash" }), first);
  assert.throws(() => store.addSession(sessionOf("e", { cookieHash: "hash" }), account), /UNIQUE/);
  assert.equal((await store.findUserOfCookie("hash", 0))?.sessionId, "d");
  assert.equal((await store.listSessions(id(2), 0)).length, 3);
  store.close();
});

test("a session is of its user alone", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  await store.addSession(sessionOf("a", { userId: id(2) }), account);
  assert.equal(await store.findUserOfSession("a", id(1), 0), null);
  assert.equal(await store.endSession("a", id(1)), false);
  await store.endAllSessions(id(1), 5000);
  assert.deepEqual(await store.findUserOfSession("a", id(2), 0), user);
  assert.equal(await store.endSession("a", id(2)), true);
  assert.equal(await store.endSession("a", id(2)), false);
  assert.equal(await store.findUserOfSession("a", id(2), 0), null);
  store.close();
});

test("a session of a disabled user is none, even where its row is still there", async () => {
  await withFile(async (store, _other, database) => {
    const [, account] = await addBoth(store);
    await store.addSession(sessionOf("a", { userId: id(2) }), account);
    database.exec("UPDATE users SET is_disabled = 1 WHERE id = 2");
    assert.equal(await store.findSession("a", 0), null);
    assert.equal(await store.findUserOfSession("a", id(2), 0), null);
  });
});

test("sessions are listed from the last refreshed to the first", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  for (const [name, createdAt] of [["c", 3000], ["a", 1000], ["d", 3000], ["b", 2000]] as const) {
    await store.addSession(sessionOf(name, { createdAt }), account);
  }
  const rotation = { spentHash: "hash of a", refreshHash: "next", refreshedAt: 2500 };
  assert.equal(await store.rotateRefreshToken("a", rotation), true);
  const names = (await store.listSessions(id(2), 0)).map((session) => session.id);
  assert.deepEqual(names, ["c", "d", "a", "b"]);
  store.close();
});

test("a refresh token is swapped once, and only for the one that is to be used next", async () => {
  const store = openSqlite(":memory:");
  const [account] = await addBoth(store);
  await store.addSession(sessionOf("a"), account);
  await store.addSession(sessionOf("b"), account);
  const wrong = { spentHash: "hash of b", refreshHash: "third", refreshedAt: 9000 };
  assert.equal(await store.rotateRefreshToken("a", wrong), false);
  const rotation = { spentHash: "hash of a", refreshHash: "second", refreshedAt: 3000 };
  assert.equal(await store.rotateRefreshToken("a", rotation), true);
  assert.equal(await store.rotateRefreshToken("a", { ...rotation, refreshedAt: 4000 }), false);
  assert.equal(await store.rotateRefreshToken("c", rotation), false);
  assert.deepEqual(
    await store.findSession("a", 0),
    sessionOf("a", { refreshHash: "second", spentHash: "hash of a", refreshedAt: 3000 }),
  );
  assert.deepEqual(await store.findSession("b", 0), sessionOf("b"));
  store.close();
});

test("all of a user's sessions end at once, and tokens issued until then are refused", async () => {
  const store = openSqlite(":memory:");
  const [first, account] = await addBoth(store);
  await store.addSession(sessionOf("theirs"), first);
  for (const name of ["a", "b"]) await store.addSession(sessionOf(name), account);
  await store.endAllSessions(id(2), 5000);
  assert.deepEqual(await store.listSessions(id(2), 0), []);
  assert.equal(await store.findUserOfToken(id(2), 5000), null);
  assert.deepEqual(await store.findUserOfToken(id(2), 5001), user);
  assert.notEqual(await store.findSession("theirs", 0), null);
  assert.notEqual(await store.findUserOfToken(id(1), 0), null);
  store.close();
});

test("a password change keeps one session, or none, and nothing of other users is changed", async () => {
  for (const sessionId of ["a", null, "theirs", "unknown"]) {
    const store = openSqlite(":memory:");
    const [first, account] = await addBoth(store);
    await store.addSession(sessionOf("theirs"), first);
    for (const name of ["a", "b"]) await store.addSession(sessionOf(name), account);
    assert.equal(await store.changePassword(account, second, { sessionId, now: 5000 }), true);
    const left = (await store.listSessions(id(2), 0)).map((session) => session.id);
    assert.deepEqual(left, sessionId === "a" ? ["a"] : []);
    assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
    assert.equal(await store.findUserOfToken(id(2), 5000), null);
    assert.notEqual(await store.findUserOfToken(id(2), 5001), null);
    assert.notEqual(await store.findSession("theirs", 0), null);
    assert.deepEqual(await store.findAccount(id(1)), first);
    assert.notEqual(await store.findUserOfToken(id(1), 0), null);
    store.close();
  }
});

test("a password that is no more the one that was read is not changed, and ends nothing", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  const third = "third" as PasswordHash;
  await store.addSession(sessionOf("a"), account);
  await store.replacePasswordHash(account, second);
  assert.equal(await store.changePassword(account, third, { sessionId: null, now: 5000 }), false);
  assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
  assert.notEqual(await store.findSession("a", 0), null);
  assert.notEqual(await store.findUserOfToken(id(2), 0), null);
  const current = { ...account, passwordHash: second };
  await store.changeUser(id(2), { isDisabled: true }, 1);
  assert.equal(await store.changePassword(current, third, { sessionId: null, now: 5000 }), false);
  assert.equal((await store.findAccount(id(2)))?.passwordHash, second);
  store.close();
});

test("of more than a thousand sessions of a user, the longest unused one ends", async () => {
  const store = openSqlite(":memory:");
  const [first, account] = await addBoth(store);
  await store.addSession(sessionOf("theirs", { createdAt: 1 }), first);
  for (let count = 0; count < 1000; count++) {
    await store.addSession(sessionOf(`s${count}`, { createdAt: 1000 + count }), account);
  }
  const rotation = { spentHash: "hash of s0", refreshHash: "next", refreshedAt: 5000 };
  assert.equal(await store.rotateRefreshToken("s0", rotation), true);
  assert.equal((await store.listSessions(id(2), 0)).length, 1000);
  assert.equal(await store.addSession(sessionOf("new", { createdAt: 5000 }), account), true);
  const names = (await store.listSessions(id(2), 0)).map((session) => session.id);
  assert.equal(names.length, 1000);
  assert.deepEqual(["s0", "s1", "s2", "new"].map((name) => names.includes(name)), [
    ...[true, false, true, true],
  ]);
  assert.notEqual(await store.findSession("theirs", 0), null);
  store.close();
});

test("a new session is never the one that ends, not even among a thousand of its second", async () => {
  const store = openSqlite(":memory:");
  const [account] = await addBoth(store);
  for (let count = 0; count < 1000; count++) {
    await store.addSession(sessionOf(`s${count}`), account);
  }
  for (const name of ["0", "zz", "s5000", "m"]) { // before, behind and among the others by name
    await store.addSession(sessionOf(name), account);
    assert.notEqual(await store.findSession(name, 0), null, name);
    assert.equal((await store.listSessions(id(1), 0)).length, 1000);
  }
  store.close();
});

test("sessions that have ended are swept, so many at a time, the oldest first", async () => {
  const store = openSqlite(":memory:");
  const [, account] = await addBoth(store);
  for (const createdAt of [1003, 1001, 1004, 1002, 1000]) {
    await store.addSession(sessionOf(`${createdAt}`, { createdAt }), account);
  }
  const left = async () => (await store.listSessions(id(2), 0)).map((session) => session.id);
  assert.equal(await store.sweepSessions(1000, 9), 0);
  assert.equal(await store.sweepSessions(1003, 2), 2);
  assert.deepEqual(await left(), ["1004", "1003", "1002"]);
  assert.equal(await store.sweepSessions(1003, 2), 1);
  assert.equal(await store.sweepSessions(1003, 2), 0);
  assert.deepEqual(await left(), ["1004", "1003"]);
  store.close();
});

test("a session that one program ends has ended in another on the same file", async () => {
  await withFile(async (store, other) => {
    const [first, account] = await addBoth(store);
    for (const name of ["a", "b", "c"]) await store.addSession(sessionOf(name), account);
    await store.addSession(sessionOf("theirs"), first);
    assert.equal((await other.listSessions(id(2), 0)).length, 3);
    assert.equal(await other.endSession("a", id(2)), true);
    assert.equal(await store.findUserOfSession("a", id(2), 0), null);
    const rotation = { spentHash: "hash of b", refreshHash: "next", refreshedAt: 3000 };
    assert.equal(await other.rotateRefreshToken("b", rotation), true);
    assert.equal(await store.rotateRefreshToken("b", rotation), false);
    await other.changeUser(id(2), { isDisabled: true }, 5);
    assert.deepEqual(await store.listSessions(id(2), 0), []);
    assert.notEqual(await store.findSession("theirs", 0), null);
  });
});
