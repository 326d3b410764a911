/**
 * Users and their sessions in a database, SQLite or PostgreSQL. What ends a session is that its row is
 * gone, so that it has ended in every process that shares the database.
 */

import type {
  Account,
  Email,
  PasswordHash,
  Session,
  SessionStore,
} from "../auth/auth.ts";
import type { User, UserChange, UserId, UserStore } from "../auth/auth.ts";
import type { Row, Sql, Statement } from "./sql.ts";

const mostSessions = 1000; // of one user; the longest unused end first

/** The users and sessions in a database. */
export function accountStore(sql: Sql): UserStore & SessionStore {
  return {
    async findAccountByEmail(email) {
      const [row] = await sql`SELECT * FROM users WHERE email = ${email}`;
      return row === undefined ? null : readAccount(row);
    },
    async findAccount(id) {
      const [row] = await sql`SELECT * FROM users WHERE id = ${id}`;
      return row === undefined ? null : readAccount(row);
    },
    async findUserOfToken({ userId, issuedAt }) {
      const second = Math.floor(
        Math.max(-1, Math.min(issuedAt, Number.MAX_SAFE_INTEGER)),
      );
      const [row] = await sql`SELECT * FROM users
        WHERE id = ${userId} AND is_disabled = 0 AND tokens_from <= ${second}`;
      return row === undefined ? null : readUser(row);
    },
    async addUser({ email, isAdmin, passwordHash, createdAt }) {
      const [row] =
        await sql`INSERT INTO users (email, is_admin, password_hash, created_at)
        VALUES (${email}, ${Number(isAdmin)}, ${passwordHash}, ${createdAt})
        ON CONFLICT (email) DO NOTHING RETURNING *`;
      return row === undefined ? null : readAccount(row);
    },
    async replacePasswordHash({ id, passwordHash: old }, passwordHash) {
      return (await sql`UPDATE users SET password_hash = ${passwordHash}
        WHERE id = ${id} AND password_hash = ${old} RETURNING 1`).length === 1;
    },
    async listUsers({ after, limit }) {
      const rows =
        await sql`SELECT * FROM users WHERE id > ${after} ORDER BY id LIMIT ${limit}`;
      return rows.map(readAccount);
    },
    changeUser: (order) => sql.begin((sql) => changeUser(sql, order)),

    addSession: (session, account) =>
      sql.begin(async (sql) => {
        const {
          id,
          refreshKey,
          refreshHash,
          cookieHash,
          createdAt,
          address,
          agent,
        } = session;
        await sql`DELETE FROM sessions WHERE id IN
          (SELECT id FROM sessions WHERE user_id = ${account.id} ORDER BY refreshed_at DESC
           LIMIT ${mostSessions} OFFSET ${mostSessions - 1})`; // one more follows
        return (await sql`INSERT INTO sessions
            (id, user_id, refresh_key, refresh_hash, cookie_hash, created_at, refreshed_at,
             address, agent)
          SELECT ${id}, id, ${refreshKey}, ${refreshHash}, ${cookieHash}, ${createdAt},
            ${createdAt}, ${address}, ${agent} FROM users
          WHERE id = ${account.id} AND is_disabled = 0 AND password_hash = ${account.passwordHash}
          RETURNING 1`).length === 1;
      }),
    async findUserOfSession({ id, userId, since }) {
      const [row] = await sql`SELECT users.id, email, is_admin
        FROM sessions JOIN users ON users.id = user_id
        WHERE sessions.id = ${id} AND user_id = ${userId} AND refreshed_at >= ${since}
          AND is_disabled = 0`;
      return row === undefined ? null : readUser(row);
    },
    async findUserOfCookie({ cookieHash, since }) {
      const [row] =
        await sql`SELECT users.id, email, is_admin, sessions.id AS session
        FROM sessions JOIN users ON users.id = user_id
        WHERE cookie_hash = ${cookieHash} AND refreshed_at >= ${since} AND is_disabled = 0`;
      return row === undefined
        ? null
        : { user: readUser(row), sessionId: String(row["session"]) };
    },
    async findSession({ id, since }) {
      const [row] = await sql`SELECT sessions.*
        FROM sessions JOIN users ON users.id = user_id AND is_disabled = 0
        WHERE sessions.id = ${id} AND refreshed_at >= ${since}`;
      return row === undefined ? null : readSession(row);
    },
    async listSessions({ userId, since }) {
      const rows = await sql`SELECT * FROM sessions
        WHERE user_id = ${userId} AND refreshed_at >= ${since} ORDER BY refreshed_at DESC, id`;
      return rows.map(readSession);
    },
    async rotateRefreshToken(id, { spentHash, refreshHash, refreshedAt }) {
      return (await sql`UPDATE sessions
        SET spent_hash = refresh_hash, refresh_hash = ${refreshHash}, refreshed_at = ${refreshedAt}
        WHERE id = ${id} AND refresh_hash = ${spentHash} RETURNING 1`)
        .length === 1;
    },
    async endSession({ id, userId }) {
      return (await sql`DELETE FROM sessions
        WHERE id = ${id} AND user_id = ${userId} RETURNING 1`).length === 1;
    },
    endAllSessions: ({ userId, now }) =>
      sql.begin((sql) => endSessions(sql, userId, now)),
    changePassword: (account, { passwordHash, keptSessionId, now }) =>
      sql.begin(async (sql) => {
        const rows = await sql`UPDATE users SET password_hash = ${passwordHash}
          WHERE id = ${account.id} AND password_hash = ${account.passwordHash} AND is_disabled = 0
          RETURNING 1`;
        const isChanged = rows.length === 1;
        if (isChanged) {
          await endSessions(sql, account.id, now, keptSessionId ?? "");
        }
        return isChanged;
      }),
    sweepSessions: ({ before, limit }) =>
      sql.begin(async (sql) => { // as a change, so that one process sweeps at a time
        return (await sql`DELETE FROM sessions WHERE id IN
          (SELECT id FROM sessions WHERE refreshed_at < ${before}
           ORDER BY refreshed_at LIMIT ${limit}) RETURNING 1`).length;
      }),
    async countSessions(since) {
      const [row] = await sql`SELECT count(*) AS count FROM sessions
        WHERE refreshed_at >= ${since}`;
      return Number(row?.["count"]);
    },
  };
}

