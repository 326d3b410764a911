/**
 * What ends a user's sessions: a logout everywhere, being disabled, and a new
 * password, which may keep the session that it was changed by. Their rows go,
 * so that they have ended in every process that shares the database.
 */

import type { UserId } from "../auth/auth.ts";
import type { Sql } from "./sql.ts";

/**
 * Ends a user's sessions, but for one where that is named, and refuses the
 * tokens without a session that were issued until now.
 */
export async function endSessions(change: Sql, { userId, keptId, now }: {
  readonly userId: UserId;
  readonly keptId: string | null;
  readonly now: number;
}): Promise<void> {
  // No session has the id "".
  await change`DELETE FROM sessions
    WHERE user_id = ${userId} AND id <> ${keptId ?? ""}`;
  await change`UPDATE users SET tokens_from = ${now + 1} WHERE id = ${userId}`;
}
