/**
 * Counts of failed attempts: what an attempt writes and what a refused one does not, what is taken
 * back, which counts are swept, which addresses stay known, and all of it by two at once.
 */

import assert from "node:assert/strict";
import type { ThrottleKey } from "../../../src/auth/auth.ts";
import type { Sql } from "../../../src/storage/sql.ts";
import { contract, sharedContract } from "../../support/places.ts";
import { addBoth, fifty, id, oddTexts } from "../../support/stores.ts";

const patient = keyOf("patient", () => 0);
const strict = keyOf("strict", (failures) => failures * 10);

sharedContract(
  "an attempt counts by all keys, and waits for the longest",
  async ({ store, sql }) => {
    const eager = keyOf("eager", (failures) => failures * 20);
    assert.equal(
      await store.countAttempt([patient, strict, eager], 1000, 0),
      0,
    );
    assert.deepEqual(await rowsOf(sql), [
      "eager 1 1000",
      "patient 1 1000",
      "strict 1 1000",
    ]);
    assert.equal(await store.countAttempt([patient], 1001, 0), 0);
    assert.equal(await store.countAttempt([strict, eager], 1005, 0), 15);
    assert.equal(await store.countAttempt([eager, strict], 1005, 0), 15);
    assert.equal(await store.countAttempt([strict, patient], 1005, 0), 5);
    assert.equal(await store.countAttempt([strict], 1009, 0), 1);
    assert.deepEqual(await rowsOf(sql), [
      "eager 1 1000",
      "patient 2 1001",
      "strict 1 1000",
    ]);
    assert.equal(await store.countAttempt([strict], 1010, 0), 0);
    assert.deepEqual(await rowsOf(sql), [
      "eager 1 1000",
      "patient 2 1001",
      "strict 2 1010",
    ]);
  },
);

sharedContract(
  "what failed before the hour begins the count anew",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) await store.countAttempt([patient], now, 0);
    await store.countAttempt([patient], 4601, 1001);
    assert.deepEqual(await rowsOf(sql), ["patient 3 4601"]);
    await store.countAttempt([patient], 8202, 4602);
    assert.deepEqual(await rowsOf(sql), ["patient 1 8202"]);
    const long = keyOf("patient", () => 100_000);
    assert.equal(await store.countAttempt([long], 8203, 8203), 0);
    assert.equal(await store.countAttempt([long], 8204, 8203), 99_999);
  },
);

contract(
  "attempts and addresses are counted in any century",
  async ({ store }) => {
    await addBoth(store);
    for (const now of [2 ** 31, 2 ** 32, 253_402_300_799]) {
      const key = keyOf(`at ${now}`, strict.waitAfter);
      assert.equal(await store.countAttempt([key], now, now - 3600), 0);
      assert.equal(await store.countAttempt([key], now + 1, now - 3599), 9);
      assert.equal(await store.countAttempt([key], now + 10, now - 3590), 0);
      await store.takeBackAttempt([key], null);
      assert.equal(await store.countAttempt([key], now + 1, now - 3599), 9);
      await store.rememberAddress(id(1), "192.0.2.1", now);
    }
  },
);

contract(
  "a clock that was set back makes nobody wait longer",
  async ({ store }) => {
    await store.countAttempt([strict], 1000, 0);
    assert.equal(await store.countAttempt([strict], 900, 0), 10);
  },
);

sharedContract(
  "an attempt that is taken back leaves each count and its time as they were",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) {
      await store.countAttempt([patient, strict], now * 10, 0);
    }
    const before = await rowsOf(sql);
    const other = keyOf("other", () => 0);
    await store.countAttempt([patient, strict, other], 20_000, 0);
    await store.takeBackAttempt([patient, strict, other], null);
    assert.deepEqual(await rowsOf(sql), before);
    await store.takeBackAttempt([keyOf("unknown", () => 0)], "unknown");
    assert.deepEqual(await rowsOf(sql), before);
  },
);

sharedContract(
  "the first failure stays when the second attempt is taken back",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) await store.countAttempt([patient], now, 0);
    await store.takeBackAttempt([patient], null);
    assert.deepEqual(await rowsOf(sql), ["patient 1 1000"]);
    await store.takeBackAttempt([patient], null);
    assert.deepEqual(await rowsOf(sql), []);
  },
);

sharedContract(
  "the count that is to be forgotten is gone, and of the others one failure",
  async ({ store, sql }) => {
    const stays = keyOf("stays", () => 0);
    for (const now of [1000, 1001, 1002]) {
      await store.countAttempt([patient, strict, stays], now * 100, 0);
    }
    await store.takeBackAttempt([patient, strict], "strict");
    assert.deepEqual(await rowsOf(sql), ["patient 2 100100", "stays 3 100200"]);
  },
);

