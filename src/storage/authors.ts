/**
 * The authors of changes: whether they still may make them.
 *
 * It is looked at in the transaction of the change, so that nothing comes
 * between the two. In SQLite that rests on BEGIN IMMEDIATE: nobody else writes
 * until the end of the transaction. In PostgreSQL it rests on the lock that
 * every change takes first (postgres.ts): whoever makes that lock finer must
 * lock the author's row here.
 */

import type { Author, User } from "../auth/auth.ts";
import { readFirst } from "./rows.ts";
import type { Sql } from "./sql.ts";
import { readUser, storable } from "./user_rows.ts";

/**
 * The user who makes a change; null where their session has ended, they are
 * disabled, or their token without a session is refused by now.
 */
export async function findAuthor(
  change: Sql,
  { userId, sessionId, issuedAt, since }: Author,
): Promise<User | null> {
  const rows = sessionId === null
    ? await change`SELECT id, email, is_admin FROM users
        WHERE id = ${userId} AND is_disabled = 0
          AND tokens_from <= ${storable(issuedAt)}`
    : await change`SELECT users.id, email, is_admin
        FROM sessions JOIN users ON users.id = user_id
        WHERE sessions.id = ${sessionId} AND user_id = ${userId}
          AND refreshed_at >= ${since} AND is_disabled = 0`;
  return readFirst(rows, readUser);
}
