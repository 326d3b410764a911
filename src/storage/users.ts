/**
 * Users in a database, SQLite or PostgreSQL.
 * Refused: to take away the last enabled administrator.
 */

import type {
  Account,
  Email,
  PasswordHash,
  User,
  UserChange,
  UserId,
  UserStore,
} from "../auth/auth.ts";
import { endSessions } from "./end_sessions.ts";
import { flag, hasRow, number, readFirst, text } from "./rows.ts";
import type { Database, Row, Sql } from "./sql.ts";

/** The users in a database. */
export function userStore(sql: Database): UserStore {
  return {
    async findAccountByEmail(email) {
      const rows = await sql`SELECT * FROM users WHERE email = ${email}`;
      return readFirst(rows, readAccount);
    },

    async findAccount(id) {
      const rows = await sql`SELECT * FROM users WHERE id = ${id}`;
      return readFirst(rows, readAccount);
    },

    async findUserOfToken({ userId, issuedAt }) {
      const rows = await sql`SELECT * FROM users
        WHERE id = ${userId} AND is_disabled = 0
          AND tokens_from <= ${storable(issuedAt)}`;
      return readFirst(rows, readUser);
    },

    async addUser({ email, isAdmin, passwordHash, createdAt }) {
      const rows = await sql`INSERT INTO users
          (email, is_admin, password_hash, created_at)
        VALUES (${email}, ${Number(isAdmin)}, ${passwordHash}, ${createdAt})
        ON CONFLICT (email) DO NOTHING RETURNING *`;
      return readFirst(rows, readAccount);
    },

    async replacePasswordHash(account, passwordHash) {
      const rows = await sql`UPDATE users SET password_hash = ${passwordHash}
        WHERE id = ${account.id} AND password_hash = ${account.passwordHash}
        RETURNING 1`;
      return hasRow(rows);
    },

    async listUsers({ after, limit }) {
      const rows = await sql`SELECT * FROM users
        WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
      return rows.map(readAccount);
    },

    changeUser: (order) => sql.begin((change) => changeUser(change, order)),
  };
}

/**
 * A time as the databases compare it, a whole number. A token's `iat` may be
 * any finite number, such as 1e308, which no column holds, or -0.5. All times
 * before 1970 are alike: a token of then is too old for everybody.
 */
export function storable(time: number): number {
  return Math.floor(Math.max(-1, Math.min(time, Number.MAX_SAFE_INTEGER)));
}

interface ChangeOrder {
  readonly id: UserId;
  readonly change: UserChange;
  readonly now: number;
}

async function changeUser(
  change: Sql,
  order: ChangeOrder,
): Promise<Account | "last_admin" | null> {
  const { id, now } = order;
  const rows = await change`SELECT * FROM users WHERE id = ${id}`;
  const account = readFirst(rows, readAccount);
  if (account === null) return null;

  const isAdmin = order.change.isAdmin ?? account.isAdmin;
  const isDisabled = order.change.isDisabled ?? account.isDisabled;
  const newHash = order.change.passwordHash ?? null;

  const isEnabledAdmin = account.isAdmin && !account.isDisabled;
  const staysEnabledAdmin = isAdmin && !isDisabled;
  if (isEnabledAdmin && !staysEnabledAdmin) {
    const others = await change`SELECT 1 FROM users
      WHERE is_admin = 1 AND is_disabled = 0 AND id <> ${id} LIMIT 1`;
    if (!hasRow(others)) return "last_admin";
  }

  if (isDisabled || newHash !== null) {
    await endSessions(change, { userId: id, keptId: null, now });
  }
  const changed = await change`UPDATE users
    SET is_admin = ${Number(isAdmin)}, is_disabled = ${Number(isDisabled)},
      password_hash = coalesce(${newHash}, password_hash)
    WHERE id = ${id} RETURNING *`;
  return readFirst(changed, readAccount);
}

/** Reads the columns of a user: `id`, `email` and `is_admin`. */
export function readUser(row: Row): User {
  // The casts: what is stored here was an id and an address when it was added.
  return {
    id: number(row, "id") as UserId,
    email: text(row, "email") as Email,
    isAdmin: flag(row, "is_admin"),
  };
}

/** Reads all columns of a user. */
export function readAccount(row: Row): Account {
  const { id, email, isAdmin } = readUser(row);
  return {
    id,
    email,
    isAdmin,
    // The cast: what was added was a hash.
    passwordHash: text(row, "password_hash") as PasswordHash,
    isDisabled: flag(row, "is_disabled"),
    createdAt: number(row, "created_at"),
  };
}
