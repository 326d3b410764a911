/**
 * Counts of failed attempts in a database, shared by all processes. What is refused is only read; the
 * table is kept below a size by forgetting the lowest counts first.
 */

import type { ThrottleKey, ThrottleStore } from "../auth/auth.ts";
import type { Sql, Statement } from "./sql.ts";

const mostCounts = 100_000;
const mostAddresses = 20; // of one account
const longestWaitSeconds = 900;

/** The counts in a database, and the addresses from which accounts have logged in. */
export function throttleStore(sql: Sql): ThrottleStore {
  return {
    async countAttempt(keys, time) {
      const wait = await longestWait(sql, keys, time);
      return wait > 0
        ? wait
        : await sql.begin((sql) => countAttempt(sql, keys, time));
    },
    takeBackAttempt: ({ keys, forgotten }) =>
      sql.begin(async (sql) => {
        for (const { key } of keys) {
          await sql`UPDATE throttle SET failures = failures - 1, failed_at = failed_before
            WHERE key = ${key}`;
          await sql`DELETE FROM throttle
            WHERE key = ${key} AND (failures <= 0 OR key = ${forgotten})`;
        }
      }),
    async isKnownAddress({ userId, address }) {
      return (await sql`SELECT 1 FROM known_addresses
        WHERE user_id = ${userId} AND address = ${address}`).length === 1;
    },
    rememberAddress: ({ userId, address, now }) =>
      sql.begin(async (sql) => {
        await sql`INSERT INTO known_addresses (user_id, address, used_at)
          VALUES (${userId}, ${address}, ${now})
          ON CONFLICT (user_id, address) DO UPDATE SET used_at = excluded.used_at`;
        await sql`DELETE FROM known_addresses WHERE user_id = ${userId} AND address IN
          (SELECT address FROM known_addresses WHERE user_id = ${userId}
           ORDER BY used_at DESC, address LIMIT ${mostAddresses} OFFSET ${mostAddresses})`;
      }),
    sweepThrottle: ({ before, limit }) =>
      sql.begin(async (sql) => { // as a change, or two processes would forget too many
        const old = await sql`DELETE FROM throttle WHERE key IN
          (SELECT key FROM throttle WHERE failed_at < ${before} LIMIT ${limit}) RETURNING 1`;
        const surplus =
          await sql`SELECT 1 FROM throttle LIMIT ${limit} OFFSET ${mostCounts}`;
        const lowest =
          await sql`DELETE FROM throttle WHERE key IN (SELECT key FROM throttle
          ORDER BY failures, failed_at LIMIT ${surplus.length}) RETURNING 1`;
        return old.length + lowest.length;
      }),
  };
}

/** The time of an attempt, and when what counts began; whole seconds since 1970. */
interface Times {
  readonly now: number;
  readonly since: number;
}

async function countAttempt(
  sql: Statement,
  keys: readonly ThrottleKey[],
  { now, since }: Times,
): Promise<number> {
  const wait = await longestWait(sql, keys, { now, since }); // another may have been faster
  if (wait > 0) return wait;
  for (const { key } of keys) {
    await sql`INSERT INTO throttle AS old (key, failures, failed_at, failed_before)
      VALUES (${key}, 1, ${now}, ${now})
      ON CONFLICT (key) DO UPDATE SET failed_at = ${now}, failed_before = old.failed_at,
        failures = CASE WHEN old.failed_at < ${since} THEN 1 ELSE old.failures + 1 END`;
  }
  return 0;
}

async function longestWait(
  sql: Statement,
  keys: readonly ThrottleKey[],
  { now, since }: Times,
): Promise<number> {
  let wait = 0;
  for (const { key, freeFailures } of keys) {
    const [row] = await sql`SELECT failures, failed_at FROM throttle
      WHERE key = ${key} AND failed_at >= ${since}`;
    if (row === undefined) continue;
    const age = Math.max(0, now - Number(row["failed_at"])); // below 0 after a clock was set back
    const seconds = secondsToWait(Number(row["failures"]), freeFailures);
    wait = Math.max(wait, seconds - age);
  }
  return wait;
}

/** How long an attempt must wait since the last failure. */
function secondsToWait(failures: number, freeFailures: number): number {
  if (failures < freeFailures) return 0;
  return Math.min(2 ** (failures - freeFailures), longestWaitSeconds);
}
