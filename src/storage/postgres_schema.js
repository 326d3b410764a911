/**
 * The schema in PostgreSQL, the same as SQLite's (sqlite_schema.ts), as
 * migrations: the table `onejot_schema` remembers how many a database has
 * taken. PostgreSQL runs one statement of a text. Texts are compared byte by
 * byte, as SQLite does.
 */
import { statements } from "./migration.ts";
/** All of them, in order; the first makes version 1. */
export const migrations = [
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
];
