/**
 * Counts of failed attempts in SQLite: what an attempt writes and what a refused one does not, what is
 * taken back, which counts are swept, and which addresses stay known.
 */

import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { ThrottleKey } from "../../src/auth/auth.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { addBoth, id, withFile } from "./stores.ts";

const patient = keyOf("patient", () => 0);
const strict = keyOf("strict", (failures) => failures * 10);

test("an attempt counts by all keys, and waits for the longest", async () => {
  await withFile(async (store, _other, database) => {
    const eager = keyOf("eager", (failures) => failures * 20);
    assert.equal(await store.countAttempt([patient, strict, eager], 1000, 0), 0);
    assert.deepEqual(rowsOf(database), ["eager 1 1000", "patient 1 1000", "strict 1 1000"]);
    assert.equal(await store.countAttempt([patient], 1001, 0), 0);
    assert.equal(await store.countAttempt([strict, eager], 1005, 0), 15);
    assert.equal(await store.countAttempt([eager, strict], 1005, 0), 15);
    assert.equal(await store.countAttempt([strict, patient], 1005, 0), 5);
    assert.equal(await store.countAttempt([strict], 1009, 0), 1);
    assert.deepEqual(rowsOf(database), ["eager 1 1000", "patient 2 1001", "strict 1 1000"]);
    assert.equal(await store.countAttempt([strict], 1010, 0), 0);
    assert.deepEqual(rowsOf(database), ["eager 1 1000", "patient 2 1001", "strict 2 1010"]);
  });
});

test("what failed before the hour begins the count anew", async () => {
  await withFile(async (store, _other, database) => {
    for (const now of [1000, 1001]) await store.countAttempt([patient], now, 0);
    await store.countAttempt([patient], 4601, 1001);
    assert.deepEqual(rowsOf(database), ["patient 3 4601"]);
    await store.countAttempt([patient], 8202, 4602);
    assert.deepEqual(rowsOf(database), ["patient 1 8202"]);
    const long = keyOf("patient", () => 100_000);
    assert.equal(await store.countAttempt([long], 8203, 8203), 0);
    assert.equal(await store.countAttempt([long], 8204, 8203), 99_999);
  });
});

test("a clock that was set back makes nobody wait longer", async () => {
  const store = openSqlite(":memory:");
  await store.countAttempt([strict], 1000, 0);
  assert.equal(await store.countAttempt([strict], 900, 0), 10);
  store.close();
});

test("an attempt that is taken back leaves each count and its time as they were", async () => {
  await withFile(async (store, _other, database) => {
    for (const now of [1000, 1001]) await store.countAttempt([patient, strict], now * 10, 0);
    const before = rowsOf(database);
    const other = keyOf("other", () => 0);
    await store.countAttempt([patient, strict, other], 20_000, 0);
    await store.takeBackAttempt([patient, strict, other], null);
    assert.deepEqual(rowsOf(database), before);
    await store.takeBackAttempt([keyOf("unknown", () => 0)], "unknown");
    assert.deepEqual(rowsOf(database), before);
  });
});

test("an attempt that has to wait is told so while another program writes", async () => {
  await withFile(async (store, _other, database) => {
    await store.countAttempt([strict], 1000, 0);
    database.exec("BEGIN IMMEDIATE");
    assert.equal(await store.countAttempt([strict, patient], 1001, 0), 9);
    database.exec("ROLLBACK");
  });
});

test("the first failure stays when the second attempt is taken back", async () => {
  await withFile(async (store, _other, database) => {
    for (const now of [1000, 1001]) await store.countAttempt([patient], now, 0);
    await store.takeBackAttempt([patient], null);
    assert.deepEqual(rowsOf(database), ["patient 1 1000"]);
    await store.takeBackAttempt([patient], null);
    assert.deepEqual(rowsOf(database), []);
  });
});

test("the count that is to be forgotten is gone, and of the others one failure", async () => {
  await withFile(async (store, _other, database) => {
    const stays = keyOf("stays", () => 0);
    for (const now of [1000, 1001, 1002]) {
      await store.countAttempt([patient, strict, stays], now * 100, 0);
    }
    await store.takeBackAttempt([patient, strict], "strict");
    assert.deepEqual(rowsOf(database), ["patient 2 100100", "stays 3 100200"]);
  });
});

test("of two programs on one file, each counts what the other has counted", async () => {
  await withFile(async (store, other) => {
    for (const now of [1000, 1001]) await other.countAttempt([patient], now, 0);
    const three = keyOf("patient", (failures) => failures < 3 ? 0 : 10);
    assert.equal(await store.countAttempt([three], 1002, 0), 0);
    assert.equal(await other.countAttempt([three], 1002, 0), 10);
  });
});

