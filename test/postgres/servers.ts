/**
 * Two servers on one PostgreSQL, as a balancer would spread its clients: what happens at one holds at
 * the other, and at the command line. And how a start fails, and what is never said then.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import type { Checks } from "../image/checks.ts";
import { password, send, startSession } from "../serve/client.ts";
import {
  runOnejot,
  type ServerProcess,
  startServer,
  testSecret,
  type Variables,
} from "../serve/server_process.ts";
import { type Cluster, startCluster } from "./cluster.ts";

/** Two servers, and their settings. */
interface Pair {
  readonly a: ServerProcess;
  readonly b: ServerProcess;
  readonly variables: Variables;
}

const ada = "ada@example.org";
const bob = "bob@example.org";

/** Runs all checks, each pair of servers on a database of its own. */
export async function checkServers(
  checks: Checks,
  cluster: Cluster,
): Promise<void> {
  const check = (sentence: string, act: (pair: Pair) => Promise<void>) =>
    checks.check(sentence, () => withPair(cluster, act));
  await check(
    "who logs in at A is known to B, refreshes there, and is logged out everywhere by A",
    shareSession,
  );
  await check("failed logins at A make the next one wait at B", shareThrottle);
  await check(
    "a new password and a disabled account at A hold at B at once",
    shareAccounts,
  );
  await check("a cookie that A gives is known to B", shareCookie);
  await check(
    "what the command line changes holds at both servers",
    useCommands,
  );
  await check("one count of sessions is in the metrics of both", shareMetrics);
  await checks.check(
    "two servers that start at once on an empty database both come up",
    async () => {
      for (let round = 0; round < 3; round++) {
        const variables = settingsOf(cluster.createDatabase());
        const servers = await Promise.all([
          startServer(variables),
          startServer(variables),
        ]);
        for (const server of servers) {
          assert.equal((await send(server, "GET /readyz")).status, 200);
          await server.stop();
        }
      }
    },
  );
  await checks.check(
    "a database that is newer than the program is refused in one line",
    async () => {
      const url = cluster.createDatabase();
      assert.equal(
        (await runOnejot(["user", "list"], settingsOf(url))).code,
        0,
      );
      cluster.query(url, "UPDATE onejot_schema SET version = 99");
      const { code, stderr } = await runOnejot([], settingsOf(url));
      assert.deepEqual(
        [code, stderr],
        [
          1,
          "Cannot use PostgreSQL: the database is newer than this program.\n",
        ],
      );
    },
  );
  await checks.check(
    "a start that fails says so in one line, without the URL's password",
    async () => {
      const url = new URL(cluster.createDatabase());
      const { password: right } = url;
      const wrong = (change: (url: URL) => void) => {
        const changed = new URL(url);
        change(changed);
        return changed.href;
      };
      for (
        const broken of [
          wrong((url) => url.password = "wrong-password"),
          wrong((url) => url.pathname = "/nowhere"),
          wrong((url) => url.port = "1"),
          wrong((url) => url.search = "?sslmode=require"), // which this server has not
        ]
      ) {
        const { code, stdout, stderr } = await runOnejot(
          [],
          settingsOf(broken),
        );
        assert.equal(code, 1, broken);
        assert.match(stderr, /^Cannot use PostgreSQL: [^\n]+\.\n$/);
        for (const secret of [right, "wrong-password", "127.0.0.1"]) {
          assert.ok(!(stdout + stderr).includes(secret), stderr);
        }
      }
    },
  );
  await checks.check(
    "on Deno a start says in one line what PostgreSQL needs",
    () => {
      const command = ["run", "--allow-all", "src/main.ts"];
      const env = { ...process.env, ...settingsOf(cluster.createDatabase()) };
      const { status, stderr } = spawnSync("deno", command, {
        env,
        encoding: "utf8",
      });
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^PostgreSQL needs Bun here: [^\n]+ onejot\/postgres\.\n$/,
      );
    },
  );
  await checks.check(
    "what PostgreSQL says of a row is not printed by a command that fails",
    async () => {
      const url = cluster.createDatabase();
      assert.equal((await runOnejot(["user", "list"], settingsOf(url))).code, 0);
      cluster.query(url, "ALTER TABLE users ADD CONSTRAINT short CHECK (length(email) < 5)");
      const add = ["user", "add", ada];
      const { code, stdout, stderr } = await runOnejot(add, settingsOf(url), `${password}\n`);
      assert.deepEqual([code, stdout, stderr], [1, "", "Cannot use PostgreSQL: SQLSTATE 23514.\n"]);
    },
  );
  await checks.check(
    "TLS to the database is by the parameters of its URL",
    () => useTls(),
  );
}

