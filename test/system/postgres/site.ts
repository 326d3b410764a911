/**
 * Servers on one PostgreSQL: their settings and accounts, and what may not be
 * found in what they have printed, whatever happened to them.
 */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { currentSecond, parseEmail } from "../../../src/auth/auth.ts";
import { postgresClientOfBun } from "../../../src/server/bun.ts";
import { openPostgres } from "../../../src/storage/postgres.ts";
import {
  password,
  type Received,
  type RequestParts,
  send,
} from "../../support/client.ts";
import { cheapHasher } from "../../support/hashers.ts";
import {
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";
import { testSecret, type Variables } from "../../support/server_process.ts";
import type { Cluster } from "./cluster.ts";

/** Two servers, and the database that they share. */
export interface Site {
  readonly url: string;
  readonly variables: Variables;
  readonly a: ServerProcess;
  readonly b: ServerProcess;
  /** Runs statements as the superuser and gives the rows, a line each. */
  query(statements: string): string[];
}

/**
 * The settings of a server, which takes the checks for a proxy: each client has
 * its own address.
 */
export function settingsOf(url: string): Variables {
  const trusted = {
    TRUSTED_PROXIES: "127.0.0.1",
    PASSWORD_HASH: "pbkdf2",
    PASSWORD_ITERATIONS: "10000",
  };
  return { ...trusted, JWT_SECRET: testSecret, DATABASE_URL: url };
}

/**
 * Makes a database with accounts, the first of them an administrator's, and two
 * servers on it.
 */
export async function withSite(
  cluster: Cluster,
  emails: readonly string[],
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const url = cluster.createDatabase();
  await addAccounts(url, emails);
  const variables = settingsOf(url);
  const servers: ServerProcess[] = [];
  try {
    const a = await startServer(variables);
    servers.push(a);
    const b = await startServer(variables);
    servers.push(b);
    await use({
      url,
      variables,
      a,
      b,
      query: (statements) => cluster.query(url, statements),
    });
    for (const server of servers) {
      const isKilled = server.child.signalCode === "SIGKILL";
      assert.equal(await server.stop(), isKilled ? null : 0);
      assertDiscreet(server.output.stdout, [url, ...emails]);
      assert.equal(server.output.stderr, "");
      assert.doesNotMatch(server.output.stdout, /"status":500|"fault"/);
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop("SIGKILL")));
  }
}

/**
 * Holds a text to what may not be in it: parts of the URL, tokens, passwords,
 * and those others.
 */
export function assertDiscreet(
  text: string,
  [url = "", ...others]: readonly string[],
): void {
  const secrets = [url, new URL(url).password, password, testSecret, ...others];
  for (const secret of secrets) {
    assert.ok(!text.includes(secret), `${secret} is in ${text}`);
  }
  const [token] = /eyJ[\w-]+\.|[\w-]{43,}/.exec(text) ?? [];
  assert.equal(token, undefined);
}

async function addAccounts(
  url: string,
  emails: readonly string[],
): Promise<void> {
  const client = postgresClientOfBun(url, 1);
  if (client === null) throw new Error("These checks run on Bun alone.");
  const passwordHash = await cheapHasher(10_000).hash(password);
  const store = await openPostgres(client, { connections: 1 });
  for (const [index, text] of emails.entries()) {
    const email = parseEmail(text);
    if (email !== null) {
      await store.addUser({
        email,
        isAdmin: index === 0,
        passwordHash,
        createdAt: currentSecond(),
      }, null);
    }
  }
  await client.close();
}

/** Asks, and has whoever does not answer within that time for a fault. */
export async function ask(
  server: Pick<ServerProcess, "origin">,
  route: string,
  sent: RequestParts = {},
  patienceSeconds = 20,
): Promise<Received> {
  const controller = new AbortController();
  const late = setTimeout(patienceSeconds * 1000, null, {
    signal: controller.signal,
  });
  const answer = await Promise.race([
    send(server, route, sent),
    late.catch(() => null),
  ]);
  controller.abort();
  if (answer !== null) return answer;
  throw new Error(`${route} is not answered within ${patienceSeconds} seconds`);
}
