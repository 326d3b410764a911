/**
 * The database that a setting names: how its address is written, what it is
 * called where it is spoken of, and how it is opened.
 * Refused: an address that names no file and no server, PostgreSQL on a runtime
 * that has no client for it. What is said of a database never shows its
 * password.
 */

import type { Store } from "../auth/auth.ts";
import { openPostgres } from "../storage/postgres.ts";
import { openSqlite } from "../storage/sqlite.ts";
import { postgresClientOfBun } from "./bun.ts";
import { cannot, CommandError } from "./fault.ts";

/**
 * The path of a SQLite database or ":memory:", or the URL of a PostgreSQL one,
 * with its password.
 */
export type DatabaseAddress =
  | { readonly sqlite: string }
  | { readonly postgres: string };

/** The stores, on whatever database, and what only commands do with them. */
export interface OpenStore extends Store {
  /** Copies the database into a new file; null where onejot cannot. */
  readonly copyTo: ((path: string) => Promise<void>) | null;
  /** Closes the database. */
  close(): Promise<void>;
}

/** Reads `sqlite:<path>` or `postgres://…`; null for anything else. */
export function parseDatabaseAddress(url: string): DatabaseAddress | null {
  if (url.startsWith("sqlite:")) {
    return parseSqlitePath(url.slice("sqlite:".length));
  }
  const isPostgres = /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url);
  return isPostgres ? { postgres: url } : null;
}

function parseSqlitePath(written: string): DatabaseAddress | null {
  // As a URL with an empty host has it: sqlite:///data/x is the file /data/x.
  const path = written.startsWith("///") ? written.slice(2) : written;
  // sqlite://x has a host, which a file does not have.
  if (path.startsWith("//")) return null;
  // ":memory:" is gone with the process, and the accounts with it.
  if (path.startsWith(":")) return null;
  if (path.trim() === "") return null;
  return { sqlite: path };
}

/**
 * What a database is called where it is spoken of: a URL may hold a password.
 */
export function nameOf(address: DatabaseAddress): string {
  return "sqlite" in address ? `the database ${address.sqlite}` : "PostgreSQL";
}

/**
 * Opens the database, and makes it where it is a file that is not there.
 *
 * @throws {CommandError} it cannot be used, with the reason
 */
export async function openStore(address: DatabaseAddress): Promise<OpenStore> {
  try {
    return "sqlite" in address
      ? openFile(address.sqlite)
      : await connect(address.postgres);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw cannot(`use ${nameOf(address)}`, error);
  }
}

function openFile(path: string): OpenStore {
  const store = openSqlite(path);
  return {
    ...store,
    close() {
      store.close();
      return Promise.resolve();
    },
  };
}

async function connect(url: string): Promise<OpenStore> {
  const connections = 10;
  const client = postgresClientOfBun(url, connections);
  if (client === null) {
    throw new CommandError(
      "PostgreSQL needs Bun here: run onejot with it, or hand a client to onejot/postgres.",
    );
  }
  const stores = await openPostgres(client, { connections });
  return {
    ...stores,
    copyTo: null,
    async close() {
      // A server that is gone never answers: one second is enough.
      await client.close({ timeout: 1 });
    },
  };
}
