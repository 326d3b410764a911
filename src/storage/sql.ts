/**
 * What the stores need of a database: SQL as a tagged template. A value that
 * stands in a statement is bound to it and is never part of its text, and what
 * a statement has changed is told by the rows of its RETURNING. Clients of
 * PostgreSQL have this shape; of node:sqlite sqlite_database.ts makes it.
 */

import type { Unavailable } from "../auth/auth.ts";

/** A row as a database gives it; a whole number may come as a text. */
export type Row = Readonly<Record<string, unknown>>;

/** A value that is bound to a statement. */
export type Value = string | number | null;

/** Runs a statement to its end and gives its rows. */
export type Sql = (
  text: TemplateStringsArray,
  ...values: readonly Value[]
) => PromiseLike<readonly Row[]>;

/** Runs single statements, and several as one change. */
export interface Database extends Sql {
  /**
   * Makes one change of several statements, all or none; of two that ask at
   * once, one waits.
   *
   * @param act runs them, by the tag that it is given and by no other
   */
  begin<T>(act: (change: Sql) => Promise<T>): Promise<T>;
}

/** A database cannot be reached, or others keep it busy. */
export class DatabaseUnavailable extends Error implements Unavailable {
  override readonly name = "DatabaseUnavailable";
  /** What isUnavailable() of auth knows it by. */
  readonly code = "DATABASE_UNAVAILABLE";
}
