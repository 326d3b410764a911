/**
 * Users and their sessions in SQLite. What ends a session is that its row is gone, so that it has
 * ended in every process that shares the database.
 */

import type { Account, Email, PasswordHash, Session, SessionStore } from "../auth/auth.ts";
import type { User, UserId, UserStore } from "../auth/auth.ts";
import type { Row, Sql } from "./database.ts";

const mostSessions = 1000; // of one user; the longest unused end first

/** The users and sessions in a database. */
export function accountStore(sql: Sql): UserStore & SessionStore {
  /** Ends all sessions but one, and refuses the tokens without a session that were issued. */
  function endSessions(userId: UserId, now: number, keptId = ""): void {
    sql`DELETE FROM sessions WHERE user_id = ${userId} AND id <> ${keptId}`;
    sql`UPDATE users SET tokens_from = ${now + 1} WHERE id = ${userId}`;
  }

  return {
    findAccountByEmail: (email) =>
      sql`SELECT * FROM users WHERE email = ${email}`.map(readAccount)[0] ?? null,
    findAccount: (id) => sql`SELECT * FROM users WHERE id = ${id}`.map(readAccount)[0] ?? null,
    findUserOfToken: async (id, issuedAt) => {
      const rows = await sql.soon`SELECT * FROM users
          WHERE id = ${id} AND is_disabled = 0 AND tokens_from <= ${issuedAt}`;
      return rows.map(readUser)[0] ?? null;
    },
    addUser: ({ email, isAdmin, passwordHash }) =>
      sql`INSERT INTO users (email, is_admin, password_hash, created_at)
          VALUES (${email}, ${Number(isAdmin)}, ${passwordHash}, ${Math.floor(Date.now() / 1000)})
          ON CONFLICT (email) DO NOTHING RETURNING *`.map(readAccount)[0] ?? null,
    replacePasswordHash: ({ id, passwordHash: old }, passwordHash) =>
      sql`UPDATE users SET password_hash = ${passwordHash}
          WHERE id = ${id} AND password_hash = ${old} RETURNING 1`.length === 1,
    listUsers: (after, limit) =>
      sql`SELECT * FROM users WHERE id > ${after} ORDER BY id LIMIT ${limit}`.map(readAccount),
    changeUser: (id, { passwordHash = null, ...change }, now) =>
      sql.transaction(() => {
        const [user] = sql`SELECT * FROM users WHERE id = ${id}`.map(readAccount);
        if (user === undefined) return null;
        const { isAdmin = user.isAdmin, isDisabled = user.isDisabled } = change;
        if (user.isAdmin && !user.isDisabled && (!isAdmin || isDisabled)) {
          const others = sql`SELECT 1 FROM users
            WHERE is_admin = 1 AND is_disabled = 0 AND id <> ${id} LIMIT 1`;
          if (others.length === 0) return "last_admin";
        }
        if (isDisabled || passwordHash !== null) endSessions(id, now);
        return sql`UPDATE users
          SET is_admin = ${Number(isAdmin)}, is_disabled = ${Number(isDisabled)},
            password_hash = coalesce(${passwordHash}, password_hash)
          WHERE id = ${id} RETURNING *`.map(readAccount)[0] ?? null;
      }),

    addSession: ({ id, refreshKey, refreshHash, cookieHash, createdAt, address, agent }, account) =>
      sql.transaction(() => {
        sql`DELETE FROM sessions WHERE id IN
              (SELECT id FROM sessions WHERE user_id = ${account.id} ORDER BY refreshed_at DESC
               LIMIT ${mostSessions} OFFSET ${mostSessions - 1})`; // one more follows
        return sql`INSERT INTO sessions
              (id, user_id, refresh_key, refresh_hash, cookie_hash, created_at, refreshed_at,
               address, agent)
            SELECT ${id}, id, ${refreshKey}, ${refreshHash}, ${cookieHash}, ${createdAt},
              ${createdAt}, ${address}, ${agent} FROM users
            WHERE id = ${account.id} AND is_disabled = 0 AND password_hash = ${account.passwordHash}
            RETURNING 1`.length === 1;
      }),
    findUserOfSession: async (id, userId, since) => {
      const rows = await sql.soon`SELECT users.id, email, is_admin
          FROM sessions JOIN users ON users.id = user_id
          WHERE sessions.id = ${id} AND user_id = ${userId} AND refreshed_at >= ${since}
            AND is_disabled = 0`;
      return rows.map(readUser)[0] ?? null;
    },
    findUserOfCookie: async (cookieHash, since) => {
      const rows = await sql.soon`SELECT users.id, email, is_admin, sessions.id AS session
          FROM sessions JOIN users ON users.id = user_id
          WHERE cookie_hash = ${cookieHash} AND refreshed_at >= ${since} AND is_disabled = 0`;
      return rows.map((row) => ({ user: readUser(row), sessionId: String(row["session"]) }))[0] ??
        null;
    },
    findSession: (id, since) =>
      sql`SELECT sessions.* FROM sessions JOIN users ON users.id = user_id AND is_disabled = 0
          WHERE sessions.id = ${id} AND refreshed_at >= ${since}`.map(readSession)[0] ?? null,
    listSessions: (userId, since) =>
      sql`SELECT * FROM sessions WHERE user_id = ${userId} AND refreshed_at >= ${since}
          ORDER BY refreshed_at DESC, id`.map(readSession),
    rotateRefreshToken: (id, { spentHash, refreshHash, refreshedAt }) =>
      sql`UPDATE sessions
          SET spent_hash = refresh_hash, refresh_hash = ${refreshHash}, refreshed_at = ${refreshedAt}
          WHERE id = ${id} AND refresh_hash = ${spentHash} RETURNING 1`.length === 1,
    endSession: (id, userId) =>
      sql`DELETE FROM sessions WHERE id = ${id} AND user_id = ${userId} RETURNING 1`.length === 1,
    endAllSessions: (userId, now) => sql.transaction(() => endSessions(userId, now)),
    changePassword: (account, passwordHash, { sessionId, now }) =>
      sql.transaction(() => {
        const isChanged = sql`UPDATE users SET password_hash = ${passwordHash}
          WHERE id = ${account.id} AND password_hash = ${account.passwordHash} AND is_disabled = 0
          RETURNING 1`.length === 1;
        if (isChanged) endSessions(account.id, now, sessionId ?? "");
        return isChanged;
      }),
    sweepSessions: (before, limit) =>
      sql`DELETE FROM sessions WHERE id IN
            (SELECT id FROM sessions WHERE refreshed_at < ${before}
             ORDER BY refreshed_at LIMIT ${limit}) RETURNING 1`.length,
    countSessions: (since) =>
      sql`SELECT count(*) AS count FROM sessions WHERE refreshed_at >= ${since}`
        .map(({ count }) => Number(count))[0] ?? 0,
  };
}

// The casts: the tables are STRICT, and only the statements above write to them.
function readUser({ id, email, is_admin }: Row): User {
  return { id: id as UserId, email: email as Email, isAdmin: is_admin === 1 };
}

function readAccount(row: Row): Account {
  const passwordHash = row["password_hash"] as PasswordHash;
  const isDisabled = row["is_disabled"] === 1;
  return { ...readUser(row), passwordHash, isDisabled, createdAt: Number(row["created_at"]) };
}

function readSession({ id, address, agent, ...row }: Row): Session {
  const { user_id: userId, created_at: createdAt, refreshed_at: refreshedAt } = row;
  const { refresh_key: refreshKey, refresh_hash: refreshHash, spent_hash: spentHash } = row;
  const keys = { refreshKey, refreshHash, spentHash, cookieHash: row["cookie_hash"] };
  return { id, userId, ...keys, createdAt, refreshedAt, address, agent } as Session;
}
