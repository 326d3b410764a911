/**
 * Counts of failed attempts: what an attempt writes and what a refused one does
 * not, what is taken back, which counts are swept, which addresses stay known,
 * and all of it by two at once.
 */

import assert from "node:assert/strict";
import type { Email, KeyRange, ThrottleKey } from "../../../src/auth/auth.ts";
import type { Sql } from "../../../src/storage/sql.ts";
import { contract, sharedContract } from "../../support/places.ts";
import {
  addBoth,
  fifty,
  id,
  isKnown,
  oddTexts,
  remember,
} from "../../support/stores.ts";

/** Nobody waits for this one here. */
const patient = patientKey("patient");

/** The second attempt waits for this one, 2 seconds. */
const strict = strictKey("strict");

sharedContract(
  "an attempt counts by all keys, and waits for the longest",
  async ({ store, sql }) => {
    const eager = strictKey("eager");
    for (const key of ["eager", "strict", "eager", "strict", "eager"]) {
      await store.countAttempt([patientKey(key)], { now: 900, since: 0 });
    }
    const wait = (keys: readonly ThrottleKey[], now: number) =>
      store.countAttempt(keys, { now, since: 0 });
    assert.equal(await wait([patient, strict, eager], 1000), 0);
    assert.deepEqual(await rowsOf(sql), [
      "eager 4 1000",
      "patient 1 1000",
      "strict 3 1000",
    ]);
    assert.equal(await wait([patient], 1001), 0);
    assert.equal(await wait([strict, eager], 1005), 11);
    assert.equal(await wait([eager, strict], 1005), 11);
    assert.equal(await wait([strict, patient], 1005), 3);
    assert.equal(await wait([strict], 1007), 1);
    assert.deepEqual(await rowsOf(sql), [
      "eager 4 1000",
      "patient 2 1001",
      "strict 3 1000",
    ]);
    assert.equal(await wait([strict], 1008), 0);
    assert.deepEqual(await rowsOf(sql), [
      "eager 4 1000",
      "patient 2 1001",
      "strict 4 1008",
    ]);
  },
);

contract(
  "behind the free failures the wait doubles, up to 900 seconds",
  async ({ store }) => {
    const key = { key: "key", freeFailures: 3, isLasting: false };
    const waits = [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
    let now = 1000;
    for (const [failures, wait] of waits.entries()) {
      now += wait;
      if (wait > 0) {
        const early = { now: now - 1, since: 0 };
        assert.equal(await store.countAttempt([key], early), 1, `${failures}`);
      }
      const time = { now, since: 0 };
      assert.equal(await store.countAttempt([key], time), 0, `${failures}`);
    }
  },
);

sharedContract(
  "what failed before the hour begins the count anew",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) {
      await store.countAttempt([patient], { now, since: 0 });
    }
    await store.countAttempt([patient], { now: 4601, since: 1001 });
    assert.deepEqual(await rowsOf(sql), ["patient 3 4601"]);
    await store.countAttempt([patient], { now: 8202, since: 4602 });
    assert.deepEqual(await rowsOf(sql), ["patient 1 8202"]);
    const late = strictKey("patient");
    assert.equal(
      await store.countAttempt([late], { now: 8203, since: 8203 }),
      0,
    );
    assert.equal(
      await store.countAttempt([late], { now: 8204, since: 8203 }),
      1,
    );
  },
);

contract(
  "attempts and addresses are counted in any century",
  async ({ store }) => {
    await addBoth(store);
    for (const now of [2 ** 31, 2 ** 32, 253_402_300_799]) {
      const key = strictKey(`at ${now}`);
      assert.equal(
        await store.countAttempt([key], { now, since: now - 3600 }),
        0,
      );
      assert.equal(
        await store.countAttempt([key], { now: now + 1, since: now - 3599 }),
        1,
      );
      assert.equal(
        await store.countAttempt([key], { now: now + 2, since: now - 3598 }),
        0,
      );
      await store.takeBackAttempt([key]);
      assert.equal(
        await store.countAttempt([key], { now: now + 1, since: now - 3599 }),
        1,
      );
      await remember(store, { userId: id(1), address: "192.0.2.1", now });
    }
  },
);