async function withPair(
  cluster: Cluster,
  act: (pair: Pair) => Promise<void>,
): Promise<void> {
  const url = cluster.createDatabase();
  const variables = settingsOf(url);
  for (const args of [[ada, "--admin"], [bob]]) {
    const { code, stderr } = await runOnejot(
      ["user", "add", ...args],
      variables,
      `${password}\n`,
    );
    assert.equal(code, 0, stderr);
  }
  const [a, b] = await Promise.all([
    startServer(variables),
    startServer(variables),
  ]);
  try {
    await act({ a, b, variables });
    for (const { output } of [a, b]) {
      const printed = output.stdout + output.stderr;
      for (const secret of [new URL(url).password, "eyJ", ada]) {
        assert.ok(!printed.includes(secret), printed);
      }
      assert.doesNotMatch(printed, /"status":5/);
    }
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

export function settingsOf(url: string): Variables {
  const common = {
    JWT_SECRET: testSecret,
    PASSWORD_ITERATIONS: "10000",
    HOST: "127.0.0.1",
  };
  return { ...common, PORT: "0", DATABASE_URL: url };
}

async function shareSession({ a, b }: Pair): Promise<void> {
  const { token, refreshToken } = await startSession(a, ada);
  assert.equal((await send(b, "GET /get-user", { token })).status, 200);
  const refreshed = await send(b, "POST /refresh", {
    form: { refresh_token: refreshToken },
  });
  assert.equal(refreshed.status, 200);
  const again = String(refreshed.body["token"]);
  assert.equal((await send(a, "GET /get-user", { token: again })).status, 200);
  assert.equal((await send(a, "POST /logout", { token: again })).status, 204);
  for (const gone of [token, again]) {
    assert.equal((await send(b, "GET /get-user", { token: gone })).status, 400);
  }
  const spent = {
    form: { refresh_token: String(refreshed.body["refresh_token"]) },
  };
  assert.equal((await send(b, "POST /refresh", spent)).status, 400);
}

async function shareThrottle({ a, b }: Pair): Promise<void> {
  const form = { email: bob, password: "wrong password" };
  for (let count = 0; count < 8; count++) {
    const { status } = await send(a, "POST /login", { form });
    if (status === 429) break;
    assert.equal(status, 400);
  }
  const { status, headers } = await send(b, "POST /login", {
    form: { email: bob, password },
  });
  assert.equal(status, 429);
  assert.match(headers.get("retry-after") ?? "", /^\d+$/);
}

async function shareAccounts({ a, b }: Pair): Promise<void> {
  const admin = await startSession(a, ada);
  const [first, second] = [
    await startSession(b, bob),
    await startSession(b, bob),
  ];
  const form = { password, new_password: "another battery staple" };
  assert.equal(
    (await send(a, "POST /password", { token: first.token, form })).status,
    204,
  );
  assert.equal(
    (await send(b, "GET /get-user", { token: first.token })).status,
    200,
  );
  assert.equal(
    (await send(b, "GET /get-user", { token: second.token })).status,
    400,
  );
  const json = { is_disabled: true };
  const changed = await send(a, `PATCH /users/${first.userId}`, {
    token: admin.token,
    json,
  });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(
    (await send(b, "GET /get-user", { token: first.token })).status,
    400,
  );
}

async function shareCookie({ a, b }: Pair): Promise<void> {
  const headers = { "sec-fetch-site": "same-origin" };
  const signedIn = await send(a, "POST /signin", {
    form: { email: bob, password },
    headers,
  });
  const [cookie = ""] = (signedIn.headers.get("set-cookie") ?? "").split(";");
  const asked = await send(b, "GET /forward-auth", { headers: { cookie } });
  assert.deepEqual([asked.status, asked.headers.get("x-auth-email")], [
    200,
    bob,
  ]);
}

async function useCommands({ a, b, variables }: Pair): Promise<void> {
  const { token } = await startSession(a, bob);
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runOnejot(
      args,
      variables,
      "a third battery staple\n",
    );
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.match(
    await run("user", "list"),
    /^1 .*ada@.*administrator\n2 .*bob@.*\n$/,
  );
  assert.match(
    await run("user", "sessions", bob),
    /^[\w-]{22} {2}since .*127\.0\.0\.1/,
  );
  await run("user", "disable", bob);
  for (const server of [a, b]) {
    assert.equal((await send(server, "GET /get-user", { token })).status, 400);
  }
  await run("user", "enable", bob);
  await run("user", "passwd", bob);
  await startSession(b, bob, { password: "a third battery staple" });
  const { code, stderr } = await runOnejot(
    ["backup", "/tmp/never.sqlite"],
    variables,
  );
  assert.equal(code, 1);
  assert.match(stderr, /^[^\n]*pg_dump[^\n]*\n$/);
  const last = await runOnejot(["user", "disable", ada], variables);
  assert.deepEqual([
    last.code,
    last.stderr.includes("last enabled administrator"),
  ], [1, true]);
}

async function shareMetrics({ a, b }: Pair): Promise<void> {
  await startSession(a, ada);
  await startSession(b, bob);
  for (const server of [a, b]) {
    assert.match(
      (await send(server, "GET /metrics")).text,
      /^onejot_sessions 2$/m,
    );
  }
}

async function useTls(): Promise<void> {
  const secure = await startCluster({ tls: true });
  try {
    const url = secure.createDatabase();
    const required = settingsOf(`${url}?sslmode=require`);
    assert.equal((await runOnejot(["user", "list"], required)).code, 0);
    const server = await startServer(required);
    const query = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) " +
      "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    const connections = secure.query(url, query);
    await server.stop();
    assert.ok(
      connections.length > 0 && connections.every((ssl) => ssl === "t"),
      connections.join(),
    );
    const verified = await runOnejot(
      ["user", "list"],
      settingsOf(`${url}?sslmode=verify-full`),
    );
    assert.equal(verified.code, 1); // by a certificate that nobody has vouched for
    assert.match(verified.stderr, /^Cannot use PostgreSQL: [^\n]+\n$/);
  } finally {
    secure.remove();
  }
}
