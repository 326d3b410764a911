/**
 * Users in SQLite.
 */

import type { DatabaseSync } from "node:sqlite";
import type { Account, Email, PasswordHash, User, UserDetails, UserId } from "../auth/auth.ts";
import type { UserStore } from "../auth/auth.ts";
import { inTransaction, readRow, type Row } from "./transaction.ts";

/** Prepares the statements. */
export function userStore(database: DatabaseSync): UserStore {
  const columns = "id, email, is_admin, is_disabled, password_hash, created_at";
  const selectByEmail = database.prepare(`SELECT ${columns} FROM users WHERE email = ?`);
  const selectById = database.prepare(`SELECT ${columns} FROM users WHERE id = ?`);
  const selectPage = database.prepare(
    `SELECT ${columns} FROM users WHERE id > ? ORDER BY id LIMIT ?`,
  );
  const selectOfToken = database.prepare(
    `SELECT id, email, is_admin FROM users
     WHERE id = ? AND is_disabled = 0 AND tokens_from <= ?`,
  );
  const insert = database.prepare(
    `INSERT INTO users (email, is_admin, password_hash, created_at) VALUES (?, ?, ?, unixepoch())
     ON CONFLICT (email) DO NOTHING RETURNING id, email, is_admin`,
  );
  const updateHash = database.prepare(
    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
  );
  const update = database.prepare(
    `UPDATE users SET is_admin = ?, is_disabled = ?, password_hash = ? WHERE id = ?
     RETURNING ${columns}`,
  );
  const refuseTokens = database.prepare("UPDATE users SET tokens_from = ? + 1 WHERE id = ?");
  const deleteSessions = database.prepare("DELETE FROM sessions WHERE user_id = ?");
  const selectAdmin = database.prepare(
    "SELECT 1 FROM users WHERE is_admin = 1 AND is_disabled = 0 AND id <> ? LIMIT 1",
  );
  const selectAny = database.prepare("SELECT 1 FROM users LIMIT 1");

  return {
    findAccountByEmail: (email) => readRow(selectByEmail.get(email), readAccount),
    findAccount: (id) => readRow(selectById.get(id), readAccount),
    findUserOfToken: (id, issuedAt) => readRow(selectOfToken.get(id, issuedAt), readUser),
    addUser: ({ email, isAdmin, passwordHash }) =>
      readRow(insert.get(email, Number(isAdmin), passwordHash), readUser),
    replacePasswordHash: (account, passwordHash) =>
      updateHash.run(passwordHash, account.id, account.passwordHash).changes === 1,
    hasUsers: () => selectAny.get() !== undefined,
    findUserDetails: (id) => readRow(selectById.get(id), readDetails),
    listUsers: (after, limit) => selectPage.all(after, limit).map(readDetails),
    changeUser: (id, change, now) =>
      inTransaction(database, () => {
        const account = readRow(selectById.get(id), readAccount);
        if (account === null) return null;
        const { isAdmin = account.isAdmin, isDisabled = account.isDisabled } = change;
        const passwordHash = change.passwordHash ?? account.passwordHash;
        const wasAdmin = account.isAdmin && !account.isDisabled;
        const losesAdmin = wasAdmin && (!isAdmin || isDisabled);
        if (losesAdmin && selectAdmin.get(id) === undefined) return "last_admin";
        if (isDisabled || change.passwordHash !== undefined) {
          deleteSessions.run(id);
          refuseTokens.run(now, id);
        }
        const values = [Number(isAdmin), Number(isDisabled), passwordHash];
        return readRow(update.get(...values, id), readDetails);
      }),
  };
}

// The casts: the table is STRICT, and only the statements above write to it.
/** Reads the columns of a user. */
export function readUser({ id, email, is_admin }: Row): User {
  return { id: id as UserId, email: email as Email, isAdmin: is_admin === 1 };
}

function readAccount(row: Row): Account {
  const passwordHash = row["password_hash"] as PasswordHash;
  return { ...readUser(row), passwordHash, isDisabled: row["is_disabled"] === 1 };
}

function readDetails(row: Row): UserDetails {
  const isDisabled = row["is_disabled"] === 1;
  return { ...readUser(row), isDisabled, createdAt: Number(row["created_at"]) };
}