sharedContract(
  "of two, each counts what the other has counted",
  async ({ store, another }) => {
    const other = await another();
    for (const now of [1000, 1001]) await other.countAttempt([patient], now, 0);
    const three = keyOf("patient", (failures) => failures < 3 ? 0 : 10);
    assert.equal(await store.countAttempt([three], 1002, 0), 0);
    assert.equal(await other.countAttempt([three], 1002, 0), 10);
  },
);

contract(
  "an address is known for the account that logged in from it",
  async ({ store }) => {
    await addBoth(store);
    await store.rememberAddress(id(1), "192.0.2.1", 1000);
    await store.rememberAddress(id(1), "192.0.2.1", 2000);
    assert.equal(await store.isKnownAddress(id(1), "192.0.2.1"), true);
    assert.equal(await store.isKnownAddress(id(2), "192.0.2.1"), false);
    assert.equal(await store.isKnownAddress(id(1), "192.0.2.2"), false);
  },
);

contract(
  "twenty addresses of an account stay known, those that were used last",
  async ({ store }) => {
    await addBoth(store);
    for (const address of ["a0", "a1"]) {
      await store.rememberAddress(id(2), address, 1);
    }
    for (let index = 0; index < 20; index++) {
      await store.rememberAddress(id(1), `a${index}`, 1000 + index);
    }
    await store.rememberAddress(id(1), "a0", 2000);
    assert.equal(await store.isKnownAddress(id(1), "a1"), true);
    await store.rememberAddress(id(1), "new", 2001);
    for (
      const [address, isKnown] of [["a0", true], ["a1", false], ["a2", true], [
        "new",
        true,
      ]] as const
    ) {
      assert.equal(
        await store.isKnownAddress(id(1), address),
        isKnown,
        address,
      );
    }
    for (const address of ["a0", "a1"]) {
      assert.ok(await store.isKnownAddress(id(2), address));
    }
  },
);

sharedContract(
  "old counts are swept, so many at a time, and no others",
  async ({ store, sql }) => {
    for (const now of [1000, 1001, 1002, 1003]) {
      await store.countAttempt([keyOf(`k${now}`, () => 0)], now, 0);
    }
    assert.equal(await store.sweepThrottle(1000, 9), 0);
    assert.equal(await store.sweepThrottle(1003, 2), 2);
    assert.equal((await rowsOf(sql)).length, 2);
    assert.equal(await store.sweepThrottle(1003, 2), 1);
    assert.equal(await store.sweepThrottle(1003, 2), 0);
    assert.deepEqual(await rowsOf(sql), ["k1003 1 1003"]);
  },
);

sharedContract(
  "beyond a hundred thousand counts the old ones go, then the lowest, and a hot one stays",
  async ({ store, sql }) => {
    await fill(sql, 100_004);
    for (const now of [500, 501, 502]) {
      await store.countAttempt([keyOf("hot", () => 0)], now, 0);
    }
    await sql`UPDATE throttle SET failed_at = 10 WHERE key IN ('k7', 'k8')`; // old
    await sql`UPDATE throttle SET failed_at = 600 WHERE key IN ('k5', 'k6')`; // the next to go
    assert.equal(await store.sweepThrottle(100, 2), 4);
    assert.equal(await countOf(sql), 100_001);
    for (const key of ["k5", "k6", "k7", "k8"]) {
      assert.equal(await has(sql, key), false, key);
    }
    assert.equal(await store.sweepThrottle(100, 9), 1);
    assert.equal(await store.sweepThrottle(100, 9), 0);
    assert.equal(await countOf(sql), 100_000);
    assert.deepEqual(
      (await rowsOf(sql)).filter((row) => row.startsWith("hot")),
      ["hot 3 502"],
    );
  },
);

contract(
  "of fifty attempts at once no more are admitted than may be",
  async (place) => {
    const { store } = place;
    const other = await place.another();
    const ten = keyOf("ten", (failures) => failures < 10 ? 0 : 60);
    const waits = await Promise.all(fifty((index) => {
      return (index % 2 === 0 ? store : other).countAttempt(
        [patient, ten],
        1000,
        0,
      );
    }));
    assert.equal(waits.filter((wait) => wait === 0).length, 10);
    assert.equal(waits.filter((wait) => wait === 60).length, 40);
    const eleven = (failures: number) => failures === 10 ? 7 : 0; // so many were counted
    for (const key of ["ten", "patient"]) {
      assert.equal(
        await store.countAttempt([keyOf(key, eleven)], 1000, 0),
        7,
        key,
      );
    }
  },
);

contract(
  "attempts by the same keys in any order, at once, are all counted",
  async (place) => {
    const { store } = place;
    const other = await place.another();
    const keys = ["a", "b", "c"].map((key) => keyOf(key, () => 0));
    const waits = await Promise.all(fifty((index) => {
      const [asked, using] = index % 2 === 0
        ? [keys, store]
        : [keys.toReversed(), other];
      return using.countAttempt(asked, 1000, 0);
    }));
    assert.ok(waits.every((wait) => wait === 0));
    const counted = (failures: number) => failures === 50 ? 7 : 0;
    for (const { key } of keys) {
      assert.equal(
        await store.countAttempt([keyOf(key, counted)], 1000, 0),
        7,
        key,
      );
    }
  },
);

