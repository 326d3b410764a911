/**
 * Counts of failed attempts in a database, shared by all processes, and the
 * addresses from which accounts have logged in. Whatever an attempt finds, it
 * takes the same statements. One that is refused is only read; the table is
 * kept below a size by forgetting the lowest counts first.
 */

import type {
  KeyRange,
  LoginFinding,
  ThrottleKey,
  ThrottleStore,
  UserId,
} from "../auth/auth.ts";
import { flag, number, readFirst, text } from "./rows.ts";
import type { Database, Row, Sql } from "./sql.ts";
import { readAccount } from "./users.ts";

const mostCounts = 100_000;

/** How many counts are looked at by one statement. */
const countsOfPiece = 1000;

/**
 * How many of the lowest are removed before they are counted again: another
 * process that counts at the same time may remove as many too much.
 */
const mostSurplus = 10_000;

/** How many addresses of one account stay known. */
const mostAddresses = 20;

const longestWaitSeconds = 900;

/** The counts in a database, and the addresses that are known. */
export function throttleStore(sql: Database): ThrottleStore {
  /** How many too many there are, as far as that was found. */
  let surplus = 0;

  return {
    async findLogin({ email, address }) {
      // Nobody has the e-mail address "".
      const wanted = email ?? "";
      // Where there is no account, the first one's row is read in its place
      // and thrown away: to read a row takes longer than to read none.
      const rows = await sql`SELECT users.*,
          CASE WHEN users.email = ${wanted} THEN 1 ELSE 0 END AS is_found,
          CASE WHEN known.address IS NULL THEN 0 ELSE 1 END AS is_known,
          CASE WHEN EXISTS (SELECT 1 FROM known_addresses
            WHERE address = ${address}) THEN 1 ELSE 0 END AS is_address_used
        FROM (SELECT coalesce((SELECT id FROM users WHERE email = ${wanted}), 1)
          AS id) AS asked
        LEFT JOIN users ON users.id = asked.id
        LEFT JOIN known_addresses AS known
          ON known.user_id = asked.id AND known.address = ${address}`;
      return readFirst(rows, readFinding) ?? nothing;
    },

    async countAttempt(keys, time) {
      // Looked at first without a change, so that whoever must wait writes
      // nothing and waits for nobody who writes.
      const wait = await longestWait(sql, keys, time);
      if (wait > 0) return wait;
      return await sql.begin((change) => countUnlessLate(change, keys, time));
    },

    takeBackAttempt: (keys) => sql.begin((change) => takeBack(change, keys)),

    settleLogin: ({ keys, forgotten, userId, address, now }) =>
      sql.begin(async (change) => {
        await takeBack(change, keys);
        await forget(change, forgotten);
        await rememberAddress(change, { userId, address, now });
      }),

    forgetAttempts: ({ forgotten, addressesOf }) =>
      sql.begin(async (change) => {
        await forget(change, forgotten);
        if (addressesOf === null) return;
        await change`DELETE FROM known_addresses
          WHERE user_id = ${addressesOf}`;
      }),

    async sweepThrottle({ before, limit }) {
      const old = await removeOld(sql, { before, limit });
      // They make room, too.
      if (old >= limit) return old;
      if (surplus === 0) surplus = await countSurplus(sql);
      if (surplus === 0) return old;
      const most = Math.min(surplus, limit - old);
      const lowest = await removeLowest(sql, most);
      surplus = lowest < most ? 0 : surplus - lowest;
      return old + lowest;
    },
  };
}

const nothing: LoginFinding = {
  account: null,
  isKnown: false,
  isAddressUsed: false,
};

function readFinding(row: Row): LoginFinding {
  const account = readAccount(row);
  const isFound = flag(row, "is_found");
  return {
    account: isFound ? account : null,
    isKnown: isFound && flag(row, "is_known"),
    isAddressUsed: flag(row, "is_address_used"),
  };
}

/** The time of an attempt, and the time from which failures count. */
interface Times {
  readonly now: number;
  readonly since: number;
}

/**
 * Counts an attempt, unless it must wait after all: others may have been
 * counted since it was looked at.
 */
async function countUnlessLate(
  change: Sql,
  keys: readonly ThrottleKey[],
  { now, since }: Times,
): Promise<number> {
  const wait = await longestWait(change, keys, { now, since });
  if (wait > 0) return wait;
  const [a, b, c, d, e] = placesOf(keys);
  // PostgreSQL takes the types of all rows from the first.
  await change`WITH wanted (key, is_lasting) AS (VALUES
      (CAST(${a.key} AS TEXT), CAST(${a.isLasting} AS INTEGER)),
      (CAST(${b.key} AS TEXT), CAST(${b.isLasting} AS INTEGER)),
      (CAST(${c.key} AS TEXT), CAST(${c.isLasting} AS INTEGER)),
      (CAST(${d.key} AS TEXT), CAST(${d.isLasting} AS INTEGER)),
      (CAST(${e.key} AS TEXT), CAST(${e.isLasting} AS INTEGER)))
    INSERT INTO throttle AS old
      (key, failures, failed_at, failed_before, is_lasting)
    SELECT key, 1, CAST(${now} AS BIGINT), CAST(${now} AS BIGINT), is_lasting
      FROM wanted WHERE key IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET
      failed_at = excluded.failed_at,
      failed_before = old.failed_at,
      is_lasting = excluded.is_lasting,
      failures = CASE
        WHEN old.is_lasting = 0 AND old.failed_at < ${since} THEN 1
        ELSE old.failures + 1 END`;
  return 0;
}

/**
 * The longest wait that one of the keys asks for, in seconds; 0 for none, and
 * Infinity where a lasting count has no free failures left.
 */
