/**
 * The stores on SQLite, through node:sqlite, which Bun and Deno both have. WAL
 * mode, so that several processes can use one file.
 * Refused: a database that is newer than this program.
 */

import { closeSync, openSync } from "node:fs";
import { isAbsolute } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { SessionStore, ThrottleStore, UserStore } from "../auth/auth.ts";
import { pendingMigrations } from "./migration.ts";
import { sessionStore } from "./sessions.ts";
import { databaseOn } from "./sqlite_database.ts";
import { migrations } from "./sqlite_schema.ts";
import { throttleStore } from "./throttle.ts";
import { userStore } from "./users.ts";

/** The stores in one SQLite database. */
export interface SqliteStore extends UserStore, SessionStore, ThrottleStore {
  /**
   * Copies the database, as it is at one moment, into a new file.
   *
   * @throws {Error} there is such a file, or it cannot be written
   */
  copyTo(path: string): Promise<void>;
  /** Closes the database. */
  close(): void;
}

/**
 * Opens a database and brings its schema up to date.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const store = openSqlite(":memory:");
 * assert.deepEqual(await store.listUsers({ after: 0, limit: 50 }), []);
 * store.close();
 * ```
 *
 * @param path a file, made if it is not there, readable for its owner alone; or
 * ":memory:"
 * @throws {Error} it cannot be opened or written, is no database, or is newer
 * than this program
 */
export function openSqlite(path: string): SqliteStore {
  if (path === ":memory:") return open(path);
  // Or SQLite would take a name such as "file:x" for a URI.
  const name = isAbsolute(path) ? path : `./${path}`;
  makeForOwnerAlone(name, "a");
  return open(name);
}

function open(name: string): SqliteStore {
  const connection = new DatabaseSync(name);
  try {
    // In milliseconds; longer than below, for others that start as well.
    connection.exec("PRAGMA busy_timeout = 5000");
    switchToWal(connection);
    // What was acknowledged survives a power cut.
    connection.exec("PRAGMA synchronous = FULL");
    connection.exec("PRAGMA foreign_keys = ON");
    migrate(connection);
    // Nothing else is answered while this waits.
    connection.exec("PRAGMA busy_timeout = 1000");
    return storeOn(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function storeOn(connection: DatabaseSync): SqliteStore {
  const database = databaseOn(connection);
  return {
    ...userStore(database),
    ...sessionStore(database),
    ...throttleStore(database),
    async copyTo(path) {
      makeForOwnerAlone(path, "wx");
      await backup(connection, path);
    },
    close: () => connection.close(),
  };
}

/**
 * Makes an empty file with the owner's rights, which SQLite would make readable
 * for others. With the flag "a" it may be there, with "wx" it must not.
 */
function makeForOwnerAlone(path: string, flag: "a" | "wx"): void {
  closeSync(openSync(path, flag, 0o600));
}

/**
 * Where several start at once on an empty file, SQLite waits for none of them
 * when it switches to WAL; but it does at a BEGIN, after which one tries again.
 */
function switchToWal(connection: DatabaseSync, attempts = 20): void {
  try {
    connection.exec("PRAGMA journal_mode = WAL");
  } catch (error) {
    if (attempts === 1) throw error;
    connection.exec("BEGIN IMMEDIATE; COMMIT");
    switchToWal(connection, attempts - 1);
  }
}

/** What fails leaves nothing: the connection is closed then. */
function migrate(connection: DatabaseSync): void {
  connection.exec("BEGIN IMMEDIATE");
  const row = connection.prepare("PRAGMA user_version").get();
  const version = Number(row?.["user_version"]);
  for (const migration of pendingMigrations(migrations, version)) {
    for (const text of migration) connection.exec(text.join(""));
  }
  connection.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}
