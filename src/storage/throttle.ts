/**
 * Counts of failed attempts in SQLite, shared by all processes. What is refused is only read; the
 * table is kept below a size by forgetting the lowest counts first.
 */

import type { DatabaseSync } from "node:sqlite";
import type { ThrottleKey, ThrottleStore } from "../auth/auth.ts";
import { inTransaction } from "./transaction.ts";

const mostCounts = 100_000;
const mostAddresses = 20; // of one account

/** Prepares the statements. */
export function throttleStore(database: DatabaseSync): ThrottleStore {
  const select = database.prepare(
    "SELECT failures, failed_at FROM throttle WHERE key = ? AND failed_at >= ?",
  );
  const add = database.prepare(
    `INSERT INTO throttle (key, failures, failed_at, failed_before) VALUES (?1, 1, ?2, ?2)
     ON CONFLICT (key) DO UPDATE
     SET failures = CASE WHEN failed_at >= ?3 THEN failures + 1 ELSE 1 END, failed_at = ?2,
       failed_before = failed_at`,
  );
  const subtract = database.prepare(
    "UPDATE throttle SET failures = failures - 1, failed_at = failed_before WHERE key = ?",
  );
  const forget = database.prepare("DELETE FROM throttle WHERE key = ? AND failures <= ?");
  const selectAddress = database.prepare(
    "SELECT 1 FROM known_addresses WHERE user_id = ? AND address = ?",
  );
  const insertAddress = database.prepare(
    `INSERT INTO known_addresses (user_id, address, used_at) VALUES (?, ?, ?)
     ON CONFLICT (user_id, address) DO UPDATE SET used_at = excluded.used_at`,
  );
  const deleteAddresses = database.prepare(
    `DELETE FROM known_addresses WHERE user_id = ?1 AND address IN
       (SELECT address FROM known_addresses WHERE user_id = ?1 ORDER BY used_at DESC, address
        LIMIT -1 OFFSET ?2)`,
  );
  const deleteOld = database.prepare(
    "DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE failed_at < ? LIMIT ?)",
  );
  const count = database.prepare("SELECT count(*) AS count FROM throttle");
  const deleteLowest = database.prepare(
    `DELETE FROM throttle WHERE key IN
       (SELECT key FROM throttle ORDER BY failures, failed_at LIMIT ?)`,
  );

  function secondsToWait(keys: readonly ThrottleKey[], now: number, since: number): number {
    const waits = keys.map(({ key, waitAfter }) => {
      const { failures, failed_at: failedAt } = select.get(key, since) ?? {};
      if (failures === undefined) return 0;
      const wait = waitAfter(Number(failures));
      return Math.min(wait, Number(failedAt) + wait - now); // not more after a clock was set back
    });
    return Math.max(0, ...waits);
  }

  return {
    countAttempt(keys, now, since) {
      const wait = secondsToWait(keys, now, since);
      if (wait > 0) return wait;
      return inTransaction(database, () => {
        const wait = secondsToWait(keys, now, since); // another process may have been faster
        if (wait === 0) { for (const { key } of keys) add.run(key, now, since); }
        return wait;
      });
    },
    takeBackAttempt: (keys, forgotten) =>
      inTransaction(database, () => {
        for (const { key } of keys) {
          subtract.run(key);
          forget.run(key, key === forgotten ? Number.MAX_SAFE_INTEGER : 0);
        }
      }),
    isKnownAddress: (userId, address) => selectAddress.get(userId, address) !== undefined,
    rememberAddress: (userId, address, now) =>
      inTransaction(database, () => {
        insertAddress.run(userId, address, now);
        deleteAddresses.run(userId, mostAddresses);
      }),
    sweepThrottle(before, limit) {
      const old = deleteOld.run(before, limit).changes;
      const surplus = Math.max(0, Number(count.get()?.["count"]) - mostCounts);
      return Number(old) + Number(deleteLowest.run(Math.min(surplus, limit)).changes);
    },
  };
}
