/**
 * Sessions in a database, SQLite or PostgreSQL. A session has ended when its
 * row is gone, when it was last refreshed too long ago, or when its user is
 * disabled: each is seen at once by every process that shares the database.
 */

import type {
  BrowserSession,
  Session,
  SessionStore,
  UserId,
} from "../auth/auth.ts";
import { endSessions } from "./end_sessions.ts";
import { hasRow, number, readFirst, text, textOrNull } from "./rows.ts";
import type { Database, Row } from "./sql.ts";
import { readUser } from "./users.ts";

/** How many one user may have; of more, the longest unused end first. */
const mostSessions = 1000;

/** The sessions in a database. */
export function sessionStore(sql: Database): SessionStore {
  return {
    addSession: (session, account) =>
      sql.begin(async (change) => {
        // One less than there may be, because one more follows.
        await change`DELETE FROM sessions WHERE id IN
          (SELECT id FROM sessions WHERE user_id = ${account.id}
           ORDER BY refreshed_at DESC
           LIMIT ${mostSessions} OFFSET ${mostSessions - 1})`;
        const rows = await change`INSERT INTO sessions
            (id, user_id, refresh_key, refresh_hash, cookie_hash,
             created_at, refreshed_at, address, agent)
          SELECT ${session.id}, id, ${session.refreshKey},
            ${session.refreshHash}, ${session.cookieHash},
            ${session.createdAt}, ${session.createdAt},
            ${session.address}, ${session.agent}
          FROM users
          WHERE id = ${account.id} AND is_disabled = 0
            AND password_hash = ${account.passwordHash}
          RETURNING 1`;
        return hasRow(rows);
      }),

    async findUserOfSession({ id, userId, since }) {
      const rows = await sql`SELECT users.id, email, is_admin
        FROM sessions JOIN users ON users.id = user_id
        WHERE sessions.id = ${id} AND user_id = ${userId}
          AND refreshed_at >= ${since} AND is_disabled = 0`;
      return readFirst(rows, readUser);
    },

    async findUserOfCookie({ cookieHash, since }) {
      const rows = await sql`SELECT users.id, email, is_admin,
          sessions.id AS session_id
        FROM sessions JOIN users ON users.id = user_id
        WHERE cookie_hash = ${cookieHash} AND refreshed_at >= ${since}
          AND is_disabled = 0`;
      return readFirst(rows, readBrowserSession);
    },

    async findSession({ id, since }) {
      const rows = await sql`SELECT sessions.*
        FROM sessions JOIN users ON users.id = user_id AND is_disabled = 0
        WHERE sessions.id = ${id} AND refreshed_at >= ${since}`;
      return readFirst(rows, readSession);
    },

    async listSessions({ userId, since }) {
      const rows = await sql`SELECT * FROM sessions
        WHERE user_id = ${userId} AND refreshed_at >= ${since}
        ORDER BY refreshed_at DESC, id`;
      return rows.map(readSession);
    },

    async rotateRefreshToken(id, { spentHash, refreshHash, refreshedAt }) {
      const rows = await sql`UPDATE sessions
        SET spent_hash = refresh_hash, refresh_hash = ${refreshHash},
          refreshed_at = ${refreshedAt}
        WHERE id = ${id} AND refresh_hash = ${spentHash} RETURNING 1`;
      return hasRow(rows);
    },

    async endSession({ id, userId }) {
      const rows = await sql`DELETE FROM sessions
        WHERE id = ${id} AND user_id = ${userId} RETURNING 1`;
      return hasRow(rows);
    },

    endAllSessions: ({ userId, now }) =>
      sql.begin((change) => endSessions(change, { userId, keptId: null, now })),

    changePassword: (account, { passwordHash, keptSessionId, now }) =>
      sql.begin(async (change) => {
        const rows = await change`UPDATE users
          SET password_hash = ${passwordHash}
          WHERE id = ${account.id} AND is_disabled = 0
            AND password_hash = ${account.passwordHash}
          RETURNING 1`;
        if (!hasRow(rows)) return false;
        const kept = { userId: account.id, keptId: keptSessionId, now };
        await endSessions(change, kept);
        return true;
      }),

    sweepSessions: ({ before, limit }) =>
      // As a change, so that one process sweeps at a time.
      sql.begin(async (change) => {
        const rows = await change`DELETE FROM sessions WHERE id IN
          (SELECT id FROM sessions WHERE refreshed_at < ${before}
           ORDER BY refreshed_at LIMIT ${limit})
          RETURNING 1`;
        return rows.length;
      }),

    async countSessions(since) {
      const rows = await sql`SELECT count(*) AS count FROM sessions
        WHERE refreshed_at >= ${since}`;
      return readFirst(rows, (row) => number(row, "count")) ?? 0;
    },
  };
}

function readBrowserSession(row: Row): BrowserSession {
  return { user: readUser(row), sessionId: text(row, "session_id") };
}

function readSession(row: Row): Session {
  return {
    id: text(row, "id"),
    // The cast: the column refers to a user's id.
    userId: number(row, "user_id") as UserId,
    refreshKey: text(row, "refresh_key"),
    refreshHash: text(row, "refresh_hash"),
    spentHash: textOrNull(row, "spent_hash"),
    cookieHash: textOrNull(row, "cookie_hash"),
    createdAt: number(row, "created_at"),
    refreshedAt: number(row, "refreshed_at"),
    address: textOrNull(row, "address"),
    agent: textOrNull(row, "agent"),
  };
}
