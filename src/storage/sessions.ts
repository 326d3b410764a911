/**
 * Sessions in SQLite. What ends one is a row that is gone, so that it has ended in every process that
 * shares the database.
 */

import type { DatabaseSync } from "node:sqlite";
import type { Session, SessionStore } from "../auth/auth.ts";
import { inTransaction, readRow, type Row } from "./transaction.ts";
import { readUser } from "./users.ts";

const mostSessions = 1000; // of one user; the longest unused end first

/** Prepares the statements. */
export function sessionStore(database: DatabaseSync): SessionStore {
  const insert = database.prepare(
    `INSERT INTO sessions (id, user_id, refresh_key, refresh_hash, created_at, refreshed_at, address,
       agent)
     SELECT ?, id, ?, ?, ?, ?, ?, ? FROM users
     WHERE id = ? AND is_disabled = 0 AND password_hash = ?`,
  );
  const deleteBeyond = database.prepare(
    `DELETE FROM sessions WHERE id IN
       (SELECT id FROM sessions WHERE user_id = ? ORDER BY id = ? DESC, refreshed_at DESC
        LIMIT -1 OFFSET ?)`, // the new one first: others may be of the same second
  );
  const selectUser = database.prepare(
    `SELECT users.id, email, is_admin FROM sessions JOIN users ON users.id = user_id
     WHERE sessions.id = ? AND user_id = ? AND refreshed_at >= ? AND is_disabled = 0`,
  );
  const columns = `sessions.id, user_id AS userId, refresh_key AS refreshKey, address, agent,
    refresh_hash AS refreshHash, spent_hash AS spentHash, sessions.created_at AS createdAt,
    refreshed_at AS refreshedAt`; // as the members of a Session
  const select = database.prepare(
    `SELECT ${columns} FROM sessions JOIN users ON users.id = user_id
     WHERE sessions.id = ? AND refreshed_at >= ? AND is_disabled = 0`,
  );
  const selectOfUser = database.prepare(
    `SELECT ${columns} FROM sessions WHERE user_id = ? AND refreshed_at >= ?
     ORDER BY refreshed_at DESC, id`,
  );
  const rotate = database.prepare(
    `UPDATE sessions SET spent_hash = refresh_hash, refresh_hash = ?, refreshed_at = ?
     WHERE id = ? AND refresh_hash = ?`,
  );
  const deleteOne = database.prepare("DELETE FROM sessions WHERE id = ? AND user_id = ?");
  const deleteOthers = database.prepare("DELETE FROM sessions WHERE user_id = ? AND id <> ?");
  const refuseTokens = database.prepare("UPDATE users SET tokens_from = ? + 1 WHERE id = ?");
  const updateHash = database.prepare(
    `UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND is_disabled = 0`,
  );
  const deleteOld = database.prepare(
    `DELETE FROM sessions WHERE id IN
       (SELECT id FROM sessions WHERE refreshed_at < ? ORDER BY refreshed_at LIMIT ?)`,
  );

  return {
    addSession: ({ id, refreshKey, refreshHash, createdAt, address, agent }, account) =>
      inTransaction(database, () => {
        const values = [id, refreshKey, refreshHash, createdAt, createdAt, address, agent];
        const { changes } = insert.run(...values, account.id, account.passwordHash);
        deleteBeyond.run(account.id, id, mostSessions);
        return changes === 1;
      }),
    findUserOfSession: (id, userId, since) => readRow(selectUser.get(id, userId, since), readUser),
    findSession: (id, since) => readRow(select.get(id, since), readSession),
    listSessions: (userId, since) => selectOfUser.all(userId, since).map(readSession),
    rotateRefreshToken: (id, { spentHash, refreshHash, now }) =>
      rotate.run(refreshHash, now, id, spentHash).changes === 1,
    endSession: (id, userId) => deleteOne.run(id, userId).changes === 1,
    endAllSessions: (userId, now) =>
      inTransaction(database, () => {
        deleteOthers.run(userId, "");
        refuseTokens.run(now, userId);
      }),
    changePassword: (account, passwordHash, { sessionId, now }) =>
      inTransaction(database, () => {
        const { changes } = updateHash.run(passwordHash, account.id, account.passwordHash);
        if (changes !== 1) return false;
        deleteOthers.run(account.id, sessionId ?? "");
        refuseTokens.run(now, account.id);
        return true;
      }),
    sweepSessions: (before, limit) => Number(deleteOld.run(before, limit).changes),
  };
}

/** Sound: the table is STRICT, only the statements above write to it, and they name the members. */
function readSession(row: Row): Session {
  return { ...row } as unknown as Session;
}
