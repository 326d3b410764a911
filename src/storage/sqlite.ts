/**
 * The stores on SQLite, through node:sqlite, which Bun and Deno both have. WAL mode, so that several
 * processes can use one file.
 * Refused: a database that is newer than this program.
 */

import { closeSync, openSync } from "node:fs";
import { isAbsolute } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { SessionStore, ThrottleStore, UserStore } from "../auth/auth.ts";
import { accountStore } from "./accounts.ts";
import { sqlOn } from "./sql.ts";
import { migrations } from "./sqlite_schema.ts";
import { throttleStore } from "./throttle.ts";

/** The stores in one SQLite database. */
export interface SqliteStore extends UserStore, SessionStore, ThrottleStore {
  /** Copies the database, as it is at one moment, into a new file. Throws where there is one. */
  copyTo(path: string): Promise<void>;
  /** Closes the database. */
  close(): void;
}

/**
 * Opens a database and brings its schema up to date.
 *
 * @param path a file, made if it is not there, readable for its owner alone; or ":memory:"
 * @throws {Error} it cannot be opened or written, is no database, or is newer than this program
 */
export function openSqlite(path: string): SqliteStore {
  const name = path === ":memory:" || isAbsolute(path) ? path : `./${path}`; // "file:x" is a URI
  if (name !== ":memory:") closeSync(openSync(name, "a", 0o600)); // SQLite would make it readable
  const connection = new DatabaseSync(name);
  try {
    connection.exec("PRAGMA busy_timeout = 5000"); // milliseconds, for others that start as well
    switchToWal(connection);
    connection.exec("PRAGMA synchronous = FULL"); // what was acknowledged survives a power cut
    connection.exec("PRAGMA foreign_keys = ON");
    migrate(connection);
    connection.exec("PRAGMA busy_timeout = 1000"); // nothing else is answered while this waits
    const sql = sqlOn(connection);
    return {
      ...accountStore(sql),
      ...throttleStore(sql),
      async copyTo(path) {
        closeSync(openSync(path, "wx", 0o600)); // readable for its owner alone
        await backup(connection, path);
      },
      close: () => connection.close(),
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Of those that start at once on an empty file, SQLite waits for none here, but does at a BEGIN. */
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
  const version = Number(
    connection.prepare("PRAGMA user_version").get()?.["user_version"],
  );
  if (version > migrations.length) {
    throw new Error("the database is newer than this program");
  }
  for (const step of migrations.slice(version)) connection.exec(step);
  connection.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
}
