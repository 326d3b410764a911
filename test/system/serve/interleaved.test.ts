/**
 * Two users' requests, interleaved and many in flight at once: nobody is shown
 * the other's data.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { slowTest } from "../../support/slow_test.ts";
import {
  claimsOf,
  password,
  type Received,
  type RequestParts,
  send,
  startSession,
  type Tokens,
  tokensOf,
  withAccounts,
} from "../../support/client.ts";
import {
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";

const inFlight = 24;

slowTest(
  "of 200 interleaved requests of two users, none shows one the other's data",
  async () => {
    await withAccounts(
      ["ada@example.org", "bob@example.org"],
      async ({ variables }) => {
        await withServer(variables, async (server) => {
          const ada = await Client.begin(
            server,
            "ada@example.org",
            "Browser of Ada",
          );
          const bob = await Client.begin(
            server,
            "bob@example.org",
            "Browser of Bob",
          );
          const jobs = shuffle([...jobsOf(ada, bob), ...jobsOf(bob, ada)]);
          assert.equal(jobs.length, 200);
          const rest = jobs.values(); // shared: each worker takes the next
          const work = async () => {
            for (const job of rest) await job();
          };
          await Promise.all(Array.from({ length: inFlight }, work));
          for (const [client, other] of [[ada, bob], [bob, ada]] as const) {
            assert.equal(client.answers.length, 100);
            for (const { text, headers } of client.answers) {
              for (const mark of other.marks) {
                const shown = text + JSON.stringify([...headers]);
                assert.ok(!shown.includes(mark), `${mark} in ${text}`);
              }
            }
          }
        });
      },
    );
  },
);

/**
 * A user with two sessions, of which the second is lost with the first change
 * of the password.
 */
class Client {
  readonly email: string;
  readonly agent: string;
  /** What only this user may be shown. */
  readonly marks: Set<string>;
  readonly answers: Received[] = [];
  tokens: Tokens;
  readonly #server: ServerProcess;
  #password = password;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #running = new Set<Promise<void>>();
  #lastAlone: Promise<void> = Promise.resolve();

  static async begin(
    server: ServerProcess,
    email: string,
    agent: string,
  ): Promise<Client> {
    const lost = await startSession(server, email, { agent });
    const client = new Client(
      server,
      email,
      agent,
      await startSession(server, email, { agent }),
    );
    client.marks.add(lost.sid);
    return client;
  }

  private constructor(
    server: ServerProcess,
    email: string,
    agent: string,
    tokens: Tokens,
  ) {
    this.#server = server;
    this.email = email;
    this.agent = agent;
    this.tokens = tokens;
    this.marks = new Set([email, agent, tokens.sid, `id=${tokens.userId}:`]);
  }

  getUser(): Promise<void> {
    return this.#together(() => this.#getUser());
  }

  listSessions(): Promise<void> {
    return this.#together(() => this.#listSessions());
  }

  /** Refreshes wait for each other, as in a client. */
  refresh(): Promise<void> {
    return this.#together(() => this.#inTurn(() => this.#refresh()));
  }

  /** A change of the password ends all tokens: so nothing else runs then. */
  changePassword(): Promise<void> {
    return this.#alone(() => this.#changePassword());
  }

  /**
   * A token of this user's, changed to be the other's, and the other's session
   * by its id.
   */
  pretend(other: Client, kind: number): Promise<void> {
    return this.#together(() => this.#pretend(other, kind));
  }

