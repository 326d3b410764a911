/**
 * A load of clients that log in, ask, refresh and log out, each with a ledger
 * of what has been acknowledged, to which servers are held afterwards. Beside
 * the right answer, 503 with Retry-After is one, and none from a server that
 * may end; then it may have been done or not. Nothing else is.
 */

import assert from "node:assert/strict";
import {
  password,
  type Received,
  type RequestParts,
  type Tokens,
  tokensOf,
} from "../../support/client.ts";
import type { ServerProcess } from "../../support/server_process.ts";
import { pause } from "../../support/wait.ts";
import { ask } from "./site.ts";

export type Change = "login" | "refresh" | "logout";

/** How the load is made. */
export interface LoadOptions {
  readonly emails: readonly string[]; // an account for each client
  readonly servers: readonly ServerProcess[]; // whom they ask, in turn
  /**
   * One that may end under the load; its clients go on with the next, if there
   * is one.
   */
  readonly ending?: ServerProcess;
  readonly onAcknowledged?: (change: Change, count: number) => void;
}

/** A session, as far as its client has been told of it. */
interface Known {
  tokens: Tokens;
  spent: string | null; // the refresh token that was spent for those tokens
  refreshedAt: number; // milliseconds
  // Whether a logout was acknowledged, or only asked for.
  state: "living" | "ended" | "either";
}

export class Load {
  readonly options: LoadOptions;
  readonly acknowledged: Record<Change, number> = {
    login: 0,
    refresh: 0,
    logout: 0,
  };
  readonly wrong: string[] = [];
  unavailable = 0; // answered 503
  longestWait = 0; // for an answer, in milliseconds
  isOver = false;
  readonly #clients: readonly Client[];
  readonly #running: Promise<unknown>;

  /** Begins. */
  constructor(options: LoadOptions) {
    this.options = options;
    this.#clients = options.emails.map((email, index) =>
      new Client(this, email, index)
    );
    this.#running = Promise.all(this.#clients.map((client) => client.run()));
  }

  /** All changes that have been acknowledged. */
  get changes(): number {
    return this.acknowledged.login + this.acknowledged.refresh +
      this.acknowledged.logout;
  }

  acknowledge(change: Change): void {
    this.acknowledged[change]++;
    this.options.onAcknowledged?.(change, this.changes);
  }

  /** Lets every client end what it does. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.#running;
    assert.deepEqual(this.wrong, []);
  }

  /** Holds a server to all that was acknowledged. */
  async verify(server: ServerProcess): Promise<void> {
    const counts = JSON.stringify(this.acknowledged);
    assert.ok(Math.min(...Object.values(this.acknowledged)) >= 10, counts);
    await Promise.all(this.#clients.map((client) => client.verify(server)));
  }
}

class Client {
  readonly #load: Load;
  readonly #email: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #sessions: Known[] = []; // the last changed last
  #server: number;
  // Sessions that there may be, of logins that were not acknowledged.
  #strangers = 0;

  constructor(load: Load, email: string, index: number) {
    this.#load = load;
    this.#email = email;
    // Or all were throttled as one.
    this.#headers = { "x-forwarded-for": `192.0.2.${index + 1}` };
    this.#server = index % load.options.servers.length;
  }

  async run(): Promise<void> {
    for (let step = 0; !this.#load.isOver && this.#server >= 0; step++) {
      const living = this.#sessions.filter(({ state }) => state === "living");
      const session = living[step % Math.max(1, living.length)];
      const isToEnd = step % 60 === 59;
      if (session === undefined || step % 7 < 2) await this.#logIn();
      else if (step % 7 < 4) await this.#refresh(session);
      else if (step % 7 < 6) {
        await this.#use(this.#sessions[step % this.#sessions.length]);
      } else await this.#logOut(session, isToEnd ? this.#sessions : [session]);
    }
  }

