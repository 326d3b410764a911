/**
 * The schema in PostgreSQL, the same as SQLite's (sqlite_schema.ts), as
 * migrations: the table `onejot_schema` remembers how many a database has
 * taken. PostgreSQL runs one statement of a text. Texts are compared byte by
 * byte, as SQLite does.
 */

import { type Migration, statements } from "./migration.ts";

/** All of them, in order; the first makes version 1. */
export const migrations: readonly Migration[] = [
  [
    statements`CREATE TABLE users (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never used again
      email TEXT COLLATE "C" NOT NULL UNIQUE,
      is_admin INTEGER NOT NULL CHECK (is_admin IN (0, 1)),
      password_hash TEXT NOT NULL,
      created_at BIGINT NOT NULL,
      is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1)),
      tokens_from BIGINT NOT NULL DEFAULT 0
    )`,
    statements`CREATE TABLE sessions (
      id TEXT COLLATE "C" PRIMARY KEY,
      user_id BIGINT NOT NULL REFERENCES users (id),
      refresh_key TEXT NOT NULL,
      refresh_hash TEXT NOT NULL,
      spent_hash TEXT,
      created_at BIGINT NOT NULL,
      refreshed_at BIGINT NOT NULL,
      address TEXT,
      agent TEXT,
      cookie_hash TEXT COLLATE "C" UNIQUE
    )`,
    statements`CREATE INDEX sessions_of_user ON sessions (user_id)`,
    statements`CREATE INDEX sessions_by_refresh ON sessions (refreshed_at)`,
    statements`CREATE TABLE throttle (
      key TEXT COLLATE "C" PRIMARY KEY,
      failures INTEGER NOT NULL,
      failed_at BIGINT NOT NULL,
      failed_before BIGINT NOT NULL
    )`,
    statements`CREATE TABLE known_addresses (
      user_id BIGINT NOT NULL REFERENCES users (id),
      address TEXT COLLATE "C" NOT NULL,
      used_at BIGINT NOT NULL,
      PRIMARY KEY (user_id, address)
    )`,
  ],
  [
    statements`ALTER TABLE sessions
      ADD COLUMN fork_hash TEXT,
      ADD COLUMN host TEXT,
      ADD COLUMN last_address TEXT,
      ADD COLUMN last_agent TEXT`,
    statements`UPDATE sessions
      SET last_address = address, last_agent = agent`,
    statements`DROP INDEX sessions_of_user`,
    statements`CREATE INDEX sessions_of_user
      ON sessions (user_id, refreshed_at, id)`,
  ],
  [
    statements`ALTER TABLE throttle ADD COLUMN is_lasting INTEGER
      NOT NULL DEFAULT 0 CHECK (is_lasting IN (0, 1))`,
    statements`CREATE INDEX throttle_by_age
      ON throttle (failed_at) WHERE is_lasting = 0`,
    statements`CREATE INDEX throttle_by_failures
      ON throttle (failures, failed_at)`,
    statements`CREATE INDEX known_by_address ON known_addresses (address)`,
  ],
  [
    statements`ALTER TABLE users
      ALTER COLUMN password_hash TYPE TEXT COLLATE "C"`,
    statements`CREATE INDEX users_by_hash ON users (password_hash)`,
  ],
];