contract(
  "attempts that are counted and taken back at once leave what was there",
  async (place) => {
    const { store } = place;
    const other = await place.another();
    for (const now of [1000, 1001]) await store.countAttempt([patient], now, 0);
    await Promise.all(fifty(async (index) => {
      const [one, another] = index % 2 === 0 ? [store, other] : [other, store];
      await one.countAttempt([patient], 2000, 0);
      await another.takeBackAttempt([patient], null);
    }));
    const two = (failures: number) => failures === 2 ? 7 : 0;
    assert.equal(await store.countAttempt([keyOf("patient", two)], 1000, 0), 7);
  },
);

contract(
  "of addresses that many log in from at once, twenty stay known",
  async (place) => {
    const { store } = place;
    await addBoth(store);
    const other = await place.another();
    const addresses = fifty((index) => `192.0.2.${index}`);
    await Promise.all(addresses.map((address, index) => {
      return (index % 2 === 0 ? store : other).rememberAddress(
        id(1),
        address,
        1000 + index,
      );
    }));
    const isKnown = await Promise.all(
      addresses.map((each) => store.isKnownAddress(id(1), each)),
    );
    assert.equal(isKnown.filter((isSo) => isSo).length, 20);
  },
);

contract("an address is of a user that there is", async ({ store }) => {
  const remembering = async () =>
    await store.rememberAddress(id(1), "192.0.2.1", 1);
  await assert.rejects(remembering, /foreign key/i);
  assert.equal(await store.isKnownAddress(id(1), "192.0.2.1"), false);
});

sharedContract(
  "two who sweep at once sweep each old count once, and no other",
  async (place) => {
    const { store, sql } = place;
    const other = await place.another();
    await fill(sql, 100);
    await sql`UPDATE throttle SET failed_at = 500 WHERE key <> 'k7'`;
    let swept = 0;
    for (let counts = [7]; counts.some((count) => count > 0);) { // who comes second may sweep fewer
      counts = await Promise.all(
        [store, other, store, other].map((each) => each.sweepThrottle(1000, 7)),
      );
      assert.ok(counts.every((count) => count <= 7));
      swept += counts.reduce((sum, count) => sum + count, 0);
    }
    assert.equal(swept, 99);
    assert.deepEqual(await rowsOf(sql), ["k7 1 1000"]);
  },
);

contract(
  "a key may be any text, and no two are the same",
  async ({ store }) => {
    const keys = oddTexts.map(([, text]) => text).filter((text) =>
      text.length < 1000
    );
    for (const key of keys) {
      assert.equal(
        await store.countAttempt([keyOf(key, () => 0)], 1000, 0),
        0,
      );
    }
    const once = (failures: number) => failures === 1 ? 7 : 0;
    for (const key of keys) {
      assert.equal(
        await store.countAttempt([keyOf(key, once)], 1000, 0),
        7,
        JSON.stringify(key),
      );
    }
    for (const key of ["A", "a ", "k%", "?"]) {
      assert.equal(
        await store.countAttempt([keyOf(key, once)], 1000, 0),
        0,
        key,
      );
    }
  },
);

contract(
  "no text that asks for an address does harm, or finds another",
  async ({ store }) => {
    await addBoth(store);
    await store.rememberAddress(id(1), "192.0.2.1", 1000);
    for (const [name, text] of oddTexts) {
      assert.equal(await store.isKnownAddress(id(1), text), false, name);
      await store.takeBackAttempt([keyOf(text, () => 0)], text);
    }
    assert.equal(await store.isKnownAddress(id(1), "192.0.2.1"), true);
  },
);

function keyOf(key: string, waitAfter: ThrottleKey["waitAfter"]): ThrottleKey {
  return { key, waitAfter };
}

async function rowsOf(sql: Sql): Promise<string[]> {
  const rows = await sql`SELECT * FROM throttle ORDER BY key`;
  return rows.map((row) =>
    `${row["key"]} ${row["failures"]} ${row["failed_at"]}`
  );
}

/** Fills the table with strangers, one failure each. */
async function fill(sql: Sql, count: number): Promise<void> {
  await sql`WITH RECURSIVE numbers (number) AS
      (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${count})
    INSERT INTO throttle (key, failures, failed_at, failed_before)
    SELECT 'k' || number, 1, 1000, 1000 FROM numbers`;
}

async function countOf(sql: Sql): Promise<number> {
  const [row] = await sql`SELECT count(*) AS count FROM throttle`;
  return Number(row?.["count"]);
}

async function has(sql: Sql, key: string): Promise<boolean> {
  return (await sql`SELECT 1 FROM throttle WHERE key = ${key}`).length === 1;
}
