/**
 * Who gets in while logins flood in: 12 logins of an honest user from where
 * they have logged in before, and 12 from elsewhere, one after the other; first
 * while nothing else happens, then in two floods. Prints how many get through,
 * and how long they take.
 *
 * The floods come through a trusted proxy: wrong passwords on 200 connections,
 * each attempt from another /64 of one /48; and right ones of an ordinary
 * account on 120 connections, from six /64 of another /48. --quick sends 2
 * instead of 12, and holds the server to let them in.
 *
 *   bun test/compare/bench/who_gets_in.ts
 *   deno run --allow-all test/compare/bench/who_gets_in.ts
 */

import assert from "node:assert/strict";
import { Agent, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import {
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";
import { pause } from "../../support/wait.ts";

const isQuick = process.argv.includes("--quick");
const logins = isQuick ? 2 : 12;
const password = "correct horse battery staple";
const honest = "ada@example.org";
const ordinary = "bob@example.org";
const knownAddress = "198.51.100.7";

/** Sends an attempt and gives the status of its answer. */
type Attempt = (
  form: Readonly<Record<string, string>>,
  address: string,
) => Promise<number>;

/** An attempt of a flood, by its number. */
type FloodAttempt = readonly [
  form: Readonly<Record<string, string>>,
  address: string,
];

interface Flood {
  readonly name: string;
  readonly connections: number;
  attempt(index: number): FloodAttempt;
}

const hex = (number: number) => number.toString(16);

const floods: readonly Flood[] = [
  { name: "alone", connections: 0, attempt: () => [{}, ""] },
  {
    name: "wrong passwords from one /48",
    connections: 200,
    attempt: (index) => [
      { email: `nobody${index}@example.org`, password: "wrong password" },
      `2001:db8:1:${hex(index % 65_536)}::1`,
    ],
  },
  {
    name: "right passwords from six /64",
    connections: 120,
    attempt: (index) => [
      { email: ordinary, password },
      `2001:db8:2:${hex(index % 6)}::1`,
    ],
  },
];

const runtime = "Bun" in globalThis ? "Bun" : "Deno";
for (const flood of floods) {
  await withFolder((folder) => measure(folder, flood));
}

async function measure(folder: string, flood: Flood): Promise<void> {
  const variables = {
    JWT_SECRET: testSecret,
    DATABASE_URL: `sqlite:${join(folder, "accounts.sqlite")}`,
    TRUSTED_PROXIES: "127.0.0.1",
  };
  for (const email of [honest, ordinary]) {
    const args = ["user", "add", email];
    const added = await runOnejot(args, variables, `${password}\n`);
    assert.equal(added.code, 0, added.stderr);
  }
  await withServer(variables, async ({ port }) => {
    const attempt = attemptOn(port, 1);
    await attempt({ email: honest, password }, knownAddress);
    const stop = startFlood(port, flood);
    if (flood.connections > 0) await pause(1500); // the queue fills
    const known = await logInAll(attempt, () => knownAddress);
    const fresh = await logInAll(attempt, (index) => `192.0.2.${index + 1}`);
    const answers = await stop();
    console.log(`${runtime}, ${flood.name}`);
    console.log(`  from a known address  ${describe(known)}`);
    console.log(`  from another          ${describe(fresh)}`);
    console.log(`  the flood's answers   ${JSON.stringify(answers)}`);
    if (!isQuick) return;
    for (const { status } of [...known, ...fresh]) assert.equal(status, 200);
  });
}

/** An honest login, and how long it took. */
interface Login {
  readonly status: number;
  readonly milliseconds: number;
}

async function logInAll(
  attempt: Attempt,
  addressOf: (index: number) => string,
): Promise<readonly Login[]> {
  const taken: Login[] = [];
  for (let index = 0; index < logins; index++) {
    const start = performance.now();
    const form = { email: honest, password };
    const status = await attempt(form, addressOf(index));
    taken.push({ status, milliseconds: performance.now() - start });
    await pause(100 + index * 7);
  }
  return taken;
}

/** Keeps that many attempts in flight; gives what stops them. */
function startFlood(
  port: number,
  { connections, attempt }: Flood,
): () => Promise<Readonly<Record<number, number>>> {
  const send = attemptOn(port, connections);
  const answers: Record<number, number> = {};
  let isOver = false;
  let attempts = 0;
  const running = Array.from({ length: connections }, async () => {
    while (!isOver) {
      const status = await send(...attempt(attempts++));
      answers[status] = (answers[status] ?? 0) + 1;
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(running);
    return answers;
  };
}

/** Sends attempts on so many connections. */
function attemptOn(port: number, connections: number): Attempt {
  const maxSockets = Math.max(1, connections);
  const agent = new Agent({ keepAlive: true, maxSockets });
  return (form, address) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-forwarded-for": address,
    };
    const target = { host: "127.0.0.1", port, method: "POST", path: "/login" };
    const sent = request({ ...target, headers, agent }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end(new URLSearchParams(form).toString());
    return promise;
  };
}

function describe(taken: readonly Login[]): string {
  const through = taken.filter(({ status }) => status === 200).length;
  const times = taken.map(({ milliseconds }) => milliseconds)
    .sort((one, other) => one - other);
  const median = times[Math.floor(times.length / 2)] ?? NaN;
  const longest = times.at(-1) ?? NaN;
  return `${through} of ${taken.length} get in, in ${median.toFixed(0)} ms, ` +
    `at most ${longest.toFixed(0)}`;
}
