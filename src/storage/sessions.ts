/**
 * Sessions in a database, SQLite or PostgreSQL. A session has ended when its
 * row is gone, when it was last refreshed too long ago, or when its user is
 * disabled: each is seen at once by every process that shares the database.
 */

import type {
  Account,
  BrowserSession,
  Session,
  SessionStore,
  UserId,
} from "../auth/auth.ts";
import { findAuthor } from "./authors.ts";
import { endSessions } from "./end_sessions.ts";
import { hasRow, number, readFirst, text, textOrNull } from "./rows.ts";
import type { Database, Row, Sql } from "./sql.ts";
import { readUser } from "./user_rows.ts";

/** How many one user may have; of more, the longest unused end first. */
const mostSessions = 1000;

/** The sessions in a database. */
export function sessionStore(sql: Database): SessionStore {
  return {
    addSession: ({ session, account, replacedCookieHash }) =>
      sql.begin(async (change) => {
        await endSurplus(change, account.id);
        const isAdded = await insertSession(change, session, account);
        // No cookie has a hash that is null.
        if (isAdded) {
          await change`DELETE FROM sessions
            WHERE cookie_hash = ${replacedCookieHash}`;
        }
        return isAdded;
      }),

    async findUserOfSession({ id, userId, since }) {
      const rows = await sql`SELECT users.id, email, is_admin
        FROM sessions JOIN users ON users.id = user_id
        WHERE sessions.id = ${id} AND user_id = ${userId}
          AND refreshed_at >= ${since} AND is_disabled = 0`;
      return readFirst(rows, readUser);
    },

    async findUserOfCookie({ cookieHash, host, since }) {
      const rows = await sql`SELECT users.id, email, is_admin,
          sessions.id AS session_id
        FROM sessions JOIN users ON users.id = user_id
        WHERE cookie_hash = ${cookieHash} AND host = ${host}
          AND refreshed_at >= ${since} AND is_disabled = 0`;
      return readFirst(rows, readBrowserSession);
    },

    async findSession({ id, since }) {
      const rows = await sql`SELECT sessions.*
        FROM sessions JOIN users ON users.id = user_id AND is_disabled = 0
        WHERE sessions.id = ${id} AND refreshed_at >= ${since}`;
      return readFirst(rows, readSession);
    },

    async listSessions({ userId, since, after, limit }) {
      // Behind nothing: before all that there are.
      const { refreshedAt, id } = after ?? beforeAll;
      const rows = await sql`SELECT * FROM sessions
        WHERE user_id = ${userId} AND refreshed_at >= ${since}
          AND (refreshed_at, id) < (${refreshedAt}, ${id})
        ORDER BY refreshed_at DESC, id DESC LIMIT ${limit}`;
      return rows.map(readSession);
    },

    async rotateRefreshToken(id, rotation) {
      const { usedHash, refreshHash, refreshedAt, address, agent } = rotation;
      const rows = await sql`UPDATE sessions
        SET spent_hash = ${usedHash}, refresh_hash = ${refreshHash},
          fork_hash = NULL, refreshed_at = ${refreshedAt},
          last_address = ${address}, last_agent = ${agent}
        WHERE id = ${id}
          AND (refresh_hash = ${usedHash} OR fork_hash = ${usedHash})
        RETURNING 1`;
      return hasRow(rows);
    },

    async forkRefreshToken(id, { spentHash, forkHash, since }) {
      const rows = await sql`UPDATE sessions SET fork_hash = ${forkHash}
        WHERE id = ${id} AND spent_hash = ${spentHash}
          AND refreshed_at >= ${since}
        RETURNING 1`;
      return hasRow(rows);
    },

    async endSession({ id, userId }) {
      const rows = await sql`DELETE FROM sessions
        WHERE id = ${id} AND user_id = ${userId} RETURNING 1`;
      return hasRow(rows);
    },

    endOwnSession: (id, author) =>
      sql.begin(async (change) => {
        if (await findAuthor(change, author) === null) return "not_allowed";
        const rows = await change`DELETE FROM sessions
          WHERE id = ${id} AND user_id = ${author.userId} RETURNING 1`;
        return hasRow(rows);
      }),

    endAllSessions: ({ author, tokensFrom }) =>
      sql.begin(async (change) => {
        if (await findAuthor(change, author) === null) return "not_allowed";
        await endSessions(change, { userId: author.userId, tokensFrom });
        return true;
      }),

    changePassword: (order) =>
      sql.begin(async (change) => {
        const { account, passwordHash, session, tokensFrom, author } = order;
        if (await findAuthor(change, author) === null) return "not_allowed";
        const rows = await change`UPDATE users
          SET password_hash = ${passwordHash}
          WHERE id = ${account.id} AND password_hash = ${account.passwordHash}
          RETURNING 1`;
        if (!hasRow(rows)) return false;
        await endSessions(change, { userId: account.id, tokensFrom });
        const { id } = account;
        return await insertSession(change, session, { id, passwordHash });
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

/** A place before all sessions, of which the last refreshed is the first. */
const beforeAll = { refreshedAt: Number.MAX_SAFE_INTEGER, id: "" };

/** Ends the longest unused sessions of a user who would have too many. */
async function endSurplus(change: Sql, userId: UserId): Promise<void> {
  // One less than there may be, because one more follows.
  await change`DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE user_id = ${userId}
     ORDER BY refreshed_at DESC
     LIMIT ${mostSessions} OFFSET ${mostSessions - 1})`;
}

/**
 * Stores a session of a user who is not disabled and has that password; false
 * where there is none.
 */
async function insertSession(
  change: Sql,
  session: Session,
  owner: Pick<Account, "id" | "passwordHash">,
): Promise<boolean> {
  const rows = await change`INSERT INTO sessions
      (id, user_id, refresh_key, refresh_hash, cookie_hash, host,
       created_at, refreshed_at, address, agent, last_address, last_agent)
    SELECT ${session.id}, id, ${session.refreshKey},
      ${session.refreshHash}, ${session.cookieHash}, ${session.host},
      ${session.createdAt}, ${session.createdAt},
      ${session.address}, ${session.agent},
      ${session.lastAddress}, ${session.lastAgent}
    FROM users
    WHERE id = ${owner.id} AND is_disabled = 0
      AND password_hash = ${owner.passwordHash}
    RETURNING 1`;
  return hasRow(rows);
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
    forkHash: textOrNull(row, "fork_hash"),
    spentHash: textOrNull(row, "spent_hash"),
    cookieHash: textOrNull(row, "cookie_hash"),
    host: textOrNull(row, "host"),
    createdAt: number(row, "created_at"),
    refreshedAt: number(row, "refreshed_at"),
    address: textOrNull(row, "address"),
    agent: textOrNull(row, "agent"),
    lastAddress: textOrNull(row, "last_address"),
    lastAgent: textOrNull(row, "last_agent"),
  };
}
