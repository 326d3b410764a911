/**
 * Users in a database, SQLite or PostgreSQL.
 * Refused: to take away the last enabled administrator.
 */

import type {
  Account,
  Author,
  NewAccount,
  NotAllowed,
  PasswordHash,
  UserChange,
  UserId,
  UserStore,
} from "../auth/auth.ts";
import { endSessions } from "./end_sessions.ts";
import { findAuthor } from "./authors.ts";
import { flag, hasRow, number, readFirst, text } from "./rows.ts";
import type { Database, Row, Sql } from "./sql.ts";
import { readUser, storable } from "./user_rows.ts";

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

    addUser: (account, author) =>
      sql.begin(async (change) => {
        if (!await mayAdminister(change, author)) return "not_allowed";
        return await addUser(change, account);
      }),

    async replacePasswordHash(account, passwordHash) {
      const rows = await sql`UPDATE users SET password_hash = ${passwordHash}
        WHERE id = ${account.id} AND password_hash = ${account.passwordHash}
        RETURNING 1`;
      return hasRow(rows);
    },

    async findPasswordHash(after) {
      const rows = await sql`SELECT password_hash FROM users
        WHERE password_hash > ${after} ORDER BY password_hash LIMIT 1`;
      return readFirst(rows, readPasswordHash);
    },

    async listUsers({ after, limit }) {
      const rows = await sql`SELECT * FROM users
        WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
      return rows.map(readAccount);
    },

    changeUser: (order) => sql.begin((change) => changeUser(change, order)),
  };
}

/** Says whether an author is an administrator; with null, nobody is asked. */
async function mayAdminister(
  change: Sql,
  author: Author | null,
): Promise<boolean> {
  if (author === null) return true;
  const user = await findAuthor(change, author);
  return user !== null && user.isAdmin;
}

async function addUser(
  change: Sql,
  { email, isAdmin, passwordHash, createdAt }: NewAccount,
): Promise<Account | null> {
  const rows = await change`INSERT INTO users
      (email, is_admin, password_hash, created_at)
    VALUES (${email}, ${Number(isAdmin)}, ${passwordHash}, ${createdAt})
    ON CONFLICT (email) DO NOTHING RETURNING *`;
  return readFirst(rows, readAccount);
}

interface ChangeOrder {
  readonly id: UserId;
  readonly change: UserChange;
  readonly tokensFrom: number;
  readonly author: Author | null;
}

async function changeUser(
  change: Sql,
  order: ChangeOrder,
): Promise<Account | NotAllowed | "last_admin" | null> {
  const { id, tokensFrom } = order;
  if (!await mayAdminister(change, order.author)) return "not_allowed";
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
    await endSessions(change, { userId: id, tokensFrom });
  }
  const changed = await change`UPDATE users
    SET is_admin = ${Number(isAdmin)}, is_disabled = ${Number(isDisabled)},
      password_hash = coalesce(${newHash}, password_hash)
    WHERE id = ${id} RETURNING *`;
  return readFirst(changed, readAccount);
}

/** Reads all columns of a user. */
export function readAccount(row: Row): Account {
  const { id, email, isAdmin } = readUser(row);
  return {
    id,
    email,
    isAdmin,
    passwordHash: readPasswordHash(row),
    isDisabled: flag(row, "is_disabled"),
    createdAt: number(row, "created_at"),
  };
}

function readPasswordHash(row: Row): PasswordHash {
  // The cast: what was added was a hash.
  return text(row, "password_hash") as PasswordHash;
}
