/**
 * The stores on PostgreSQL, by any client that has a tag for statements and `begin`, as Bun.SQL has
 * and postgres.js. Nothing of the wire protocol is here.
 * Refused: a schema that is newer than this program; whatever waits too long for a connection. A lost
 * connection is told as unavailable (auth/store.ts), after a second try where nothing was written.
 */

import type { SessionStore, ThrottleStore, UserStore } from "../auth/auth.ts";
import { accountStore } from "./accounts.ts";
import { DatabaseUnavailable, type Sql, type Statement } from "./sql.ts";
import { steps } from "./postgres_schema.ts";
import { throttleStore } from "./throttle.ts";

/** What is needed of a client; it may hold any number of connections. */
export type PostgresClient = Sql;

/** The stores in one PostgreSQL database. */
export interface PostgresStore extends UserStore, SessionStore, ThrottleStore {}

/** How a client is used. */
export interface PostgresOptions {
  /** How many statements or changes run at once, as many as the client has connections; 10. */
  readonly connections?: number;
  /** How long others wait for their turn, in seconds; 5. */
  readonly waitSeconds?: number;
}

/**
 * Brings the schema up to date and gives the stores.
 *
 * @throws {Error} the database cannot be reached, refuses, or is newer than this program
 */
export async function openPostgres(
  client: PostgresClient,
  { connections = 10, waitSeconds = 5 }: PostgresOptions = {},
): Promise<PostgresStore> {
  const takeTurn = turns(connections, waitSeconds);
  const takeTurnToChange = turns(Math.ceil(connections / 2), waitSeconds); // the rest is for reads

  async function sql(...[text, ...values]: Parameters<Statement>) {
    const bound = values.map(withoutNul);
    const isRead = text[0]?.startsWith("SELECT ") === true;
    return await takeTurn(async () => {
      try {
        return await client(text, ...bound);
      } catch (error) {
        if (!isRead || !isLost(error)) throw toUnavailable(error);
        // In a moment the client sees which other connections are lost, too.
        await new Promise((resolve) => setTimeout(resolve, 100));
        return await reach(() => client(text, ...bound)); // nothing was changed by the first try
      }
    });
  }

  async function begin<T>(act: (sql: Statement) => Promise<T>): Promise<T> {
    const change = () =>
      client.begin(async (sql) => {
        await lock(sql, waitSeconds);
        return await act((text, ...values) =>
          sql(text, ...values.map(withoutNul))
        );
      });
    return await takeTurnToChange(() => takeTurn(() => reach(change)));
  }

  await begin(migrate);
  const stores = Object.assign(sql, { begin });
  return { ...accountStore(stores), ...throttleStore(stores) };
}

/**
 * One change at a time, in all processes, as SQLite has it: until the end of the transaction. Nobody
 * waits longer than that for it, nor holds it longer without a statement: a process can be stopped.
 */
async function lock(sql: Statement, waitSeconds: number): Promise<void> {
  const milliseconds = String(waitSeconds * 1000);
  // FROM comes first. The number is any that nobody else takes.
  await sql`SELECT pg_advisory_xact_lock(1869505898)
    FROM set_config('lock_timeout', ${milliseconds}, true) AS waiting,
      set_config('idle_in_transaction_session_timeout', ${milliseconds}, true) AS pausing`;
}

async function migrate(sql: Statement): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS onejot_schema (version INTEGER NOT NULL)`;
  const [row] = await sql`SELECT version FROM onejot_schema`;
  if (row === undefined) {
    await sql`INSERT INTO onejot_schema (version) VALUES (0)`;
  }
  const version = Number(row?.["version"] ?? 0);
  if (version > steps.length) {
    throw new Error("the database is newer than this program");
  }
  for (const step of steps.slice(version)) await step(sql);
  await sql`UPDATE onejot_schema SET version = ${steps.length}`;
}

/** PostgreSQL has no NUL in texts: one that holds it equals nothing that is stored. */
function withoutNul<V>(value: V): V | string {
  return typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value;
}

async function reach<T>(act: () => PromiseLike<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toUnavailable(error);
  }
}

function toUnavailable(error: unknown): unknown {
  if (!isLost(error)) return error;
  return new DatabaseUnavailable(
    `the database cannot be reached: ${codesOf(error).join(" ")}`,
  );
}

/**
 * Says whether the connection, and not the statement, is at fault: the server ends or lacks
 * connections (SQLSTATE classes 08, 53, 57P), has ended this one (25P03), or broke a deadlock or a
 * wait for a lock (40, 55P03); or the client gives a code that is no SQLSTATE: the server said nothing.
 */
function isLost(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false; // a fault of ours
  const codes = codesOf(error);
  const [state] = codes.filter((code) => /^[\dFHPX][\dA-Z]{4}$/.test(code));
  return state === undefined
    ? codes.length > 0
    : /^(?:08|53|57P|25P03|40|55P03)/.test(state);
}

/** What clients call by codes: with Bun.SQL the SQLSTATE is in `errno`, with others in `code`. */
function codesOf(error: unknown): string[] {
  const { code, errno }: { readonly code?: unknown; readonly errno?: unknown } =
    Object(error);
  return [code, errno].filter((code) => typeof code === "string");
}

/** Lets so many run at once; the others wait in turn, but no longer than that. */
function turns(places: number, waitSeconds: number) {
  const waiting = new Set<() => void>();
  let free = places;

  async function wait(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      waiting.delete(resolve);
      reject(
        new DatabaseUnavailable("the database's connections are all in use"),
      );
    }, waitSeconds * 1000);
    waiting.add(resolve);
    await promise.finally(() => clearTimeout(timer));
  }

  return async function takeTurn<T>(act: () => Promise<T>): Promise<T> {
    if (free > 0) free--;
    else await wait();
    try {
      return await act();
    } finally {
      const [next] = waiting;
      if (next === undefined) free++;
      else waiting.delete(next);
      next?.();
    }
  };
}