  async #logIn(): Promise<void> {
    this.#strangers++;
    const form = { email: this.#email, password };
    const answer = await this.#ask("POST /login", { form }, [200]);
    if (answer === null) return;
    this.#strangers--;
    const refreshedAt = performance.now();
    this.#sessions.push({
      tokens: tokensOf(answer),
      spent: null,
      refreshedAt,
      state: "living",
    });
    this.#load.acknowledge("login");
  }

  async #refresh(session: Known): Promise<void> {
    const spent = session.tokens.refreshToken;
    // Asked again without an answer, it is good for 30 s all the same.
    session.spent = null;
    const answer = await this.#ask("POST /refresh", {
      form: { refresh_token: spent },
    }, [200]);
    if (answer === null) return;
    Object.assign(session, {
      tokens: tokensOf(answer),
      spent,
      refreshedAt: performance.now(),
    });
    this.#touch(session);
    this.#load.acknowledge("refresh");
  }

  async #use(session: Known | undefined): Promise<void> {
    if (session === undefined) return;
    const right =
      { living: [200], ended: [400], either: [200, 400] }[session.state];
    await this.#ask("GET /get-user", { token: session.tokens.token }, right);
  }

  /**
   * By a token or, every other time, by a refresh token; of several sessions,
   * all of the account.
   */
  async #logOut(session: Known, ending: readonly Known[]): Promise<void> {
    const { token, refreshToken } = session.tokens;
    const isByToken = this.#sessions.length % 2 === 0;
    for (const other of ending) {
      if (other.state === "living") other.state = "either";
    }
    const route = `POST /logout${ending.length > 1 ? "?everywhere=1" : ""}`;
    const sent = isByToken
      ? { token }
      : { form: { refresh_token: refreshToken } };
    if (await this.#ask(route, sent, [204]) === null) return;
    if (ending.length > 1) this.#strangers = 0;
    for (const other of ending) other.state = "ended";
    this.#touch(session);
    this.#load.acknowledge("logout");
  }

  #touch(session: Known): void {
    this.#sessions.splice(this.#sessions.indexOf(session), 1);
    this.#sessions.push(session);
  }

  /** The answer, or null where there is none now. */
  async #ask(
    route: string,
    sent: RequestParts,
    right: readonly number[],
  ): Promise<Received | null> {
    const { options: { servers, ending }, wrong } = this.#load;
    // While there is one, it runs.
    const server = servers[this.#server] as ServerProcess;
    const begun = performance.now();
    try {
      const answer = await ask(server, route, {
        ...sent,
        headers: this.#headers,
      });
      this.#load.longestWait = Math.max(
        this.#load.longestWait,
        performance.now() - begun,
      );
      if (right.includes(answer.status)) return answer;
      if (answer.status !== 503 || !answer.headers.has("retry-after")) {
        wrong.push(`${route}: ${answer.status} ${answer.text}`);
      }
      this.#load.unavailable++;
      await pause(20);
    } catch (error) {
      if (server !== ending) wrong.push(`${route}: ${error}`);
      this.#server = servers.findIndex((other) => other !== ending);
    }
    return null;
  }

  async verify(server: ServerProcess): Promise<void> {
    // In detail, those that were changed last.
    const ends = this.#sessions.length - 20;
    for (
      const [index, session] of this.#sessions.slice(Math.max(0, ends))
        .entries()
    ) {
      await this.#verifySession(server, session, index % 2 === 0);
    }
    const form = { email: this.#email, password };
    const now = tokensOf(
      await ask(server, "POST /login", { form, headers: this.#headers }),
    );
    const { status, text, body } = await ask(server, "GET /sessions", {
      token: now.token,
    });
    assert.equal(status, 200, text);
    const listed = (body["sessions"] as { readonly id: string }[]).map((
      { id },
    ) => id);
    const sids = (state: Known["state"]) =>
      this.#sessions.filter((session) => session.state === state).map((
        { tokens },
      ) => tokens.sid);
    const lost = sids("living").filter((sid) => !listed.includes(sid));
    assert.deepEqual(lost, [], "acknowledged, and lost");
    const back = sids("ended").filter((sid) => listed.includes(sid));
    assert.deepEqual(back, [], "ended, and there again");
    const known = [now.sid, ...sids("living"), ...sids("either")];
    const strangers = listed.filter((sid) => !known.includes(sid));
    assert.ok(strangers.length <= this.#strangers, strangers.join(" "));
  }

  /**
   * To present the spent token would mend a refresh that was lost: only every
   * other time.
   */
  async #verifySession(
    server: ServerProcess,
    session: Known,
    isSpentFirst: boolean,
  ) {
    const { tokens: { token, refreshToken, sid }, spent } = session;
    const refresh = (refresh_token: string) =>
      ask(server, "POST /refresh", { form: { refresh_token } });
    const { status } = await ask(server, "GET /get-user", { token });
    if (
      session.state === "ended" || session.state === "either" && status === 400
    ) {
      assert.equal(status, 400, "the token of a session that has ended");
      assert.equal((await refresh(refreshToken)).status, 400);
      return;
    }
    assert.equal(status, 200, "the token of a session that lives");
    // A spent token has 30 seconds.
    const isFresh = performance.now() - session.refreshedAt < 25_000;
    if (isSpentFirst && spent !== null && isFresh) {
      // It is known as the last that was spent, and gives another successor.
      assert.equal(tokensOf(await refresh(spent)).sid, sid);
    }
    session.tokens = tokensOf(await refresh(refreshToken));
    assert.equal(session.tokens.sid, sid);
  }
}