async function longestWait(
  sql: Sql,
  keys: readonly ThrottleKey[],
  { now, since }: Times,
): Promise<number> {
  const [a, b, c, d, e] = placesOf(keys);
  // Which key a row is of is told by its number: a text may come back changed.
  const rows =
    await sql`SELECT column1 AS place, failures, failed_at, is_lasting
    FROM (VALUES
      (0, CAST(${a.key} AS TEXT)), (1, CAST(${b.key} AS TEXT)),
      (2, CAST(${c.key} AS TEXT)), (3, CAST(${d.key} AS TEXT)),
      (4, CAST(${e.key} AS TEXT))) AS wanted
    JOIN throttle ON key = column2`;
  let longest = 0;
  for (const row of rows) {
    const key = keys[number(row, "place")];
    const counts = flag(row, "is_lasting") || number(row, "failed_at") >= since;
    if (key === undefined || !counts) continue;
    const wait = secondsToWait(number(row, "failures"), key);
    longest = Math.max(longest, wait - ageOf(row, now));
  }
  return longest;
}

/** A place for a key in a statement; empty, it is nobody's. */
interface KeyPlace {
  readonly key: string | null;
  readonly isLasting: number;
}

const emptyPlace: KeyPlace = { key: null, isLasting: 0 };

type KeyPlaces = readonly [KeyPlace, KeyPlace, KeyPlace, KeyPlace, KeyPlace];

/** A statement has five places for keys, however many there are. */
function placesOf(keys: readonly ThrottleKey[]): KeyPlaces {
  if (keys.length > 5) {
    throw new RangeError("Cannot count an attempt: it has more than 5 keys.");
  }
  const [
    a = emptyPlace,
    b = emptyPlace,
    c = emptyPlace,
    d = emptyPlace,
    e = emptyPlace,
  ] = keys.map(({ key, isLasting }) => ({ key, isLasting: Number(isLasting) }));
  return [a, b, c, d, e];
}

/** How long the next attempt must wait since the last failure, in seconds. */
function secondsToWait(
  failures: number,
  { freeFailures, isLasting }: ThrottleKey,
): number {
  if (failures < freeFailures) return 0;
  if (isLasting) return Infinity;
  return Math.min(2 ** (failures - freeFailures), longestWaitSeconds);
}

/** The seconds since the last failure; none where a clock was set back. */
function ageOf(row: Row, now: number): number {
  return Math.max(0, now - number(row, "failed_at"));
}

async function takeBack(
  change: Sql,
  keys: readonly ThrottleKey[],
): Promise<void> {
  const [a, b, c, d, e] = placesOf(keys);
  await change`UPDATE throttle
    SET failures = failures - 1, failed_at = failed_before
    WHERE key IN (${a.key}, ${b.key}, ${c.key}, ${d.key}, ${e.key})`;
  await change`DELETE FROM throttle
    WHERE key IN (${a.key}, ${b.key}, ${c.key}, ${d.key}, ${e.key})
      AND failures <= 0`;
}

async function forget(
  change: Sql,
  forgotten: readonly KeyRange[],
): Promise<void> {
  for (const { first, last } of forgotten) {
    await change`DELETE FROM throttle WHERE key BETWEEN ${first} AND ${last}`;
  }
}

async function rememberAddress(
  change: Sql,
  { userId, address, now }: {
    readonly userId: UserId;
    readonly address: string;
    readonly now: number;
  },
): Promise<void> {
  await change`INSERT INTO known_addresses (user_id, address, used_at)
    VALUES (${userId}, ${address}, ${now})
    ON CONFLICT (user_id, address)
      DO UPDATE SET used_at = excluded.used_at`;
  await change`DELETE FROM known_addresses
    WHERE user_id = ${userId} AND address IN
      (SELECT address FROM known_addresses WHERE user_id = ${userId}
       ORDER BY used_at DESC, address
       LIMIT ${mostAddresses} OFFSET ${mostAddresses})`;
}

/** Removes old counts, so many at most, and returns how many. */
function removeOld(
  sql: Database,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  return sql.begin(async (change) => {
    const removed = await change`DELETE FROM throttle WHERE key IN
      (SELECT key FROM throttle
       WHERE is_lasting = 0 AND failed_at < ${before}
       ORDER BY failed_at LIMIT ${limit})
      RETURNING 1`;
    return removed.length;
  });
}

/** Removes so many of the lowest counts, and returns how many. */
function removeLowest(sql: Database, limit: number): Promise<number> {
  return sql.begin(async (change) => {
    const removed = await change`DELETE FROM throttle WHERE key IN
      (SELECT key FROM throttle ORDER BY failures, failed_at LIMIT ${limit})
      RETURNING 1`;
    return removed.length;
  });
}

/**
 * How many counts there are too many, or {@link mostSurplus} where there are
 * more. To count a table takes longer than others should wait, so it is walked
 * along its keys, a piece at a time, and others go on between two pieces.
 */
async function countSurplus(sql: Sql): Promise<number> {
  let count = 0;
  let last = "";
  while (count < mostCounts + mostSurplus) {
    const rows = await sql`SELECT count(*) AS count, max(key) AS last
      FROM (SELECT key FROM throttle WHERE key > ${last}
        ORDER BY key LIMIT ${countsOfPiece}) AS piece`;
    const piece = readFirst(rows, readPiece);
    if (piece === null || piece.count === 0) break;
    count += piece.count;
    last = piece.last;
  }
  return Math.min(Math.max(0, count - mostCounts), mostSurplus);
}

function readPiece(
  row: Row,
): { readonly count: number; readonly last: string } {
  return { count: number(row, "count"), last: text(row, "last") };
}
