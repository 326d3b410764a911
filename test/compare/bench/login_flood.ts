/**
 * What a flood of logins does to everybody else: one client calls /get-user
 * with 10,000 distinct tokens, first while nothing else happens, then while 50
 * wrong logins are in flight from 50 addresses through a trusted proxy. Prints
 * the 50th and 99th percentile of both, and their ratio. FLOOD sets another
 * number of logins in flight; --quick takes 500 tokens.
 *
 *   bun test/compare/bench/login_flood.ts
 *   deno run --allow-all test/compare/bench/login_flood.ts
 */

import { Agent, request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { importKey, sign } from "../../../src/jwt/jwt.ts";
import {
  logIn,
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";
import { pause } from "../../support/wait.ts";

const tokenCount = process.argv.includes("--quick") ? 500 : 10_000;
const floodSize = Number(process.env["FLOOD"] ?? 50);
const email = "ada@example.org";
const password = "correct horse battery staple";

await withFolder(async (folder) => {
  await measure({
    JWT_SECRET: testSecret,
    DATABASE_URL: `sqlite:${join(folder, "accounts.sqlite")}`,
    TRUSTED_PROXIES: "127.0.0.1",
  });
});

async function measure(
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const added = await runOnejot(
    ["user", "add", email],
    variables,
    `${password}\n`,
  );
  if (added.code !== 0) throw new Error(added.stderr);
  await withServer(variables, async (server) => {
    const tokens = await makeTokens(await logIn(server, email, password));
    // Warms both ends.
    await callAll(server.port, tokens.slice(0, tokenCount / 10));
    const idle = await callAll(server.port, tokens);
    const flood = startFlood(server.port);
    await pause(1000); // the queue fills
    const flooded = await callAll(server.port, tokens);
    const outcomes = await flood.stop();
    const runtime = "Bun" in globalThis ? "Bun" : "Deno";
    console.log(`${runtime}, ${tokens.length} tokens; times in milliseconds`);
    console.log(`idle      ${describe(idle)}`);
    console.log(`flooded   ${describe(flooded)}`);
    console.log(
      `p99 ratio ${
        (percentile(flooded, 99) / percentile(idle, 99)).toFixed(2)
      }`,
    );
    console.log(`the flood's answers by status: ${JSON.stringify(outcomes)}`);
  });
}

/** Distinct tokens of the session that this one names. */
async function makeTokens(token: string): Promise<string[]> {
  const key = await importKey(new TextEncoder().encode(testSecret));
  const { sid } = JSON.parse(atob(token.split(".")[1] ?? ""));
  const exp = Math.floor(Date.now() / 1000) + 900;
  return await Promise.all(Array.from({ length: tokenCount }, (_, index) => {
    return sign({ sub: "1", user_id: 1, sid, exp, jti: String(index) }, key);
  }));
}

/** Calls one after the other and returns the milliseconds that each took. */
async function callAll(
  port: number,
  tokens: readonly string[],
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (const token of tokens) {
    const start = performance.now();
    const headers = { authorization: `Bearer ${token}` };
    const status = await send(port, { path: "/get-user", headers, agent });
    if (status !== 200) throw new Error(`/get-user answered ${status}.`);
    times.push(performance.now() - start);
  }
  agent.destroy();
  return times.sort((one, other) => one - other);
}

/**
 * Keeps logins in flight, each with an address of its own and an account that
 * nobody has.
 */
function startFlood(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: floodSize });
  const outcomes: Record<number, number> = {};
  let isOver = false;
  let attempts = 0;
  const flood = async (address: string) => {
    while (!isOver) {
      const body =
        `email=nobody${attempts++}@example.org&password=wrong-password`;
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-forwarded-for": address,
      };
      const status = await send(port, {
        method: "POST",
        path: "/login",
        headers,
        agent,
      }, body);
      outcomes[status] = (outcomes[status] ?? 0) + 1;
    }
  };
  const floods = Array.from(
    { length: floodSize },
    (_, index) => flood(`192.0.2.${index + 1}`),
  );
  return {
    async stop() {
      isOver = true;
      await Promise.all(floods);
      agent.destroy();
      return outcomes;
    },
  };
}

function send(port: number, options: object, body = ""): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port, ...options },
      (response) => {
        response.resume().once("end", () => resolve(response.statusCode ?? 0));
      },
    );
    sent.once("error", reject).end(body);
  });
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))
  ] ?? NaN;
}

function describe(sorted: readonly number[]): string {
  const [half, most] = [percentile(sorted, 50), percentile(sorted, 99)];
  return `p50 ${half.toFixed(3)}  p99 ${most.toFixed(3)}`;
}