contract(
  "a clock that was set back makes nobody wait longer",
  async ({ store }) => {
    await store.countAttempt([strict], { now: 1000, since: 0 });
    assert.equal(
      await store.countAttempt([strict], { now: 900, since: 0 }),
      2,
    );
  },
);

sharedContract(
  "an attempt that is taken back leaves each count and its time as they were",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) {
      await store.countAttempt([patient, strict], { now: now * 10, since: 0 });
    }
    const before = await rowsOf(sql);
    const other = patientKey("other");
    await store.countAttempt([patient, strict, other], {
      now: 20_000,
      since: 0,
    });
    await store.takeBackAttempt([patient, strict, other]);
    assert.deepEqual(await rowsOf(sql), before);
    await store.takeBackAttempt([patientKey("unknown")]);
    assert.deepEqual(await rowsOf(sql), before);
  },
);

sharedContract(
  "the first failure stays when the second attempt is taken back",
  async ({ store, sql }) => {
    for (const now of [1000, 1001]) {
      await store.countAttempt([patient], { now, since: 0 });
    }
    await store.takeBackAttempt([patient]);
    assert.deepEqual(await rowsOf(sql), ["patient 1 1000"]);
    await store.takeBackAttempt([patient]);
    assert.deepEqual(await rowsOf(sql), []);
  },
);

sharedContract(
  "at a right login the counts to be forgotten are gone, and of the others one failure",
  async ({ store, sql }) => {
    await addBoth(store);
    const stays = patientKey("stays");
    for (const now of [1000, 1001, 1002]) {
      await store.countAttempt([patient, strict, stays], {
        now: now * 100,
        since: 0,
      });
    }
    await store.settleLogin({
      keys: [patient, strict],
      forgotten: [exactly("strict"), exactly("unknown")],
      userId: id(1),
      address: "192.0.2.1",
      now: 2000,
    });
    assert.deepEqual(await rowsOf(sql), ["patient 2 100100", "stays 3 100200"]);
  },
);

sharedContract(
  "a range of keys is forgotten with both its ends, and nothing around it",
  async ({ store, sql }) => {
    // deno-fmt-ignore
    const keys = [
      "a", "ab", "ab 1", "ab \u{fffd}", "ab \u{1f600}", "ab!", "aB 1", "Ab 1",
      "ac", "ab %",
    ];
    for (const key of keys) {
      await store.countAttempt([patientKey(key)], { now: 1000, since: 0 });
    }
    await store.forgetAttempts({
      forgotten: [{ first: "ab ", last: "ab \u{10ffff}" }, exactly("ac")],
      addressesOf: null,
    });
    assert.deepEqual(await rowsOf(sql), [
      "Ab 1 1 1000",
      "a 1 1000",
      "aB 1 1 1000",
      "ab 1 1000",
      "ab! 1 1000",
    ]);
  },
);

contract(
  "a user's addresses are forgotten, and nobody else's",
  async ({ store }) => {
    await addBoth(store);
    for (const userId of [id(1), id(2)]) {
      for (const address of ["192.0.2.1", "192.0.2.2"]) {
        await remember(store, { userId, address, now: 1000 });
      }
    }
    await store.forgetAttempts({ forgotten: [], addressesOf: null });
    assert.ok(await isKnown(store, { userId: id(1), address: "192.0.2.1" }));
    await store.forgetAttempts({ forgotten: [], addressesOf: id(1) });
    for (const address of ["192.0.2.1", "192.0.2.2"]) {
      assert.ok(!await isKnown(store, { userId: id(1), address }));
      assert.ok(await isKnown(store, { userId: id(2), address }));
    }
  },
);

contract(
  "a lasting count locks beyond its free failures, however long ago they were",
  async ({ store }) => {
    const locked = { key: "locked", freeFailures: 3, isLasting: true };
    const times = [1000, 100_000, 10_000_000];
    for (const now of times) {
      const time = { now, since: now - 3600 };
      assert.equal(await store.countAttempt([locked, patient], time), 0);
    }
    for (const now of [10_000_001, 2 ** 40]) {
      const time = { now, since: now - 3600 };
      assert.equal(await store.countAttempt([patient, locked], time), Infinity);
    }
    const time = { now: 2 ** 40, since: 2 ** 40 - 3600 };
    const patience = { ...locked, freeFailures: Infinity };
    assert.equal(await store.countAttempt([patience], time), 0);
    // It lasts as the key that is asked for it says.
    const ending = { ...locked, isLasting: false };
    assert.equal(await store.countAttempt([ending], time), 2);
  },
);

