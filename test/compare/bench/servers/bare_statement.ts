/**
 * The limit with a database: the runtime's server runs the statement and
 * answers anybody. It takes turns with as many sessions as the tokens of this
 * run name, without a look at the request.
 */

import process from "node:process";
import { serve } from "./serve.ts";
import { answerOf, database, findUser } from "./statement.ts";

const sessions = database.prepare(
  "SELECT id, user_id FROM sessions ORDER BY user_id LIMIT ?",
)
  .all(Number(process.env["SESSIONS"]))
  .map((row) => ({ id: String(row["id"]), userId: Number(row["user_id"]) }));
let turn = 0;

serve(() => {
  const session = sessions[turn++ % sessions.length];
  const user = session === undefined
    ? undefined
    : findUser(session.id, session.userId);
  return user === undefined
    ? new Response(null, { status: 500 })
    : Response.json(answerOf(user));
});
