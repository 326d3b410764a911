/**
 * What ends all sessions of a user: a logout everywhere, a new password, and
 * being disabled. Their rows go, so that they have ended in every process that
 * shares the database.
 */
/**
 * Ends a user's sessions, but for one where that is named, and refuses the
 * tokens without a session that were issued until now.
 */
export async function endSessions(change, { userId, keptId, now }) {
  // No session has the id "".
  await change`DELETE FROM sessions
    WHERE user_id = ${userId} AND id <> ${keptId ?? ""}`;
  await change`UPDATE users SET tokens_from = ${now + 1} WHERE id = ${userId}`;
}