test("an attempt that becomes too many while it waits for the other program is refused", async () => {
  await withFile(async (store, other, database) => {
    let looks = 0;
    const racing = keyOf("racing", (failures) => {
      if (++looks === 1) other.countAttempt([keyOf("racing", () => 0)], 1000, 0);
      return failures < 2 ? 0 : 10;
    });
    await store.countAttempt([racing], 1000, 0); // there is nothing to wait for yet
    assert.equal(await store.countAttempt([racing, patient], 1000, 0), 10);
    assert.deepEqual(rowsOf(database), ["racing 2 1000"]);
  });
});

test("an address is known for the account that logged in from it", async () => {
  const store = openSqlite(":memory:");
  await addBoth(store);
  await store.rememberAddress(id(1), "192.0.2.1", 1000);
  await store.rememberAddress(id(1), "192.0.2.1", 2000);
  assert.equal(await store.isKnownAddress(id(1), "192.0.2.1"), true);
  assert.equal(await store.isKnownAddress(id(2), "192.0.2.1"), false);
  assert.equal(await store.isKnownAddress(id(1), "192.0.2.2"), false);
  store.close();
});

test("twenty addresses of an account stay known, those that were used last", async () => {
  const store = openSqlite(":memory:");
  await addBoth(store);
  for (const address of ["a0", "a1"]) await store.rememberAddress(id(2), address, 1);
  for (let index = 0; index < 20; index++) {
    await store.rememberAddress(id(1), `a${index}`, 1000 + index);
  }
  await store.rememberAddress(id(1), "a0", 2000);
  assert.equal(await store.isKnownAddress(id(1), "a1"), true);
  await store.rememberAddress(id(1), "new", 2001);
  for (
    const [address, isKnown] of [["a0", true], ["a1", false], ["a2", true], ["new", true]] as const
  ) {
    assert.equal(await store.isKnownAddress(id(1), address), isKnown, address);
  }
  for (const address of ["a0", "a1"]) assert.ok(await store.isKnownAddress(id(2), address));
  store.close();
});

test("old counts are swept, so many at a time, and no others", async () => {
  await withFile(async (store, _other, database) => {
    for (const now of [1000, 1001, 1002, 1003]) {
      await store.countAttempt([keyOf(`k${now}`, () => 0)], now, 0);
    }
    assert.equal(await store.sweepThrottle(1000, 9), 0);
    assert.equal(await store.sweepThrottle(1003, 2), 2);
    assert.equal(rowsOf(database).length, 2);
    assert.equal(await store.sweepThrottle(1003, 2), 1);
    assert.equal(await store.sweepThrottle(1003, 2), 0);
    assert.deepEqual(rowsOf(database), ["k1003 1 1003"]);
  });
});

test("beyond a hundred thousand counts the old ones go, then the lowest, and a hot one stays", async () => {
  await withFile(async (store, _other, database) => {
    fill(database, 100_004);
    for (const now of [500, 501, 502]) await store.countAttempt([keyOf("hot", () => 0)], now, 0);
    database.exec("UPDATE throttle SET failed_at = 10 WHERE key IN ('k7', 'k8')"); // old
    database.exec("UPDATE throttle SET failed_at = 600 WHERE key IN ('k5', 'k6')"); // the next to go
    assert.equal(await store.sweepThrottle(100, 2), 4);
    assert.equal(countOf(database), 100_001);
    for (const key of ["k5", "k6", "k7", "k8"]) assert.equal(has(database, key), false, key);
    assert.equal(await store.sweepThrottle(100, 9), 1);
    assert.equal(await store.sweepThrottle(100, 9), 0);
    assert.equal(countOf(database), 100_000);
    assert.deepEqual(rowsOf(database, "WHERE key = 'hot'"), ["hot 3 502"]);
  });
});

function keyOf(key: string, waitAfter: ThrottleKey["waitAfter"]): ThrottleKey {
  return { key, waitAfter };
}

function rowsOf(database: DatabaseSync, where = ""): string[] {
  const rows = database.prepare(`SELECT * FROM throttle ${where} ORDER BY key`).all();
  return rows.map((row) => `${row["key"]} ${row["failures"]} ${row["failed_at"]}`);
}

/** Fills the table with strangers, one failure each. */
function fill(database: DatabaseSync, count: number): void {
  database.exec(
    `WITH RECURSIVE numbers (number) AS
       (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count})
     INSERT INTO throttle (key, failures, failed_at, failed_before)
     SELECT 'k' || number, 1, 1000, 1000 FROM numbers`,
  );
}

function countOf(database: DatabaseSync): unknown {
  return database.prepare("SELECT count(*) AS count FROM throttle").get()?.["count"];
}

function has(database: DatabaseSync, key: string): boolean {
  return database.prepare("SELECT 1 FROM throttle WHERE key = ?").get(key) !== undefined;
}
