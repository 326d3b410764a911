/**
 * The schema in SQLite, as migrations: a database remembers in `user_version`
 * how many it has taken. SQLite runs all statements of a text.
 */

import { type Migration, statements } from "./migration.ts";

/** All of them, in order; the first makes version 1. */
export const migrations: readonly Migration[] = [
  [statements`CREATE TABLE users (
     id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
     email TEXT NOT NULL UNIQUE,           -- in lower case
     is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
     password_hash TEXT NOT NULL,
     created_at INTEGER NOT NULL           -- seconds since 1970, as all times here
   ) STRICT`],
  [statements`ALTER TABLE users ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1));
   ALTER TABLE users ADD COLUMN tokens_from INTEGER NOT NULL DEFAULT 0; -- for tokens without a session
   CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     user_id INTEGER NOT NULL REFERENCES users (id),
     refresh_key TEXT NOT NULL,            -- derives the next refresh token from the one before
     refresh_hash TEXT NOT NULL,           -- of the refresh token that is to be used next
     spent_hash TEXT,                      -- of the one before it
     created_at INTEGER NOT NULL,
     refreshed_at INTEGER NOT NULL,
     address TEXT,
     agent TEXT
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX sessions_of_user ON sessions (user_id);
   CREATE INDEX sessions_by_refresh ON sessions (refreshed_at);
   CREATE TABLE throttle (
     key TEXT PRIMARY KEY,
     failures INTEGER NOT NULL,
     failed_at INTEGER NOT NULL,
     failed_before INTEGER NOT NULL        -- failed_at, if the last attempt is taken back
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE known_addresses (          -- from which an account has logged in
     user_id INTEGER NOT NULL REFERENCES users (id),
     address TEXT NOT NULL,
     used_at INTEGER NOT NULL,
     PRIMARY KEY (user_id, address)
   ) STRICT, WITHOUT ROWID`],
  [statements`ALTER TABLE sessions ADD COLUMN cookie_hash TEXT; -- of a browser's session; the others have none
   CREATE UNIQUE INDEX sessions_by_cookie ON sessions (cookie_hash)`],
  // What an attacker found: forks of refresh tokens, the host of a cookie, where
  // a session was last used.
  [statements`ALTER TABLE sessions ADD COLUMN fork_hash TEXT; -- of the refresh token that a repeat has given
   ALTER TABLE sessions ADD COLUMN host TEXT;      -- the one at which a cookie works
   ALTER TABLE sessions ADD COLUMN last_address TEXT; -- at the last refresh, or at login
   ALTER TABLE sessions ADD COLUMN last_agent TEXT;
   UPDATE sessions SET last_address = address, last_agent = agent;
   DROP INDEX sessions_of_user;
   CREATE INDEX sessions_of_user ON sessions (user_id, refreshed_at, id)`],
  [statements`ALTER TABLE throttle ADD COLUMN is_lasting INTEGER NOT NULL DEFAULT 0
     CHECK (is_lasting IN (0, 1)); -- 1: the count does not end by itself
   CREATE INDEX throttle_by_age ON throttle (failed_at) WHERE is_lasting = 0;
   CREATE INDEX throttle_by_failures ON throttle (failures, failed_at);
   CREATE INDEX known_by_address ON known_addresses (address)`],
  // So that the schemes and costs of all hashes are found by a few steps.
  [statements`CREATE INDEX users_by_hash ON users (password_hash)`],
];
