/**
 * Counts of failed attempts in SQLite, shared by all processes. What is refused is only read; the
 * table is kept below a size by forgetting the lowest counts first.
 */

import type { ThrottleKey, ThrottleStore } from "../auth/auth.ts";
import type { Sql } from "./database.ts";

const mostCounts = 100_000;
const mostAddresses = 20; // of one account

/** The counts in a database, and the addresses from which accounts have logged in. */
export function throttleStore(sql: Sql): ThrottleStore {
  function secondsToWait(keys: readonly ThrottleKey[], now: number, since: number): number {
    const waits = keys.flatMap(({ key, waitAfter }) =>
      sql`SELECT failures, ${now} - failed_at AS age FROM throttle
          WHERE key = ${key} AND failed_at >= ${since}`
        .map(({ failures, age }) => waitAfter(Number(failures)) - Math.max(0, Number(age)))
    ); // an age is below 0 after a clock was set back
    return Math.max(0, ...waits);
  }

  return {
    countAttempt: (keys, now, since) =>
      secondsToWait(keys, now, since) || sql.transaction(() => {
        const wait = secondsToWait(keys, now, since); // another process may have been faster
        if (wait > 0) return wait;
        for (const { key } of keys) {
          sql`INSERT INTO throttle AS old (key, failures, failed_at, failed_before)
              VALUES (${key}, 1, ${now}, ${now})
              ON CONFLICT (key) DO UPDATE SET failed_at = ${now}, failed_before = old.failed_at,
                failures = CASE WHEN old.failed_at < ${since} THEN 1 ELSE old.failures + 1 END`;
        }
        return 0;
      }),
    takeBackAttempt: (keys, forgotten) =>
      sql.transaction(() => {
        for (const { key } of keys) {
          sql`UPDATE throttle SET failures = failures - 1, failed_at = failed_before
              WHERE key = ${key}`;
          sql`DELETE FROM throttle WHERE key = ${key} AND (failures <= 0 OR key = ${forgotten})`;
        }
      }),
    isKnownAddress: (userId, address) =>
      sql`SELECT 1 FROM known_addresses WHERE user_id = ${userId} AND address = ${address}`
        .length === 1,
    rememberAddress: (userId, address, now) =>
      sql.transaction(() => {
        sql`INSERT INTO known_addresses (user_id, address, used_at)
            VALUES (${userId}, ${address}, ${now})
            ON CONFLICT (user_id, address) DO UPDATE SET used_at = excluded.used_at`;
        sql`DELETE FROM known_addresses WHERE user_id = ${userId} AND address IN
            (SELECT address FROM known_addresses WHERE user_id = ${userId}
             ORDER BY used_at DESC, address LIMIT ${mostAddresses} OFFSET ${mostAddresses})`;
      }),
    sweepThrottle(before, limit) {
      const old = sql`DELETE FROM throttle WHERE key IN
        (SELECT key FROM throttle WHERE failed_at < ${before} LIMIT ${limit}) RETURNING 1`;
      const surplus = sql`SELECT 1 FROM throttle LIMIT ${limit} OFFSET ${mostCounts}`;
      const lowest = sql`DELETE FROM throttle WHERE key IN (SELECT key FROM throttle
        ORDER BY failures, failed_at LIMIT ${surplus.length}) RETURNING 1`;
      return old.length + lowest.length;
    },
  };
}
