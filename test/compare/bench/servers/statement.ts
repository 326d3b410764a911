/**
 * The statement that onejot runs for every authenticated request, prepared on
 * the same file, for rivals that are to do the same work. onejot's own store is
 * asked for it: it tells a database that writes down what it is asked.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { parseUserId } from "../../../../src/auth/user.ts";
import { sessionStore } from "../../../../src/storage/sessions.ts";

/** A user as the statement gives one. */
export interface UserRow {
  readonly id: number;
  readonly email: string;
  readonly is_admin: number;
}

const sessionSeconds = 30 * 24 * 3600;

/** The database that the environment names, as onejot opens it. */
export const database: DatabaseSync = new DatabaseSync(
  process.env["DATABASE_URL"]?.slice("sqlite:".length) ?? "",
);

const statement = database.prepare(await textOfStatement());

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

async function textOfStatement(): Promise<string> {
  const texts: string[] = [];
  const noting = (text: TemplateStringsArray, ...values: unknown[]) => {
    assert.deepEqual(values, ["id", 1, 2]); // the order of findUser's values
    texts.push(text.join("?"));
    return Promise.resolve([]);
  };
  const begin = () => Promise.reject(new Error("It is one statement."));
  const store = sessionStore(Object.assign(noting, { begin }));
  const userId = parseUserId(1);
  assert.ok(userId !== null);
  await store.findUserOfSession({ id: "id", userId, since: 2 });
  const [text] = texts;
  assert.ok(text !== undefined && texts.length === 1);
  return text;
}
