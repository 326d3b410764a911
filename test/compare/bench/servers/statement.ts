/**
 * The statement that onejot runs for every authenticated request, taken out of
 * its source and prepared on the same file, for rivals that are to do the same
 * work.
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

/** A user as the statement gives one. */
export interface UserRow {
  readonly id: number;
  readonly email: string;
  readonly is_admin: number;
}

const sessionSeconds = 30 * 24 * 3600;

const source = readFileSync(
  new URL("../../../../src/storage/accounts.ts", import.meta.url),
  "utf8",
);
const [, template] = /findUserOfSession\([^`]+ sql`([^`]+)`/.exec(source) ?? [];
if (template === undefined) {
  throw new Error("src/storage/accounts.ts has its query in another form");
}

/** The database that the environment names, as onejot opens it. */
export const database: DatabaseSync = new DatabaseSync(
  process.env["DATABASE_URL"]?.slice("sqlite:".length) ?? "",
);

const statement = database.prepare(template.replace(/\$\{\w+\}/g, "?"));

/** The user of a session, or undefined. */
export function findUser(
  sessionId: string,
  userId: number,
): UserRow | undefined {
  const since = Math.floor(Date.now() / 1000) - sessionSeconds;
  // The cast: these are the statement's columns, and the tables are STRICT.
  return statement.get(sessionId, userId, since) as UserRow | undefined;
}

/** What /get-user answers. */
export function answerOf({ id, email, is_admin }: UserRow): { user: string } {
  return {
    user: `User id=${id}: <${email}, is_admin=${
      is_admin === 1 ? "True" : "False"
    }>`,
  };
}
