/**
 * Counts of failed attempts in a database, shared by all processes, and the
 * addresses from which accounts have logged in. An attempt that is refused is
 * only read; the table is kept below a size by forgetting the lowest counts
 * first.
 */

import type { ThrottleKey, ThrottleStore } from "../auth/auth.ts";
import { hasRow, number } from "./rows.ts";
import type { Database, Row, Sql } from "./sql.ts";

const mostCounts = 100_000;

/** How many addresses of one account stay known. */
const mostAddresses = 20;

const longestWaitSeconds = 900;

/** The counts in a database, and the addresses that are known. */
export function throttleStore(sql: Database): ThrottleStore {
  return {
    async countAttempt(keys, time) {
      // Looked at first without a change, so that whoever must wait writes
      // nothing and waits for nobody who writes.
      const wait = await longestWait(sql, keys, time);
      if (wait > 0) return wait;
      return await sql.begin((change) => countUnlessLate(change, keys, time));
    },

    takeBackAttempt: ({ keys, forgotten }) =>
      sql.begin(async (change) => {
        for (const { key } of keys) {
          await change`UPDATE throttle
            SET failures = failures - 1, failed_at = failed_before
            WHERE key = ${key}`;
          await change`DELETE FROM throttle
            WHERE key = ${key} AND (failures <= 0 OR key = ${forgotten})`;
        }
      }),

    async isKnownAddress({ userId, address }) {
      const rows = await sql`SELECT 1 FROM known_addresses
        WHERE user_id = ${userId} AND address = ${address}`;
      return hasRow(rows);
    },

    rememberAddress: ({ userId, address, now }) =>
      sql.begin(async (change) => {
        await change`INSERT INTO known_addresses (user_id, address, used_at)
          VALUES (${userId}, ${address}, ${now})
          ON CONFLICT (user_id, address)
            DO UPDATE SET used_at = excluded.used_at`;
        await change`DELETE FROM known_addresses
          WHERE user_id = ${userId} AND address IN
            (SELECT address FROM known_addresses WHERE user_id = ${userId}
             ORDER BY used_at DESC, address
             LIMIT ${mostAddresses} OFFSET ${mostAddresses})`;
      }),

    sweepThrottle: ({ before, limit }) =>
      // As a change, or two processes would forget too many.
      sql.begin(async (change) => {
        const old = await change`DELETE FROM throttle WHERE key IN
          (SELECT key FROM throttle WHERE failed_at < ${before} LIMIT ${limit})
          RETURNING 1`;
        const rows = await change`SELECT 1 FROM throttle
          LIMIT ${limit} OFFSET ${mostCounts}`;
        const surplus = rows.length;
        const lowest = await change`DELETE FROM throttle WHERE key IN
          (SELECT key FROM throttle
           ORDER BY failures, failed_at LIMIT ${surplus})
          RETURNING 1`;
        return old.length + lowest.length;
      }),
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
  for (const { key } of keys) {
    await change`INSERT INTO throttle AS old
        (key, failures, failed_at, failed_before)
      VALUES (${key}, 1, ${now}, ${now})
      ON CONFLICT (key) DO UPDATE SET
        failed_at = ${now},
        failed_before = old.failed_at,
        failures = CASE WHEN old.failed_at < ${since} THEN 1
          ELSE old.failures + 1 END`;
  }
  return 0;
}

/** The longest wait that one of the keys asks for, in seconds; 0 for none. */
async function longestWait(
  sql: Sql,
  keys: readonly ThrottleKey[],
  { now, since }: Times,
): Promise<number> {
  let longest = 0;
  for (const { key, freeFailures } of keys) {
    const rows = await sql`SELECT failures, failed_at FROM throttle
      WHERE key = ${key} AND failed_at >= ${since}`;
    for (const row of rows) {
      const wait = secondsToWait(number(row, "failures"), freeFailures);
      longest = Math.max(longest, wait - ageOf(row, now));
    }
  }
  return longest;
}

/** How long the next attempt must wait since the last failure, in seconds. */
function secondsToWait(failures: number, freeFailures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(2 ** (failures - freeFailures), longestWaitSeconds);
}

/** The seconds since the last failure; none where a clock was set back. */
function ageOf(row: Row, now: number): number {
  return Math.max(0, now - number(row, "failed_at"));
}
