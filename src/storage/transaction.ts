/**
 * Several statements as one change, all of them or none; and reading a row that may not be there.
 */

import type { DatabaseSync } from "node:sqlite";

/** A row as node:sqlite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Reads a row, or gives null where there is none. */
export function readRow<T>(row: Row | undefined, read: (row: Row) => T): T | null {
  return row === undefined ? null : read(row);
}

/** Runs statements in a transaction that writes; of two processes that ask at once, one waits. */
export function inTransaction<T>(database: DatabaseSync, act: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = act();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      database.exec("ROLLBACK");
    } catch {
      // SQLite has done so by itself, as it does when the disk is full
    }
    throw error;
  }
}