async function changeUser(
  sql: Statement,
  { id, change, now }: {
    readonly id: UserId;
    readonly change: UserChange;
    readonly now: number;
  },
): Promise<Account | "last_admin" | null> {
  const [found] = await sql`SELECT * FROM users WHERE id = ${id}`;
  if (found === undefined) return null;
  const user = readAccount(found);
  const {
    isAdmin = user.isAdmin,
    isDisabled = user.isDisabled,
    passwordHash = null,
  } = change;
  if (user.isAdmin && !user.isDisabled && (!isAdmin || isDisabled)) {
    const others = await sql`SELECT 1 FROM users
      WHERE is_admin = 1 AND is_disabled = 0 AND id <> ${id} LIMIT 1`;
    if (others.length === 0) return "last_admin";
  }
  if (isDisabled || passwordHash !== null) await endSessions(sql, id, now);
  const [row] = await sql`UPDATE users
    SET is_admin = ${Number(isAdmin)}, is_disabled = ${Number(isDisabled)},
      password_hash = coalesce(${passwordHash}, password_hash)
    WHERE id = ${id} RETURNING *`;
  return row === undefined ? null : readAccount(row);
}

/** Ends all sessions but one, and refuses the tokens without a session that were issued. */
async function endSessions(
  sql: Statement,
  userId: UserId,
  now: number,
  keptId = "",
) {
  await sql`DELETE FROM sessions WHERE user_id = ${userId} AND id <> ${keptId}`;
  await sql`UPDATE users SET tokens_from = ${now + 1} WHERE id = ${userId}`;
}

// The casts: the columns have types, and only the statements above write to them.
function readUser({ id, email, is_admin }: Row): User {
  return {
    id: Number(id) as UserId,
    email: email as Email,
    isAdmin: is_admin === 1,
  };
}

function readAccount(row: Row): Account {
  const passwordHash = row["password_hash"] as PasswordHash;
  const isDisabled = row["is_disabled"] === 1;
  return {
    ...readUser(row),
    passwordHash,
    isDisabled,
    createdAt: Number(row["created_at"]),
  };
}

function readSession({ id, address, agent, ...row }: Row): Session {
  const [userId, createdAt, refreshedAt] = [
    row["user_id"],
    row["created_at"],
    row["refreshed_at"],
  ]
    .map(Number);
  const {
    refresh_key: refreshKey,
    refresh_hash: refreshHash,
    spent_hash: spentHash,
  } = row;
  const keys = {
    refreshKey,
    refreshHash,
    spentHash,
    cookieHash: row["cookie_hash"],
  };
  return {
    id,
    userId,
    ...keys,
    createdAt,
    refreshedAt,
    address,
    agent,
  } as Session;
}
