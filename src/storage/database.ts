/**
 * SQL on node:sqlite as a tagged template: a value that stands in a statement is bound to it and is
 * never part of its text. What a statement has changed is told by the rows of its RETURNING.
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers";

/** A row as node:sqlite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** What the stores need of a database. */
export interface Sql {
  /** Runs a statement to its end and gives its rows. */
  (text: TemplateStringsArray, ...values: SQLInputValue[]): readonly Row[];
  /**
   * Runs a statement in the next turn of the event loop, right behind those that other requests have
   * asked for, with nothing between them. For the statement of every request: beside all that a
   * request does it took three times as long, because each displaced the other from the caches.
   */
  soon(text: TemplateStringsArray, ...values: SQLInputValue[]): Promise<readonly Row[]>;
  /** Runs several as one change, all or none; of two processes that ask at once, one waits. */
  transaction<T>(act: () => T): T;
}

/** Makes it of a connection. */
export function sqlOn(connection: DatabaseSync): Sql {
  const prepared = new Map<TemplateStringsArray, StatementSync>(); // one template is one object
  const sql = (text: TemplateStringsArray, ...values: SQLInputValue[]): readonly Row[] =>
    prepared.getOrInsertComputed(text, () => connection.prepare(text.join("?"))).all(...values);

  let turn: Promise<void> | null = null;

  async function soon(text: TemplateStringsArray, ...values: SQLInputValue[]) {
    turn ??= new Promise<void>((resolve) => setImmediate(resolve)).finally(() => turn = null);
    await turn;
    return sql(text, ...values);
  }

  function transaction<T>(act: () => T): T {
    connection.exec("BEGIN IMMEDIATE");
    try {
      const result = act();
      connection.exec("COMMIT");
      return result;
    } finally {
      if (connection.isTransaction) connection.exec("ROLLBACK"); // SQLite may have, on a full disk
    }
  }

  return Object.assign(sql, { soon, transaction });
}
