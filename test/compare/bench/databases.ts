/**
 * What an authenticated GET and a login cost on PostgreSQL and on SQLite, with
 * one process and with two that share the database. All run on one machine with
 * the database and the load, so that two processes gain what its cores leave
 * them. Needs PostgreSQL and wrk. --quick only tries it.
 *
 *   bun test/compare/bench/databases.ts
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { importKey, sign } from "../../../src/jwt/jwt.ts";
import { startCluster } from "../../system/postgres/cluster.ts";
import {
  logIn,
  runOnejot,
  type ServerProcess,
  startServer,
  testSecret,
} from "../../support/server_process.ts";
import { temporaryFolder } from "../../support/temp.ts";
import { load } from "./load.ts";

/** A database, and how many processes share it. */
interface Setting {
  readonly name: string;
  readonly servers: readonly [ServerProcess, ...ServerProcess[]];
}

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 1 : 5;
const seconds = isQuick ? 0.3 : 4;
const connections = 64; // in all
const account = {
  email: "ada@example.org",
  password: "correct horse battery staple",
};
// The least that is taken, so that the database's part can be seen.
const iterations = "10000";

const folder = temporaryFolder();
const cluster = await startCluster({ isDurable: true });
const settings: Setting[] = [];
try {
  for (const count of [1, 2]) {
    const path = join(folder, `${count}.sqlite`);
    settings.push(
      await start(`SQLite, ${processes(count)}`, count, `sqlite:${path}`),
    );
  }
  for (const count of [1, 2]) {
    const url = cluster.createDatabase();
    settings.push(await start(`PostgreSQL, ${processes(count)}`, count, url));
  }
  const figures = settings.map(({ name }) => ({
    name,
    gets: [] as number[],
    logins: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, setting] of settings.entries()) {
      figures[index]?.gets.push(await getsPerSecond(setting));
      figures[index]?.logins.push(await loginsPerSecond(setting));
    }
  }
  console.log(
    `${rounds} rounds of ${seconds} s, ${connections} connections; the median of each`,
  );
  for (const { name, gets, logins } of figures) {
    const [get, login] = [median(gets), median(logins)].map((figure) =>
      Math.round(figure)
    );
    console.log(
      `${name.padEnd(26)}${String(get).padStart(8)} GET/s${
        String(login).padStart(8)
      } logins/s`,
    );
  }
} finally {
  await Promise.all(
    settings.flatMap(({ servers }) => servers).map((server) => server.stop()),
  );
  cluster.remove();
}

async function start(
  name: string,
  count: number,
  url: string,
): Promise<Setting> {
  const variables = {
    DATABASE_URL: url,
    JWT_SECRET: testSecret,
    PASSWORD_HASH: "pbkdf2",
    PASSWORD_ITERATIONS: iterations,
    // So that each client has an address of its own.
    TRUSTED_PROXIES: "127.0.0.1",
  };
  const input = `${account.password}\n`;
  const { code, stderr } = await runOnejot(
    ["user", "add", account.email],
    variables,
    input,
  );
  if (code !== 0) throw new Error(stderr);
  const servers: [ServerProcess, ...ServerProcess[]] = [
    await startServer(variables),
  ];
  while (servers.length < count) servers.push(await startServer(variables));
  return { name, servers };
}

/** Distinct tokens of the session that this one names. */
async function tokensLike(token: string): Promise<string[]> {
  const key = await importKey(new TextEncoder().encode(testSecret));
  const { sid } = JSON.parse(atob(token.split(".")[1] ?? ""));
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return await Promise.all(Array.from({ length: 1000 }, (_, index) => {
    return sign({ sub: "1", user_id: 1, sid, exp, jti: String(index) }, key);
  }));
}

/** By tokens of a new session each time: an account keeps its last thousand. */
async function getsPerSecond({ servers }: Setting): Promise<number> {
  const tokens = await tokensLike(
    await logIn(servers[0], account.email, account.password),
  );
  const tokenFile = join(folder, "tokens");
  writeFileSync(tokenFile, tokens.join("\n"));
  const loads = servers.map(({ port }) => {
    const share = connections / servers.length;
    return load({
      port,
      path: "/get-user",
      tokenFile,
      connections: share,
      seconds,
    });
  });
  return (await Promise.all(loads)).reduce(
    (sum, each) => sum + each.requestsPerSecond,
    0,
  );
}

async function loginsPerSecond({ servers }: Setting): Promise<number> {
  const start = performance.now();
  let logins = 0;
  const logInAgainAndAgain = async (
    { origin }: ServerProcess,
    address: string,
  ) => {
    const headers = { "x-forwarded-for": address };
    while (performance.now() - start < seconds * 1000) {
      const body = new URLSearchParams(account);
      const response = await fetch(`${origin}/login`, {
        method: "POST",
        body,
        headers,
      });
      await response.body?.cancel();
      // A database that others keep busy is 503, which two processes on one
      // file bring about.
      if (response.status === 200) logins++;
      else if (response.status !== 503) {
        throw new Error(`A login answered ${response.status}.`);
      }
    }
  };
  const clients = servers.flatMap((server, first) => {
    return Array.from({ length: 16 / servers.length }, (_, index) => {
      return logInAgainAndAgain(server, `192.0.2.${first * 16 + index + 1}`);
    });
  });
  await Promise.all(clients);
  return logins / (performance.now() - start) * 1000;
}

function processes(count: number): string {
  return count === 1 ? "one process" : "two processes";
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[figures.length >> 1] ??
    NaN;
}
