/**
 * The stores on SQLite, through node:sqlite, which Bun and Deno both have. WAL mode, so that several
 * processes can use one file.
 * Refused: a database that is newer than this program.
 */

import { closeSync, openSync } from "node:fs";
import { isAbsolute } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import type { SessionStore, ThrottleStore, UserStore } from "../auth/auth.ts";
import { migrations } from "./schema.ts";
import { sessionStore } from "./sessions.ts";
import { throttleStore } from "./throttle.ts";
import { inTransaction } from "./transaction.ts";
import { userStore } from "./users.ts";

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
  const isFile = path !== ":memory:";
  const name = isFile && !isAbsolute(path) ? `./${path}` : path; // or "file:x" would be a URI
  if (isFile) closeSync(openSync(name, "a", 0o600)); // SQLite would make it readable
  const database = new DatabaseSync(name);
  try {
    database.exec("PRAGMA busy_timeout = 5000"); // milliseconds, for others that start as well
    switchToWal(database);
    database.exec("PRAGMA synchronous = FULL"); // what was acknowledged survives a power cut
    database.exec("PRAGMA foreign_keys = ON");
    inTransaction(database, () => migrate(database));
    database.exec("PRAGMA busy_timeout = 1000"); // nothing else is answered while this waits
    return {
      ...userStore(database),
      ...sessionStore(database),
      ...throttleStore(database),
      async copyTo(path) {
        closeSync(openSync(path, "wx", 0o600)); // readable for its owner alone
        await backup(database, path);
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Of those that start at once on an empty file, SQLite waits for none here, but does at a BEGIN. */
function switchToWal(database: DatabaseSync): void {
  for (let attempt = 1;; attempt++) {
    try {
      return database.exec("PRAGMA journal_mode = WAL");
    } catch (error) {
      if (attempt === 20) throw error;
      inTransaction(database, () => {});
    }
  }
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
  if (typeof version !== "number" || version > migrations.length) {
    throw new Error("the database is newer than this program");
  }
  for (const step of migrations.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
}
