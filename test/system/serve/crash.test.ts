/**
 * kill -9 in the middle of a load of logins, refreshes and logouts, then a
 * restart on the same file: whatever was acknowledged holds, and what was under
 * way has happened whole or not at all.
 */

import assert from "node:assert/strict";
import { slowTest } from "../../support/slow_test.ts";
import {
  password,
  send,
  startSession,
  type TestDatabase,
  type Tokens,
  tokensOf,
  withAccounts,
} from "../../support/client.ts";
import {
  type ServerProcess,
  startServer,
  withServer,
} from "../../support/server_process.ts";

const emails = ["a", "b", "c", "d", "e", "f"].map((name) =>
  `${name}@example.org`
);

type Change = "login" | "refresh" | "logout";

/** A session, as far as the client has been told of it. */
interface Known {
  readonly email: string;
  tokens: Tokens;
  /** The refresh token that was spent for those tokens, or null. */
  spent: string | null;
  isEnded: boolean;
  /** What was asked for and has not been answered. */
  pending: "refresh" | "logout" | null;
}

/**
 * When a server is killed: at the next such change, when so many have been
 * acknowledged.
 */
interface Kill {
  readonly at: Change;
  readonly after: number;
}

/** Changes sessions until the server is killed. */
class Load {
  /** The last changed last. */
  readonly sessions: Set<Known> = new Set();
  readonly acknowledged: Record<Change, number> = {
    login: 0,
    refresh: 0,
    logout: 0,
  };
  /** Logins that were not answered, by e-mail address. */
  readonly pendingLogins: Map<string, number> = new Map();
  readonly #server: ServerProcess;
  readonly #kill: Kill;
  #isKilled = false;

  constructor(server: ServerProcess, kill: Kill) {
    this.#server = server;
    this.#kill = kill;
  }

  /** One account's requests, one after the other, until the server is gone. */
  async run(email: string): Promise<void> {
    const own: Known[] = [];
    for (let turn = 0; !this.#isKilled; turn++) {
      const living = own.filter(({ isEnded, pending }) =>
        !isEnded && pending === null
      );
      const session = living[turn % Math.max(1, living.length)];
      const isGone = turn % 5 < 2 || session === undefined
        ? !await this.#logIn(email, own)
        : !await this.#change(session, turn % 5 < 4 ? "refresh" : "logout");
      if (isGone) return;
    }
  }

  async #logIn(email: string, own: Known[]): Promise<boolean> {
    this.pendingLogins.set(email, 1);
    const answer = await this.#send("POST /login", { email, password });
    if (answer === null) return false;
    this.pendingLogins.delete(email);
    const tokens = tokensOf(answer);
    const session = {
      email,
      tokens,
      spent: null,
      isEnded: false,
      pending: null,
    };
    own.push(session);
    this.#acknowledge("login", session);
    return true;
  }

  async #change(
    session: Known,
    change: "refresh" | "logout",
  ): Promise<boolean> {
    session.pending = change;
    const spent = session.tokens.refreshToken;
    const answer = await this.#send(`POST /${change}`, {
      refresh_token: spent,
    });
    if (answer === null) return false;
    if (change === "refresh") {
      session.tokens = tokensOf(answer);
      session.spent = spent;
    } else {
      assert.equal(answer.status, 204, answer.text);
      session.isEnded = true;
    }
    session.pending = null;
    this.#acknowledge(change, session);
    return true;
  }

  /** The answer, or null where there came none. */
  #send(route: string, form: Readonly<Record<string, string>>) {
    return send(this.#server, route, { form }).catch((error) => {
      if (this.#isKilled) return null;
      throw error;
    });
  }

  /**
   * Kills at once, when the answer is there: what is written later than that is
   * lost.
   */
  #acknowledge(change: Change, session: Known): void {
    this.sessions.delete(session);
    this.sessions.add(session);
    this.acknowledged[change]++;
    const { login, refresh, logout } = this.acknowledged;
    const isTime = change === this.#kill.at &&
      login + refresh + logout >= this.#kill.after;
    if (this.#isKilled || !isTime) return;
    this.#isKilled = true;
    this.#server.stop("SIGKILL"); // sent before this returns
  }
}