sharedContract(
  "a count of the version before, which ended, becomes one that lasts when it counts again",
  async ({ store, sql }) => {
    const account = { key: "account", freeFailures: 3, isLasting: true };
    await sql`INSERT INTO throttle (key, failures, failed_at, failed_before)
      VALUES ('account', 5, 1000, 1000)`;
    assert.equal(
      await store.countAttempt([account], { now: 1001, since: 900 }),
      Infinity,
    );
    for (const now of [9000, 19_000, 29_000]) {
      const time = { now, since: now - 3600 };
      assert.equal(await store.countAttempt([account], time), 0);
    }
    assert.deepEqual(await rowsOf(sql), ["account 3 29000"]);
    assert.equal(
      await store.countAttempt([account], { now: 39_000, since: 35_400 }),
      Infinity,
    );
  },
);

contract("an attempt has five keys at most", async ({ store }) => {
  const keys = ["a", "b", "c", "d", "e"].map((key) => strictKey(key));
  const time = { now: 1000, since: 0 };
  assert.equal(await store.countAttempt(keys, time), 0);
  for (const key of keys) {
    assert.equal(await store.countAttempt([key], time), 2);
  }
  const more = [...keys, patient];
  await assert.rejects(async () => await store.countAttempt(more, time), {
    name: /^(Range)?Error$/,
    message: /more than 5 keys/,
  });
  assert.equal(await store.countAttempt([], time), 0);
});

contract(
  "a login finds the account, whether the address is known, and whether anybody's",
  async ({ store }) => {
    const [first, second] = await addBoth(store);
    await remember(store, { userId: id(2), address: "192.0.2.2", now: 1000 });
    await store.changeUser({
      id: id(2),
      change: { isDisabled: true },
      tokensFrom: 1001,
      author: null,
    });
    const disabled = { ...second, isDisabled: true };
    const rows = [
      [first.email, "192.0.2.1", first, false, false],
      [first.email, "192.0.2.2", first, false, true],
      [second.email, "192.0.2.1", disabled, false, false],
      [second.email, "192.0.2.2", disabled, true, true],
      ["nobody@example.org" as Email, "192.0.2.1", null, false, false],
      ["nobody@example.org" as Email, "192.0.2.2", null, false, true],
      [null, "192.0.2.1", null, false, false],
      [null, "192.0.2.2", null, false, true],
    ] as const;
    for (const [email, address, account, isKnown, isAddressUsed] of rows) {
      assert.deepEqual(
        await store.findLogin({ email, address }),
        { account, isKnown, isAddressUsed },
        `${email} ${address}`,
      );
    }
  },
);

sharedContract(
  "of two, each counts what the other has counted",
  async ({ store, another }) => {
    const other = await another();
    for (const now of [1000, 1001]) {
      await other.countAttempt([patient], { now, since: 0 });
    }
    const three = { key: "patient", freeFailures: 3, isLasting: false };
    assert.equal(await store.countAttempt([three], { now: 1002, since: 0 }), 0);
    assert.equal(
      await other.countAttempt([three], { now: 1002, since: 0 }),
      1,
    );
  },
);

contract(
  "an address is known for the account that logged in from it",
  async ({ store }) => {
    await addBoth(store);
    await remember(store, {
      userId: id(1),
      address: "192.0.2.1",
      now: 1000,
    });
    await remember(store, {
      userId: id(1),
      address: "192.0.2.1",
      now: 2000,
    });
    assert.equal(
      await isKnown(store, { userId: id(1), address: "192.0.2.1" }),
      true,
    );
    assert.equal(
      await isKnown(store, { userId: id(2), address: "192.0.2.1" }),
      false,
    );
    assert.equal(
      await isKnown(store, { userId: id(1), address: "192.0.2.2" }),
      false,
    );
  },
);

