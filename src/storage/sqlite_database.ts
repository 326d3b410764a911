/**
 * The database of the stores, made of a connection of node:sqlite. A statement
 * is prepared once and runs to its end in this thread, so what must not be
 * mixed are the changes of several statements, between which other requests go
 * on.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { DatabaseUnavailable } from "./sql.ts";
import type { Database, Row, Sql, Value } from "./sql.ts";

/**
 * Makes a database of a connection.
 *
 * A statement runs in the next turn of the event loop, right behind those that
 * other requests have asked for, with nothing between them. In the midst of all
 * else that a request does, it took three times as long: each displaced the
 * other from the processor's caches. The turn costs one promise for all
 * statements of a turn, and a statement waits for no other promise unless a
 * change is running.
 */
export function databaseOn(connection: DatabaseSync): Database {
  // A template is one object, however often its function runs.
  const prepared = new Map<TemplateStringsArray, StatementSync>();
  let turn: Promise<void> | null = null;
  let runningChange: Promise<void> | null = null;

  function run(
    text: TemplateStringsArray,
    values: readonly Value[],
  ): readonly Row[] {
    const statement = prepared.getOrInsertComputed(
      text,
      () => connection.prepare(text.join("?")),
    );
    return statement.all(...values);
  }

  function nextTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = null;
        resolve();
      });
    });
    return turn;
  }

  async function sql(
    text: TemplateStringsArray,
    ...values: readonly Value[]
  ): Promise<readonly Row[]> {
    await nextTurn();
    // A loop, and no function of its own that is awaited: of all that wait for
    // a change, one may begin the next, so each must look again when it goes
    // on.
    while (runningChange !== null) await runningChange;
    try {
      return run(text, values);
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  async function begin<T>(act: (change: Sql) => Promise<T>): Promise<T> {
    while (runningChange !== null) await runningChange;
    const { promise, resolve: end } = Promise.withResolvers<void>();
    runningChange = promise;
    try {
      connection.exec("BEGIN IMMEDIATE");
      const result = await act(async (text, ...values) => {
        return await run(text, values);
      });
      connection.exec("COMMIT");
      return result;
    } catch (error) {
      throw toUnavailable(error);
    } finally {
      // SQLite has ended the transaction itself where the disk was full.
      if (connection.isTransaction) connection.exec("ROLLBACK");
      runningChange = null;
      end();
    }
  }

  return Object.assign(sql, { begin });
}

/** Another process wrote for longer than busy_timeout: nothing was changed. */
function toUnavailable(error: unknown): unknown {
  // SQLITE_BUSY by its message: of exec, Deno tells no code.
  const isBusy = error instanceof Error &&
    error.message === "database is locked";
  return isBusy ? new DatabaseUnavailable(error.message) : error;
}
