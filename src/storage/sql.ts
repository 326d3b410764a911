/**
 * SQL as a tagged template: a value that stands in a statement is bound to it and is never part of its
 * text. What a statement has changed is told by the rows of its RETURNING. The stores are written
 * against this shape, which clients of PostgreSQL have, too; here it is made of node:sqlite.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import type { Unavailable } from "../auth/auth.ts";

/** A row as a database gives it; a whole number may come as a text. */
export type Row = Readonly<Record<string, unknown>>;

/** Runs a statement to its end and gives its rows. */
export type Statement = (
  text: TemplateStringsArray,
  ...values: readonly (string | number | null)[]
) => PromiseLike<readonly Row[]>;

/** What the stores need of a database. */
export interface Sql extends Statement {
  /** Runs several as one change, all or none; of two that ask at once, one waits. */
  begin<T>(act: (sql: Statement) => Promise<T>): Promise<T>;
}

/** A database cannot be reached, or others keep it busy; the message holds no value. */
export class DatabaseUnavailable extends Error implements Unavailable {
  override readonly name = "DatabaseUnavailable";
  /** What isUnavailable() of auth knows it by. */
  readonly code = "DATABASE_UNAVAILABLE";
}

/**
 * Makes it of a connection. A statement runs in the next turn of the event loop, right behind those
 * that other requests have asked for, with nothing between them: beside all that a request does it
 * took three times as long, because each displaced the other from the processor's caches.
 */
export function sqlOn(connection: DatabaseSync): Sql {
  const prepared = new Map<TemplateStringsArray, StatementSync>(); // one template is one object
  let turn: Promise<void> | null = null;
  let change: Promise<void> | null = null; // several statements that nothing may come between

  const run = (...[text, ...values]: Parameters<Statement>): readonly Row[] =>
    prepared.getOrInsertComputed(text, () => connection.prepare(text.join("?")))
      .all(...values);

  async function sql(
    ...statement: Parameters<Statement>
  ): Promise<readonly Row[]> {
    turn ??= new Promise<void>((resolve) => setImmediate(resolve)).finally(() =>
      turn = null
    );
    await turn;
    while (change !== null) await change;
    try {
      return run(...statement);
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  async function begin<T>(act: (sql: Statement) => Promise<T>): Promise<T> {
    while (change !== null) await change;
    const { promise, resolve } = Promise.withResolvers<void>();
    change = promise;
    try {
      connection.exec("BEGIN IMMEDIATE");
      const result = await act(async (...statement) => await run(...statement));
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      throw toUnavailable(error);
    } finally {
      if (connection.isTransaction) connection.exec("ROLLBACK"); // SQLite may have, on a full disk
      change = null;
      resolve();
    }
  }

  return Object.assign(sql, { begin });
}

/** Another process has been writing for longer than busy_timeout: nothing was changed here. */
function toUnavailable(error: unknown): unknown {
  const isBusy = error instanceof Error &&
    error.message === "database is locked"; // SQLITE_BUSY
  return isBusy ? new DatabaseUnavailable(error.message) : error; // of exec, Deno tells no code
}
