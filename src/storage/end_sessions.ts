/**
 * What ends a user's sessions: a logout everywhere, being disabled, and a new
 * password. Their rows go, so that they have ended in every process that shares
 * the database.
 */

import type { UserId } from "../auth/auth.ts";
import type { Sql } from "./sql.ts";

/**
 * Ends a user's sessions, and refuses the tokens without a session that were
 * issued before a time.
 */
export async function endSessions(change: Sql, { userId, tokensFrom }: {
  readonly userId: UserId;
  readonly tokensFrom: number;
}): Promise<void> {
  await change`DELETE FROM sessions WHERE user_id = ${userId}`;
  await change`UPDATE users SET tokens_from = ${tokensFrom}
    WHERE id = ${userId}`;
}
