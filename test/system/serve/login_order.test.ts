/**
 * The order of the answers to two logins that are sent at once tells nothing of
 * accounts. The queue makes a whole hash of one turn of the event loop more, so
 * order is seen where a time is not. Each pair has an account, or an address in
 * its place that has none, and another that has none; which of the two is sent
 * first is left to chance, so that only the account can make a difference.
 *
 * Statistics, and no times: if it makes none, the first of the two is answered
 * last as often as a coin falls on its head, and lies within five standard
 * deviations of half in all but one of a million runs.
 */

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { password, withAccounts } from "../../support/client.ts";
import { withServer } from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";

const [admin, ada, disabled] = [
  "admin@example.org",
  "ada@example.org",
  "disabled@example.org",
] as const;

/** In whose place another address is sent, and the password with it. */
const asked = [
  [ada, "wrong"],
  [disabled, "wrong"],
  [disabled, password],
  ["nobody@example.org", "wrong"],
  ["no address", "wrong"],
] as const;

slowTest(
  "of two wrong logins at once, one to an account is answered last as often as not",
  async () => {
    await withSite(async ({ pair, forget }) => {
      for (const [index, [email, tried]] of asked.entries()) {
        forget();
        let last = 0;
        for (let count = 0; count < 80; count++) {
          // Of an address of its own, or it would have to wait.
          const address = `10.${index}.${count}.1`;
          last += await pair({ email, tried, address }, 400);
        }
        assertChance(last, 80, email);
      }
    });
  },
);

slowTest(
  "of two throttled logins at once, one to an account is answered last as often as not",
  async () => {
    await withSite(async ({ pair, throttle }) => {
      for (const [index, [email, tried]] of asked.entries()) {
        const address = `10.${index}.0.1`;
        await pair({ email, tried, address }, 400);
        throttle();
        let last = 0;
        for (let count = 0; count < 400; count++) {
          last += await pair({ email, tried, address }, 429);
        }
        assertChance(last, 400, email);
      }
    });
  },
);

/** The standard deviation of a fair coin's heads is half the root. */
function assertChance(heads: number, of: number, what: string): void {
  const deviation = Math.abs(heads - of / 2) / (Math.sqrt(of) / 2);
  assert.ok(deviation < 5, `${what}: ${heads} of ${of}`);
}

/** An attempt that is sent together with one to nobody. */
interface Tried {
  readonly email: string;
  readonly tried: string;
  readonly address: string;
}

interface Site {
  /** Sends a pair: 1 where the first one named is answered last, else 0. */
  pair(attempt: Tried, status: number): Promise<number>;
  /** Forgets who has failed. */
  forget(): void;
  /** Makes all wait that have failed. */
  throttle(): void;
}

async function withSite(use: (site: Site) => Promise<void>): Promise<void> {
  await withAccounts([admin, ada, disabled], async ({ path, variables }) => {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 5000");
    database.exec("UPDATE users SET is_disabled = 1 WHERE id = 3");
    const settings = {
      ...variables,
      TRUSTED_PROXIES: "127.0.0.1",
      PASSWORD_ITERATIONS: "60000",
    };
    await withServer(settings, async ({ port }) => {
      const agents = [0, 1].map(() => {
        return new Agent({ keepAlive: true, maxSockets: 1 });
      });
      await use({
        async pair({ email, tried, address }, status) {
          const order: string[] = [];
          const nobody = `nobody${Math.random()}@example.org`;
          const emails = Math.random() < 0.5
            ? [email, nobody]
            : [nobody, email];
          const statuses = await Promise.all(
            emails.map(async (named, index) => {
              const form = { email: named, password: tried };
              const agent = agents[index];
              const answer = await send({ port, agent, address }, form);
              order.push(named);
              return answer;
            }),
          );
          assert.deepEqual(statuses, [status, status], email);
          return order[1] === email ? 1 : 0;
        },
        forget() {
          database.exec("DELETE FROM throttle");
        },
        throttle() {
          database.exec("UPDATE throttle SET failures = failures + 30");
        },
      });
      for (const agent of agents) agent.destroy();
    });
    database.close();
  });
}

interface Connection {
  readonly port: number;
  readonly agent: Agent | undefined;
  readonly address: string;
}

/** Sends a login, and gives the status of its answer. */
function send(
  { port, agent, address }: Connection,
  form: Readonly<Record<string, string>>,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-forwarded-for": address,
  };
  const target = { host: "127.0.0.1", port, method: "POST", path: "/login" };
  const sent = request({ ...target, headers, agent }, (response) => {
    resolve(response.statusCode ?? 0);
    response.resume();
  });
  sent.once("error", reject).end(new URLSearchParams(form).toString());
  return promise;
}