const kills: readonly Kill[] = [
  { at: "refresh", after: 60 },
  { at: "login", after: 97 },
  { at: "logout", after: 151 },
  { at: "refresh", after: 230 },
  { at: "refresh", after: 500 },
];

for (const kill of kills) {
  slowTest(
    `kill -9 at a ${kill.at} after ${kill.after} changes loses nothing acknowledged`,
    async () => {
      await withAccounts(emails, async (database) => {
        const load = await loadUntilKilled(database, kill);
        const { login, refresh, logout } = load.acknowledged;
        assert.ok(login + refresh + logout >= kill.after);
        const counts = JSON.stringify(load.acknowledged);
        assert.ok(
          Math.min(login / 2, refresh / 2, logout) >= kill.after / 8,
          counts,
        );
        await withServer(database.variables, async (server) => {
          await assertListed(server, load);
          const sessions = [...load.sessions];
          const older = sessions.splice(0, sessions.length / 2);
          for (const session of older) {
            await assertHolds(server, session, "spent token first");
          }
          for (const session of sessions) {
            await assertHolds(server, session, "new token");
          }
          assert.equal(server.output.stderr, "");
        });
      });
    },
  );
}

async function loadUntilKilled(
  database: TestDatabase,
  kill: Kill,
): Promise<Load> {
  const server = await startServer(database.variables);
  try {
    const load = new Load(server, kill);
    await Promise.all(emails.map((email) => load.run(email)));
    return load;
  } finally {
    await server.stop("SIGKILL");
  }
}

/**
 * Each account's list has the sessions that it must have, and none that nobody
 * began.
 */
async function assertListed(server: ServerProcess, load: Load): Promise<void> {
  for (const email of emails) {
    const own = [...load.sessions].filter((session) => session.email === email);
    const now = await startSession(server, email);
    const { body } = await send(server, "GET /sessions", { token: now.token });
    const listed = (body["sessions"] as { id: string }[]).map(({ id }) => id);
    const sids = (sessions: Known[]) =>
      sessions.map(({ tokens }) => tokens.sid);
    const certain = own.filter(({ isEnded, pending }) =>
      !isEnded && pending !== "logout"
    );
    const missing = sids(certain).filter((sid) => !listed.includes(sid));
    assert.deepEqual(missing, [], "acknowledged, and lost");
    const ended = sids(own.filter(({ isEnded }) => isEnded)).filter((sid) =>
      listed.includes(sid)
    );
    assert.deepEqual(ended, [], "ended, and there again");
    const strangers = listed.filter((sid) =>
      sid !== now.sid && !sids(own).includes(sid)
    );
    assert.ok(
      strangers.length <= (load.pendingLogins.get(email) ?? 0),
      strangers.join(" "),
    );
  }
}

/**
 * To present the spent token first would mend a refresh that was lost: not for
 * the last ones.
 */
async function assertHolds(
  server: ServerProcess,
  session: Known,
  order: "spent token first" | "new token",
): Promise<void> {
  const { tokens, spent, isEnded, pending } = session;
  const refresh = (token: string) =>
    send(server, "POST /refresh", { form: { refresh_token: token } });
  const { status } = await send(server, "GET /get-user", {
    token: tokens.token,
  });
  if (isEnded || (pending === "logout" && status === 400)) {
    assert.equal(status, 400);
    assert.equal((await refresh(tokens.refreshToken)).status, 400);
    return;
  }
  assert.equal(status, 200, "its token must work");
  if (spent !== null && pending === null && order === "spent token first") {
    // It is known as the last that was spent, and gives another successor.
    const again = tokensOf(await refresh(spent));
    assert.equal(again.sid, tokens.sid);
    assert.notEqual(again.refreshToken, tokens.refreshToken);
  }
  // Also where a refresh was under way.
  const next = tokensOf(await refresh(tokens.refreshToken));
  assert.equal(next.sid, tokens.sid);
  assert.equal(
    (await send(server, "GET /get-user", { token: next.token })).status,
    200,
  );
}
