/**
 * The schema, as numbered steps: a database remembers in `user_version` how many it has taken.
 * A step that has been released is never changed; a new one is added behind it.
 */

/** The steps, in order; the first makes version 1. */
export const migrations: readonly string[] = [
  `CREATE TABLE users (
     id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
     email TEXT NOT NULL UNIQUE,           -- in lower case
     is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
     password_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL           -- seconds since 1970
   ) STRICT`,
];
