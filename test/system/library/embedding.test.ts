/**
 * A program around the server: its own routes behind the login, and what the
 * command does besides answering, done by the program. It listens, sweeps,
 * stops in order when it is told to, and ends by itself.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { slowTest } from "../../support/slow_test.ts";
import { withSource } from "../../support/source.ts";
import { withFolder } from "../../support/temp.ts";
import { pause, until } from "../../support/wait.ts";

const source = `
import process from "node:process";
import { createApp, serve } from "onejot/app";
import { createPasswordHasher, currentSecond, parseEmail } from "onejot/auth";
import { createLog, json } from "onejot/http";
import { generateKey } from "onejot/jwt";
import { openSqlite } from "onejot/sqlite";

const store = openSqlite(process.env["DATABASE"] ?? "");
const log = createLog((lines) => console.log(lines), "json");
const passwords = createPasswordHasher({ store });
for (const text of ["ada@example.org", "bob@example.org"]) {
  const email = parseEmail(text);
  if (email === null) throw new Error("This is an e-mail address.");
  await store.addUser({
    email,
    isAdmin: text.startsWith("ada"),
    passwordHash: await passwords.hash("correct horse"),
    createdAt: currentSecond(),
  }, null);
}
const app = createApp({ store, key: await generateKey(), log, page: true });
app.members.get("/hello", ({ user }) => json(\`hello, \${user.email}\`));
app.administrators.get("/top/:word", ({ user, params }) => {
  return json([params.word, user.isAdmin]);
});

const server = serve(app, { port: 0 });
console.log("port", server.port);
process.once("SIGTERM", async () => {
  await server.stop();
  log.flush();
  store.close();
  console.log("stopped");
});
`;

/** Logs in; the answer's status, and its token. */
async function logIn(
  origin: string,
  email: string,
): Promise<readonly [number, string]> {
  const body = new URLSearchParams({ email, password: "correct horse" });
  const response = await fetch(`${origin}/login`, { method: "POST", body });
  const { token } = Object(await response.json());
  return [response.status, String(token)];
}

async function ask(url: string, token?: string): Promise<string> {
  const authorization = `Bearer ${token}`;
  const headers = token === undefined ? {} : { authorization };
  const response = await fetch(url, { headers });
  return `${response.status} ${await response.text()}`;
}

slowTest(
  "a program serves the app with own routes behind its login, sweeps, and stops in order",
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "accounts.sqlite");
      const env = { DATABASE: path };
      await withSource(source, { env }, async (program) => {
        const [, port] = await program.untilPrinted(/port (\d+)/);
        const origin = `http://127.0.0.1:${port}`;
        const database = new DatabaseSync(path);
        database.exec("PRAGMA busy_timeout = 5000");
        const old = Math.floor(Date.now() / 1000) - 31 * 24 * 3600;
        database.exec(
          `INSERT INTO sessions (id, user_id, refresh_key, refresh_hash, created_at, refreshed_at)
           VALUES ('expired', 1, 'x', 'x', ${old}, ${old})`,
        );

        const [, ada] = await logIn(origin, "ada@example.org");
        const [, bob] = await logIn(origin, "bob@example.org");
        assert.equal(
          await ask(`${origin}/hello`, bob),
          '200 "hello, bob@example.org"',
        );
        assert.match(await ask(`${origin}/hello`), /^401 /);
        assert.match(await ask(`${origin}/hello`, "x"), /^400 /);
        assert.equal(await ask(`${origin}/top/x`, ada), '200 ["x",true]');
        assert.match(await ask(`${origin}/top/x`, bob), /^403 /);
        assert.match(await ask(`${origin}/top/x`), /^401 /);
        assert.match(await ask(`${origin}/`), /^200 <!doctype html>/i);

        const expired = database.prepare(
          "SELECT id FROM sessions WHERE id = 'expired'",
        );
        await until("the expired session is removed", () => {
          return expired.get() === undefined;
        });
        database.close();

        const inFlight = logIn(origin, "ada@example.org");
        await pause(20);
        // The runtime ends when nothing is left to do: no timer, no socket.
        assert.equal(await program.stop("SIGTERM"), 0, program.output.stderr);
        assert.equal((await inFlight)[0], 200);
        assert.match(program.output.stdout, /\nstopped\n$/);
        assert.match(program.output.stdout, /"path":"\/hello","status":200/);
        assert.equal(existsSync(`${path}-wal`), false);
      });
    });
  },
);
