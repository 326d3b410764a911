/**
 * What the stores need of a database: SQL as a tagged template. A value that
 * stands in a statement is bound to it and is never part of its text, and what
 * a statement has changed is told by the rows of its RETURNING. Clients of
 * PostgreSQL have this shape; of node:sqlite sqlite_database.ts makes it.
 */
/** A database cannot be reached, or others keep it busy. */
export class DatabaseUnavailable extends Error {
  name = "DatabaseUnavailable";
  /** What isUnavailable() of auth knows it by. */
  code = "DATABASE_UNAVAILABLE";
}