  async #getUser(): Promise<void> {
    const { status, body } = await this.#send("GET /get-user");
    const { userId } = this.tokens;
    const user = `User id=${userId}: <${this.email}, is_admin=${
      userId === 1 ? "True" : "False"
    }>`;
    assert.deepEqual([status, body], [200, { user }]);
  }

  async #listSessions(): Promise<void> {
    const { status, body } = await this.#send("GET /sessions");
    assert.equal(status, 200);
    const sessions = body["sessions"] as {
      id: string;
      agent: string;
      current: boolean;
    }[];
    assert.ok(sessions.length === 1 || sessions.length === 2);
    for (const { id, agent, current } of sessions) {
      assert.ok(this.marks.has(id), id);
      assert.equal(agent, this.agent);
      assert.equal(current, id === this.tokens.sid);
    }
  }

  async #refresh(): Promise<void> {
    const form = { refresh_token: this.tokens.refreshToken };
    const tokens = tokensOf(await this.#send("POST /refresh", { form }));
    assert.equal(tokens.userId, this.tokens.userId);
    assert.equal(tokens.sid, this.tokens.sid);
    this.#take(tokens);
  }

  async #changePassword(): Promise<void> {
    const next = `${password} ${crypto.randomUUID()}`;
    const form = { password: this.#password, new_password: next };
    const tokens = tokensOf(await this.#send("POST /password", { form }));
    assert.equal(tokens.userId, this.tokens.userId);
    assert.notEqual(tokens.sid, this.tokens.sid);
    this.#take(tokens);
    this.#password = next;
  }

  #take(tokens: Tokens): void {
    this.tokens = tokens;
    this.marks.add(tokens.refreshToken).add(tokens.token).add(tokens.sid);
  }

  async #pretend(other: Client, kind: number): Promise<void> {
    const { sid, userId } = other.tokens;
    const [header = "", , mac = ""] = this.tokens.token.split(".");
    const [, payload = ""] = other.tokens.token.split(".");
    const encode = (value: object) =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      ...claimsOf(this.tokens.token),
      user_id: userId,
      sub: String(userId),
    };
    const own = this.tokens.refreshToken;
    // The other's session, this one's value and proof.
    const mixed = sid + own.slice(sid.length);
    const attempts = [
      () =>
        this.#send("GET /get-user", {
          token: [header, payload, mac].join("."),
        }),
      () =>
        this.#send("GET /sessions", {
          token: [header, encode(claims), mac].join("."),
        }),
      () => this.#send("POST /refresh", { form: { refresh_token: mixed } }),
      () => this.#send(`DELETE /sessions/${sid}`),
    ];
    const index = kind % attempts.length;
    const { status, body } = await attempts[index]?.() ?? {};
    const expected = index === 3
      ? [404, "Not found"]
      : [400, "Token is invalid"];
    assert.deepEqual([status, body?.["message"]], expected);
  }

  async #send(route: string, sent: RequestParts = {}): Promise<Received> {
    const headers = { "user-agent": this.agent };
    const token = sent.form?.["refresh_token"] === undefined
      ? this.tokens.token
      : null;
    const answer = await send(this.#server, route, {
      ...(token === null ? {} : { token }),
      headers,
      ...sent,
    });
    this.answers.push(answer);
    return answer;
  }

  /** Runs at the same time as others, but not as what runs alone. */
  #together(act: () => Promise<void>): Promise<void> {
    const run = this.#lastAlone.then(act);
    const end = run.catch(() => {});
    this.#running.add(end);
    end.finally(() => this.#running.delete(end));
    return run;
  }

  #alone(act: () => Promise<void>): Promise<void> {
    const before = [this.#lastAlone, ...this.#running];
    const run = Promise.all(before).then(act);
    this.#lastAlone = run.catch(() => {});
    return run;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function jobsOf(client: Client, other: Client): (() => Promise<void>)[] {
  const times = (count: number, job: (index: number) => Promise<void>) =>
    Array.from({ length: count }, (_, index) => () => job(index));
  return [
    ...times(36, () => client.getUser()),
    ...times(20, () => client.listSessions()),
    ...times(16, () => client.refresh()),
    ...times(8, () => client.changePassword()),
    ...times(20, (index) => client.pretend(other, index)),
  ];
}

/** The same order at each run (mulberry32). */
function shuffle<T>(values: T[]): T[] {
  let state = 1;
  const below = (limit: number) => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % limit;
  };
  const keyed = values.map((value) => ({ value, key: below(2 ** 31) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}