contract(
  "twenty addresses of an account stay known, those that were used last",
  async ({ store }) => {
    await addBoth(store);
    for (const address of ["a0", "a1"]) {
      await remember(store, { userId: id(2), address, now: 1 });
    }
    for (let index = 0; index < 20; index++) {
      await remember(store, {
        userId: id(1),
        address: `a${index}`,
        now: 1000 + index,
      });
    }
    await remember(store, { userId: id(1), address: "a0", now: 2000 });
    assert.equal(
      await isKnown(store, { userId: id(1), address: "a1" }),
      true,
    );
    await remember(store, { userId: id(1), address: "new", now: 2001 });
    for (
      const [address, expected] of [["a0", true], ["a1", false], ["a2", true], [
        "new",
        true,
      ]] as const
    ) {
      assert.equal(
        await isKnown(store, { userId: id(1), address }),
        expected,
        address,
      );
    }
    for (const address of ["a0", "a1"]) {
      assert.ok(await isKnown(store, { userId: id(2), address }));
    }
  },
);

sharedContract(
  "old counts are swept, so many at a time, and no others",
  async ({ store, sql }) => {
    for (const now of [1000, 1001, 1002, 1003]) {
      await store.countAttempt([patientKey(`k${now}`)], { now, since: 0 });
    }
    assert.equal(await store.sweepThrottle({ before: 1000, limit: 9 }), 0);
    assert.equal(await store.sweepThrottle({ before: 1003, limit: 2 }), 2);
    assert.equal((await rowsOf(sql)).length, 2);
    assert.equal(await store.sweepThrottle({ before: 1003, limit: 2 }), 1);
    assert.equal(await store.sweepThrottle({ before: 1003, limit: 2 }), 0);
    assert.deepEqual(await rowsOf(sql), ["k1003 1 1003"]);
  },
);

sharedContract(
  "a lasting count is never old, and goes when there are too many as others do",
  async ({ store, sql }) => {
    const lasting = { ...patientKey("lasting"), isLasting: true };
    for (const now of [1, 2]) {
      await store.countAttempt([lasting], { now, since: 0 });
    }
    assert.equal(await store.sweepThrottle({ before: 5000, limit: 9 }), 0);
    await fill(sql, 100_000);
    assert.equal(await store.sweepThrottle({ before: 10, limit: 9 }), 1);
    assert.ok(await has(sql, "lasting"));
    await sql`UPDATE throttle SET failures = 3 WHERE key LIKE 'k%'`;
    await store.countAttempt([patientKey("other")], { now: 2000, since: 0 });
    await store.countAttempt([patientKey("other")], { now: 2000, since: 0 });
    assert.equal(await store.sweepThrottle({ before: 10, limit: 9 }), 1);
    assert.ok(!await has(sql, "lasting"));
  },
);

