/**
 * A database with users and their sessions, one each, and a token for every
 * session, for the servers that are measured. The ids have all five digits, so
 * that all answers have the same length.
 */

import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { encodeBase64url, importKey, sign } from "../../../src/jwt/jwt.ts";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import { testSecret } from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

/** Accounts in a folder of their own. */
export interface Accounts {
  readonly folder: string;
  /** What a server is given to know them. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * The tokens; the first is of the user with the id `firstUserId`, and so on.
   */
  readonly tokens: readonly string[];
  /** A file with the first token, and one with all of them. */
  readonly files: { readonly same: string; readonly distinct: string };
}

export const firstUserId = 10_000;

/**
 * Makes so many accounts, hands them to a function, and removes them
 * afterwards.
 */
export async function withManyAccounts(
  count: number,
  use: (accounts: Accounts) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "accounts.sqlite");
    const tokens = await makeTokens(addAccounts(path, count));
    const files = {
      same: join(folder, "same"),
      distinct: join(folder, "distinct"),
    };
    writeFileSync(files.same, `${tokens[0]}\n`);
    writeFileSync(files.distinct, `${tokens.join("\n")}\n`);
    const variables = {
      NODE_ENV: "production",
      JWT_SECRET: testSecret,
      DATABASE_URL: `sqlite:${path}`,
    };
    await use({ folder, variables, tokens, files });
  });
}

/**
 * Stores them past the server, which would hash 10,000 passwords; returns the
 * ids of the sessions.
 */
function addAccounts(path: string, count: number): string[] {
  openSqlite(path).close(); // makes the tables
  const ids = Array.from({ length: count }, () => randomText(16));
  const database = new DatabaseSync(path);
  try {
    const addUser = database.prepare(
      "INSERT INTO users (id, email, is_admin, password_hash, created_at) VALUES (?, ?, 0, '', ?)",
    );
    const addSession = database.prepare(
      `INSERT INTO sessions
         (id, user_id, refresh_key, refresh_hash, created_at, refreshed_at, address, agent)
       VALUES (?, ?, ?, ?, ?, ?, '127.0.0.1', 'bench')`,
    );
    const now = Math.floor(Date.now() / 1000);
    database.exec("BEGIN");
    for (const [index, id] of ids.entries()) {
      const userId = firstUserId + index;
      addUser.run(userId, `user${userId}@example.org`, now);
      addSession.run(id, userId, randomText(32), randomText(32), now, now);
    }
    database.exec("COMMIT");
  } finally {
    database.close();
  }
  return ids;
}

/** Tokens as a login gives them, except that they live for a day. */
async function makeTokens(sessionIds: readonly string[]): Promise<string[]> {
  const key = await importKey(new TextEncoder().encode(testSecret));
  const lifetimeSeconds = 24 * 3600;
  return await Promise.all(sessionIds.map((sid, index) => {
    const userId = firstUserId + index;
    return sign({ sub: String(userId), user_id: userId, sid }, key, {
      lifetimeSeconds,
    });
  }));
}

function randomText(length: number): string {
  return encodeBase64url(crypto.getRandomValues(new Uint8Array(length)));
}
