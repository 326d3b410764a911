/**
 * Reads rows, a column at a time. What a column holds is not looked at again:
 * the schemas give each one its type and say where it may be null, and only the
 * statements of this folder write to them.
 */

import type { Row } from "./sql.ts";

/** A column of text that is never null. */
export function text(row: Row, column: string): string {
  return row[column] as string;
}

/** A column of text that may be null. */
export function textOrNull(row: Row, column: string): string | null {
  return row[column] as string | null;
}

/** A whole number; of PostgreSQL's BIGINT a client may make a text. */
export function number(row: Row, column: string): number {
  return Number(row[column]);
}

/** A column that is 1 for yes and 0 for no. */
export function flag(row: Row, column: string): boolean {
  return row[column] === 1;
}

/** Says whether a statement has found a row, or changed one. */
export function hasRow(rows: readonly Row[]): boolean {
  return rows.length > 0;
}

/** Reads the one row that a statement has given; null where there is none. */
export function readFirst<T>(
  rows: readonly Row[],
  read: (row: Row) => T,
): T | null {
  const row = rows[0];
  return row === undefined ? null : read(row);
}