sharedContract(
  "beyond a hundred thousand counts the old ones go, then the lowest, and a hot one stays",
  async ({ store, sql }) => {
    await fill(sql, 100_004);
    for (const now of [500, 501, 502]) {
      await store.countAttempt([patientKey("hot")], { now, since: 0 });
    }
    // These are old.
    await sql`UPDATE throttle SET failed_at = 10 WHERE key IN ('k7', 'k8')`;
    // These are the next to go.
    await sql`UPDATE throttle SET failed_at = 600 WHERE key IN ('k5', 'k6')`;
    assert.equal(await store.sweepThrottle({ before: 100, limit: 2 }), 2);
    assert.equal(await store.sweepThrottle({ before: 100, limit: 2 }), 2);
    assert.equal(await countOf(sql), 100_001);
    for (const key of ["k5", "k6", "k7", "k8"]) {
      assert.equal(await has(sql, key), false, key);
    }
    assert.equal(await store.sweepThrottle({ before: 100, limit: 9 }), 1);
    assert.equal(await store.sweepThrottle({ before: 100, limit: 9 }), 0);
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
    const ten = { key: "ten", freeFailures: 10, isLasting: false };
    const waits = await Promise.all(fifty((index) => {
      return (index % 2 === 0 ? store : other).countAttempt(
        [patient, ten],
        { now: 1000, since: 0 },
      );
    }));
    assert.equal(waits.filter((wait) => wait === 0).length, 10);
    assert.equal(waits.filter((wait) => wait === 1).length, 40);
    for (const key of ["ten", "patient"]) {
      assert.equal(
        await store.countAttempt([counted(key, 10)], { now: 1000, since: 0 }),
        2,
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
    const keys = ["a", "b", "c"].map((key) => patientKey(key));
    const waits = await Promise.all(fifty((index) => {
      const [asked, using] = index % 2 === 0
        ? [keys, store]
        : [keys.toReversed(), other];
      return using.countAttempt(asked, { now: 1000, since: 0 });
    }));
    assert.ok(waits.every((wait) => wait === 0));
    for (const { key } of keys) {
      assert.equal(
        await store.countAttempt([counted(key, 50)], {
          now: 1000,
          since: 0,
        }),
        2,
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
    for (const now of [1000, 1001]) {
      await store.countAttempt([patient], { now, since: 0 });
    }
    await Promise.all(fifty(async (index) => {
      const [one, another] = index % 2 === 0 ? [store, other] : [other, store];
      await one.countAttempt([patient], { now: 2000, since: 0 });
      await another.takeBackAttempt([patient]);
    }));
    assert.equal(
      await store.countAttempt([counted("patient", 2)], {
        now: 1000,
        since: 0,
      }),
      2,
    );
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
      return remember(index % 2 === 0 ? store : other, {
        userId: id(1),
        address,
        now: 1000 + index,
      });
    }));
    const known = await Promise.all(
      addresses.map((each) => isKnown(store, { userId: id(1), address: each })),
    );
    assert.equal(known.filter((isSo) => isSo).length, 20);
  },
);

contract("an address is of a user that there is", async ({ store }) => {
  const remembering = async () =>
    await remember(store, {
      userId: id(1),
      address: "192.0.2.1",
      now: 1,
    });
  await assert.rejects(remembering, /foreign key/i);
  assert.equal(
    await isKnown(store, { userId: id(1), address: "192.0.2.1" }),
    false,
  );
});

sharedContract(
  "two who sweep at once sweep each old count once, and no other",
  async (place) => {
    const { store, sql } = place;
    const other = await place.another();
    await fill(sql, 100);
    await sql`UPDATE throttle SET failed_at = 500 WHERE key <> 'k7'`;
    let swept = 0;
    // Whoever comes second may sweep fewer.
    for (let counts = [7]; counts.some((count) => count > 0);) {
      counts = await Promise.all(
        [store, other, store, other].map((each) =>
          each.sweepThrottle({ before: 1000, limit: 7 })
        ),
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
        await store.countAttempt([patientKey(key)], {
          now: 1000,
          since: 0,
        }),
        0,
      );
    }
    for (const key of keys) {
      assert.equal(
        await store.countAttempt([counted(key, 1)], { now: 1000, since: 0 }),
        2,
        JSON.stringify(key),
      );
    }
    for (const key of ["A", "a ", "k%", "?"]) {
      assert.equal(
        await store.countAttempt([counted(key, 1)], { now: 1000, since: 0 }),
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
    await remember(store, {
      userId: id(1),
      address: "192.0.2.1",
      now: 1000,
    });
    for (const [name, text] of oddTexts) {
      assert.equal(
        await isKnown(store, { userId: id(1), address: text }),
        false,
        name,
      );
      await store.takeBackAttempt([patientKey(text)]);
      const nobodys = { forgotten: [exactly(text)], addressesOf: null };
      await store.forgetAttempts(nobodys);
    }
    assert.equal(
      await isKnown(store, { userId: id(1), address: "192.0.2.1" }),
      true,
    );
  },
);

/** A key that makes nobody wait. */
function patientKey(key: string): ThrottleKey {
  return { key, freeFailures: 1000, isLasting: false };
}

/**
 * A key that makes the second attempt wait for 2 seconds, and the third for 4.
 */
function strictKey(key: string): ThrottleKey {
  return { key, freeFailures: 0, isLasting: false };
}

/**
 * A key that makes an attempt wait for 2 seconds after exactly so many
 * failures.
 */
function counted(key: string, failures: number): ThrottleKey {
  return { key, freeFailures: failures - 1, isLasting: false };
}

/** The range of one key. */
function exactly(key: string): KeyRange {
  return { first: key, last: key };
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
