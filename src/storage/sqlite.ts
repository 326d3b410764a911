/**
 * The stores on SQLite, through node:sqlite, which Bun and Deno both have. WAL mode, so that several
 * processes can use one file.
 * Refused: a database that is newer than this program.
 */

import { closeSync, openSync } from "node:fs";
import { isAbsolute } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Account, Email, PasswordHash, User, UserId, UserStore } from "../auth/auth.ts";
import { migrations } from "./schema.ts";

/** The stores in one SQLite database. */
export interface SqliteStore extends UserStore {
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
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL"); // what was acknowledged survives a power cut
    database.exec("PRAGMA foreign_keys = ON");
    migrate(database);
    database.exec("PRAGMA busy_timeout = 1000"); // nothing else is answered while this waits
    return prepareStore(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE"); // of two processes that start at once, one waits here
  try {
    const { user_version: version } = database.prepare("PRAGMA user_version").get() ?? {};
    if (typeof version !== "number" || version > migrations.length) {
      throw new Error("the database is newer than this program");
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has done so by itself, as it does when the disk is full
  }
}

function prepareStore(database: DatabaseSync): SqliteStore {
  const selectByEmail = database.prepare(
    "SELECT id, email, is_admin, password_hash FROM users WHERE email = ?",
  );
  const selectById = database.prepare("SELECT id, email, is_admin FROM users WHERE id = ?");
  const insert = database.prepare(
    `INSERT INTO users (email, is_admin, password_hash, created_at) VALUES (?, ?, ?, unixepoch())
     ON CONFLICT (email) DO NOTHING RETURNING id, email, is_admin`,
  );
  const updateHash = database.prepare(
    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
  );
  const selectAny = database.prepare("SELECT 1 FROM users LIMIT 1");

  return {
    findAccountByEmail(email) {
      const row = selectByEmail.get(email);
      return row === undefined ? null : readAccount(row);
    },
    findUser(id) {
      const row = selectById.get(id);
      return row === undefined ? null : readUser(row);
    },
    addUser({ email, isAdmin, passwordHash }) {
      const row = insert.get(email, isAdmin ? 1 : 0, passwordHash);
      return row === undefined ? null : readUser(row);
    },
    replacePasswordHash(account, passwordHash) {
      updateHash.run(passwordHash, account.id, account.passwordHash);
    },
    hasUsers: () => selectAny.get() !== undefined,
    close: () => database.close(),
  };
}

type Row = Readonly<Record<string, unknown>>;

// The casts: the table is STRICT, and only addUser and replacePasswordHash write to it.
function readUser(row: Row): User {
  const { id, email, is_admin } = row;
  return { id: id as UserId, email: email as Email, isAdmin: is_admin === 1 };
}

function readAccount(row: Row): Account {
  return { ...readUser(row), passwordHash: row["password_hash"] as PasswordHash };
}
