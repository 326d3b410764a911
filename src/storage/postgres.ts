/**
 * The stores on PostgreSQL, by any client that has a tag for statements and
 * `begin`, as Bun.SQL and postgres.js have. Nothing of the wire protocol is
 * here. A lost connection is told as unavailable (auth/store.ts), after a
 * second try where nothing was written.
 * Refused: a schema that is newer than this program; whatever waits too long
 * for a connection.
 */

import type { SessionStore, ThrottleStore, UserStore } from "../auth/auth.ts";
import { ConnectionPlaces } from "./connection_places.ts";
import { pendingMigrations } from "./migration.ts";
import { isLost, reach, toUnavailable } from "./postgres_errors.ts";
import { migrations } from "./postgres_schema.ts";
import { number } from "./rows.ts";
import { sessionStore } from "./sessions.ts";
import type { Database, Row, Sql, Value } from "./sql.ts";
import { throttleStore } from "./throttle.ts";
import { userStore } from "./users.ts";

/** What is needed of a client; it may hold any number of connections. */
export type PostgresClient = Database;

/** The stores in one PostgreSQL database. */
export interface PostgresStore extends UserStore, SessionStore, ThrottleStore {}

/** How a client is used. */
export interface PostgresOptions {
  /**
   * How many statements or changes run at once, as many as the client has
   * connections; 10.
   */
  readonly connections?: number;
  /** How long others wait for their turn, in seconds; 5. */
  readonly waitSeconds?: number;
}

/**
 * Brings the schema up to date and gives the stores.
 *
 * @throws {Error} the database cannot be reached, refuses, or is newer than
 * this program
 */
export async function openPostgres(
  client: PostgresClient,
  { connections = 10, waitSeconds = 5 }: PostgresOptions = {},
): Promise<PostgresStore> {
  const database = databaseOf(client, { connections, waitSeconds });
  await database.begin(migrate);
  return {
    ...userStore(database),
    ...sessionStore(database),
    ...throttleStore(database),
  };
}

/** The database of the stores: a client, with places at its connections. */
function databaseOf(
  client: PostgresClient,
  { connections, waitSeconds }: Required<PostgresOptions>,
): Database {
  const places = new ConnectionPlaces({ places: connections, waitSeconds });
  // Changes wait for each other: half of the places stay for what only reads.
  const placesToChange = new ConnectionPlaces({
    places: Math.ceil(connections / 2),
    waitSeconds,
  });

  async function sql(
    text: TemplateStringsArray,
    ...values: readonly Value[]
  ): Promise<readonly Row[]> {
    const bound = values.map(withoutNul);
    return await places.run(async () => {
      try {
        return await client(text, ...bound);
      } catch (error) {
        if (!isRead(text) || !isLost(error)) throw toUnavailable(error);
        // In a moment the client sees which other connections are lost, too.
        await new Promise((resolve) => setTimeout(resolve, 100));
        // Nothing was changed by the first try.
        return await reach(() => client(text, ...bound));
      }
    });
  }

  async function begin<T>(act: (change: Sql) => Promise<T>): Promise<T> {
    const makeChange = () =>
      client.begin(async (change) => {
        await lock(change, waitSeconds);
        return await act((text, ...values) => {
          return change(text, ...values.map(withoutNul));
        });
      });
    return await placesToChange.run(() => {
      return places.run(() => reach(makeChange));
    });
  }

  return Object.assign(sql, { begin });
}

/** Statements of the stores that only read begin so, and no others do. */
function isRead(text: TemplateStringsArray): boolean {
  return text[0]?.startsWith("SELECT ") === true;
}

/** PostgreSQL has no NUL in texts: one that holds it equals nothing stored. */
function withoutNul(value: Value): Value {
  return typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value;
}

/**
 * Lets one change at a time be made, in all processes, as SQLite has it: until
 * the end of the transaction. Nobody waits longer than `waitSeconds` for it,
 * nor holds it longer without a statement: a process can be stopped.
 *
 * The lock has a number, 1869505898, which is "onej" in ASCII (0x6f6e656a): any
 * would do that no other program locks in the same database, but it must stay,
 * because processes of several versions share one. PostgreSQL evaluates FROM
 * before the columns, so the time limits hold when the lock is waited for.
 */
async function lock(change: Sql, waitSeconds: number): Promise<void> {
  const limit = String(waitSeconds * 1000); // milliseconds
  await change`SELECT pg_advisory_xact_lock(1869505898)
    FROM set_config('lock_timeout', ${limit}, true) AS waiting,
      set_config('idle_in_transaction_session_timeout', ${limit}, true)
        AS pausing`;
}

async function migrate(change: Sql): Promise<void> {
  const version = await readVersion(change);
  for (const migration of pendingMigrations(migrations, version)) {
    for (const text of migration) await change(text);
  }
  await change`UPDATE onejot_schema SET version = ${migrations.length}`;
}

/** How many migrations the database has taken; a new one is told of them. */
async function readVersion(change: Sql): Promise<number> {
  await change`CREATE TABLE IF NOT EXISTS onejot_schema
    (version INTEGER NOT NULL)`;
  const [row] = await change`SELECT version FROM onejot_schema`;
  if (row !== undefined) return number(row, "version");
  await change`INSERT INTO onejot_schema (version) VALUES (0)`;
  return 0;
}
