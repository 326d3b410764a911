/**
 * A load of clients that log in, ask, refresh and log out, each with a ledger of what was acknowledged,
 * so that afterwards it can be asked whether that still holds. What was answered 503, or not at all,
 * may have been done or not. Any other refusal is a wrong answer.
 */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { password, type Received, send, type Tokens, tokensOf } from "../serve/client.ts";
import type { ServerProcess } from "../serve/server_process.ts";

type Server = Pick<ServerProcess, "origin">;

/** What the clients have seen. */
export interface Ledger {
  readonly wrong: string[];
  readonly ended: string[]; // tokens whose logout was acknowledged
  acknowledged: number;
  unavailable: number; // 503, and what had no answer
}

/** Clients that run until they are told to stop. */
export class Load {
  readonly ledger: Ledger = {
    wrong: [],
    ended: [],
    acknowledged: 0,
    unavailable: 0,
  };
  readonly #clients: readonly Client[];
  readonly #running: Promise<unknown>;

  /** Starts a client for each account; the servers take turns. */
  constructor(emails: readonly string[], servers: readonly Server[]) {
    this.#clients = emails.map((email) => new Client(email, this.ledger));
    this.#running = Promise.all(this.#clients.map((client, index) => {
      return client.run(servers[index % servers.length] as Server);
    }));
  }

  /** Lets each client end what it does. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.isOver = true;
    await this.#running;
  }

  /** Holds a server to all that was acknowledged. */
  async verify(server: Server): Promise<void> {
    assert.deepEqual(this.ledger.wrong, []);
    assert.ok(this.ledger.acknowledged > 20, String(this.ledger.acknowledged));
    for (const token of this.ledger.ended) {
      assert.equal(
        (await send(server, "GET /get-user", { token })).status,
        400,
      );
    }
    for (const { tokens } of this.#clients) {
      if (tokens === null) continue;
      assert.equal(
        (await send(server, "GET /get-user", { token: tokens.token })).status,
        200,
      );
      const form = { refresh_token: tokens.refreshToken };
      assert.equal((await send(server, "POST /refresh", { form })).status, 200);
    }
  }
}

class Client {
  isOver = false;
  tokens: Tokens | null = null;
  readonly #email: string;
  readonly #ledger: Ledger;

  constructor(email: string, ledger: Ledger) {
    this.#email = email;
    this.#ledger = ledger;
  }

  async run(server: Server): Promise<void> {
    for (let step = 0; !this.isOver; step++) await this.#step(server, step);
  }

  async #step(server: Server, step: number): Promise<void> {
    if (this.tokens === null) {
      const form = { email: this.#email, password };
      const answer = await this.#ask(server, "POST /login", { form }, 200);
      if (answer !== null) this.tokens = tokensOf(answer);
    } else if (step % 7 === 6) {
      const { token } = this.tokens;
      this.tokens = null; // whatever comes of it
      const answer = await this.#ask(server, "POST /logout", { token }, 204);
      if (answer !== null) this.#ledger.ended.push(token);
    } else if (step % 3 === 2) {
      const form = { refresh_token: this.tokens.refreshToken };
      const answer = await this.#ask(server, "POST /refresh", { form }, 200); // or again, with the same
      if (answer !== null) this.tokens = tokensOf(answer);
    } else {
      const { token } = this.tokens;
      await this.#ask(server, "GET /get-user", { token }, 200);
    }
  }

  /** The answer that was hoped for, or null where there is none now. */
  async #ask(
    server: Server,
    route: string,
    sent: {
      readonly token?: string;
      readonly form?: Readonly<Record<string, string>>;
    },
    hoped: number,
  ): Promise<Received | null> {
    const answer = await send(server, route, sent).catch(() => null);
    if (answer?.status === hoped) {
      this.#ledger.acknowledged++;
      return answer;
    }
    this.#ledger.unavailable++;
    // An attempt that could not be taken back counts until its hour is over: then it is 429.
    const isExpected = answer === null || answer.status === 503 ||
      answer.status === 429 && route === "POST /login";
    const isTimed = answer === null || answer.headers.has("retry-after");
    if (!isExpected || !isTimed) {
      this.#ledger.wrong.push(`${route}: ${answer?.status} ${answer?.text}`);
    }
    await setTimeout(20);
    return null;
  }
}
