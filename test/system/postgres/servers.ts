/**
 * Two servers on one PostgreSQL: what happens at one holds at the other at
 * once, and so does what the command line does. And how they start, or say in
 * one line why not.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import type { Checks } from "../../support/checks.ts";
import {
  password,
  send,
  startSession,
  tokensOf,
} from "../../support/client.ts";
import {
  runOnejot,
  type ServerProcess,
  startServer,
} from "../../support/server_process.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { assertDiscreet, settingsOf, type Site, withSite } from "./site.ts";

const admin = "admin@example.org";
const ada = "ada@example.org";
const bob = "bob@example.org";
const eve = "eve@example.org";
const root = new URL("../../../", import.meta.url);

/** Runs all checks. */
export async function checkServers(
  checks: Checks,
  cluster: Cluster,
): Promise<void> {
  await checks.check(
    "two servers on one database print no secret and no fault",
    async () => {
      await withSite(cluster, [admin, ada, bob, eve], async (site) => {
        await checkPair(checks, site);
        await checkCommands(checks, site);
      });
    },
  );
  await checkStarts(checks, cluster);
  await checkRefusals(checks, cluster);
  await checks.check(
    "what PostgreSQL says of a row is not answered, logged or printed",
    () => {
      return checkDetail(cluster);
    },
  );
  await checks.check("TLS to the database is as its URL says", checkTls);
}

async function checkPair(checks: Checks, { a, b, query }: Site): Promise<void> {
  await checks.check(
    "who logs in at A is known at B, refreshes there, and logs out at A",
    async () => {
      const login = await startSession(a, ada);
      await assertKnown(b, login.token);
      const form = { refresh_token: login.refreshToken };
      const refreshed = tokensOf(await send(b, "POST /refresh", { form }));
      for (const server of [a, b]) await assertKnown(server, refreshed.token);
      assert.equal(
        (await send(a, "POST /logout", { token: refreshed.token })).status,
        204,
      );
      for (const server of [b, a]) {
        await assertRefused(server, login.token);
        await assertRefused(server, refreshed.token);
        await assertRefreshRefused(server, refreshed.refreshToken);
      }
    },
  );
  await checks.check(
    "of many who refresh one token at both, no two go on",
    async () => {
      const { refreshToken } = await startSession(a, ada);
      const form = { refresh_token: refreshToken };
      const asked = Array.from({ length: 30 }, (_, index) => {
        return send(index % 2 === 0 ? a : b, "POST /refresh", { form });
      });
      const given = (await Promise.all(asked)).map(tokensOf);
      assert.equal(new Set(given.map((each) => each.refreshToken)).size, 30);
      const uses = given.map((tokens, index) => {
        const form = { refresh_token: tokens.refreshToken };
        return send(index % 2 === 0 ? b : a, "POST /refresh", { form });
      });
      const statuses = (await Promise.all(uses)).map(({ status }) => status);
      assert.ok(statuses.filter((status) => status === 200).length <= 1);
      for (const { token } of given) await assertRefused(a, token);
    },
  );
  await checks.check(
    "failed logins at A make the next one wait at B",
    async () => {
      const headers = { "x-forwarded-for": "192.0.2.1" };
      const wrong = { form: { email: eve, password: "wrong" }, headers };
      const statuses: number[] = [];
      for (let count = 0; count < 9; count++) {
        statuses.push((await send(a, "POST /login", wrong)).status);
      }
      assert.deepEqual(statuses.slice(0, 5), [400, 400, 400, 400, 400]);
      assert.equal(statuses.at(-1), 429);
      // Or a slow machine lets the wait go by.
      query("UPDATE throttle SET failures = 12");
      const right = await send(b, "POST /login", {
        form: { email: eve, password },
        headers,
      });
      assert.equal(right.status, 429);
      assert.match(right.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
      query("DELETE FROM throttle");
    },
  );
  await checks.check(
    "who signs in at A with a browser is signed in at B, and out",
    async () => {
      // The host of both, as a proxy in front of them hands it on.
      const host = "localhost:8080";
      const headers = { "sec-fetch-site": "same-origin", host };
      const form = { email: bob, password };
      const { status, headers: answered } = await send(a, "POST /signin", {
        form,
        headers,
      });
      assert.equal(status, 303);
      const [cookie = ""] = (answered.get("set-cookie") ?? "").split(";");
      const sent = { headers: { ...headers, cookie } };
      const visit = await send(b, "GET /forward-auth", sent);
      assert.deepEqual([visit.status, visit.headers.get("x-auth-email")], [
        200,
        bob,
      ]);
      assert.equal((await send(b, "POST /signout", sent)).status, 303);
      assert.equal((await send(a, "GET /forward-auth", sent)).status, 401);
    },
  );
  await checks.check(
    "a new password at A ends all sessions at B, and begins one",
    async () => {
      const own = await startSession(a, bob);
      const other = await startSession(b, bob);
      const form = { password, new_password: "another password" };
      const begun = tokensOf(
        await send(a, "POST /password", { token: own.token, form }),
      );
      await assertKnown(b, begun.token);
      for (const ended of [own, other]) {
        await assertRefused(b, ended.token);
        await assertRefreshRefused(b, ended.refreshToken);
      }
      assert.equal(
        (await send(b, "POST /login", { form: { email: bob, password } }))
          .status,
        400,
      );
      await startSession(b, bob, { password: "another password" });
    },
  );
  await checks.check(
    "whom an administrator disables at A is out at B",
    async () => {
      const { token } = await startSession(a, admin);
      const login = await startSession(b, ada);
      const target = `PATCH /users/${login.userId}`;
      assert.equal(
        (await send(a, target, { token, json: { is_disabled: true } })).status,
        200,
      );
      await assertRefused(b, login.token);
      assert.equal(
        (await send(b, "POST /login", { form: { email: ada, password } }))
          .status,
        400,
      );
      assert.equal(
        (await send(b, target, { token, json: { is_disabled: false } })).status,
        200,
      );
      await assertRefused(a, login.token);
      await startSession(a, ada);
    },
  );
  await checks.check(
    "of many accounts with one address, asked for at both, one is made",
    async () => {
      const { token } = await startSession(a, admin);
      const json = { email: "New@Example.org", password };
      const asked = Array.from({ length: 20 }, (_, index) => {
        return send(index % 2 === 0 ? a : b, "POST /users", { token, json });
      });
      const statuses = (await Promise.all(asked)).map(({ status }) => status)
        .sort();
      assert.deepEqual(statuses, [
        201,
        ...Array.from({ length: 19 }, () => 409),
      ]);
      for (const { stdout } of [a.output, b.output]) {
        assert.ok(!/new@example/i.test(stdout));
      }
    },
  );
  await checks.check(
    "the metrics of both have the database's count of sessions",
    async () => {
      const [count = ""] = query("SELECT count(*) FROM sessions");
      assert.ok(Number(count) > 2);
      for (const server of [a, b]) {
        const { text } = await send(server, "GET /metrics");
        assert.equal(/^onejot_sessions (\d+)$/m.exec(text)?.[1], count);
      }
    },
  );
}

async function checkCommands(
  checks: Checks,
  { a, b, variables, query }: Site,
): Promise<void> {
  const run = async (...args: readonly string[]) => {
    const finished = await runOnejot(args, variables, "a third password\n");
    assert.deepEqual([finished.code, finished.stderr], [0, ""]);
    return finished.stdout;
  };
  const carl = "carl@example.org";
  const now = { password: "a third password" };
  await checks.check(
    "user add, list, disable, enable, passwd and sessions hold at both",
    async () => {
      assert.match(
        await run("user", "add", carl, "--admin"),
        /^Added user \d+: carl@/,
      );
      const login = await startSession(a, carl, now);
      assert.match(
        await run("user", "list"),
        /^1 {2}admin@.*\n2 {2}ada@[^]*\d {2}carl@.*administrator\n$/m,
      );
      const listed = await run("user", "sessions", carl);
      assert.match(
        listed,
        new RegExp(`^${login.sid} {2}since .* {2}127\\.0\\.0\\.1 {2}.*\\n$`),
      );
      assert.equal(
        await run("user", "disable", carl),
        `${carl} is disabled, and its sessions ended.\n`,
      );
      for (const server of [a, b]) await assertRefused(server, login.token);
      assert.equal(await run("user", "enable", carl), `${carl} is enabled.\n`);
      const again = await startSession(b, carl, now);
      await run("user", "passwd", carl);
      for (const server of [a, b]) await assertRefused(server, again.token);
      await startSession(a, carl, now);
      query("UPDATE users SET is_admin = 0 WHERE id > 1");
      const last = await runOnejot(["user", "disable", admin], variables);
      assert.equal(last.code, 1);
      assert.match(last.stderr, /last enabled administrator/);
      const twice = await runOnejot(["user", "add", carl], variables, password);
      assert.deepEqual([twice.code, twice.stderr], [
        1,
        `There is an account ${carl} already.\n`,
      ]);
    },
  );
  await checks.check(
    "backup says that pg_dump is the way, and makes no file",
    async () => {
      const file = `/tmp/onejot-${crypto.randomUUID()}`;
      const { code, stdout, stderr } = await runOnejot(
        ["backup", file],
        variables,
      );
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /^[^\n]*pg_dump[^\n]*\n$/);
      assert.ok(!existsSync(file));
    },
  );
}

async function checkStarts(checks: Checks, cluster: Cluster): Promise<void> {
  await checks.check(
    "two servers that start at once on an empty database both come up",
    async () => {
      for (let round = 0; round < 5; round++) {
        const variables = settingsOf(cluster.createDatabase());
        const starting = await Promise.allSettled([
          startServer(variables),
          startServer(variables),
        ]);
        const servers = starting.flatMap((start) =>
          start.status === "fulfilled" ? [start.value] : []
        );
        const ready = await Promise.all(
          servers.map((server) => send(server, "GET /readyz")),
        );
        await Promise.all(servers.map((server) => server.stop()));
        assert.deepEqual(ready.map(({ status }) => status), [200, 200]);
        for (const { output: { stderr } } of servers) assert.equal(stderr, "");
      }
    },
  );
  await checks.check(
    "a database that is newer than the program is refused, and kept",
    async () => {
      const url = cluster.createDatabase();
      assert.equal(
        (await runOnejot(["user", "list"], settingsOf(url))).code,
        0,
      );
      cluster.query(url, "UPDATE onejot_schema SET version = version + 1");
      const reason = refusalOf(url);
      assert.equal(
        reason,
        "Cannot use PostgreSQL: the database is newer than this program.\n",
      );
    },
  );
}

async function checkRefusals(checks: Checks, cluster: Cluster): Promise<void> {
  const url = cluster.createDatabase();
  const cases: readonly [
    sentence: string,
    change: (url: URL) => void,
    reason: RegExp,
  ][] = [
    ["a wrong password", (url) => url.password = "sesame-open", /password/],
    [
      "a database that is not there",
      (url) => url.pathname = "/nowhere",
      /does not exist/,
    ],
    ["a port where nobody listens", (url) => url.port = "1", /./],
    [
      "a host that is not there",
      (url) => url.hostname = "nowhere.invalid",
      /./,
    ],
    [
      "TLS that the server does not have",
      (url) => url.search = "?sslmode=require",
      /./,
    ],
  ];
  for (const [sentence, change, reason] of cases) {
    await checks.check(
      `${sentence} is told in one line, without the URL's password`,
      (note) => {
        const changed = new URL(url);
        change(changed);
        const line = refusalOf(changed.href);
        note(line.trim());
        assert.match(line, reason);
      },
    );
  }
  await checks.check(
    "on Deno a start says in one line what it needs for PostgreSQL",
    () => {
      const refusal = start(["deno", "run", "--allow-all"], url);
      assert.match(refusal, /^PostgreSQL needs Bun here[^\n]*\n$/);
    },
  );
}

/**
 * A trigger stands for whatever PostgreSQL has to say of a row: onejot leads it
 * to nothing such.
 */
async function checkDetail(cluster: Cluster): Promise<void> {
  const url = cluster.createDatabase();
  const { code } = await runOnejot(
    ["user", "add", admin, "--admin"],
    settingsOf(url),
    password,
  );
  assert.equal(code, 0);
  cluster.query(
    url,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION USING ERRCODE = '23505', MESSAGE = NEW.email, DETAIL = NEW.email; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
  const server = await startServer(settingsOf(url));
  try {
    const { token } = await startSession(server, admin);
    const answer = await send(server, "POST /users", {
      token,
      json: { email: ada, password },
    });
    assert.deepEqual([answer.status, answer.body], [500, {
      message: "Internal server error",
    }]);
  } finally {
    assert.equal(await server.stop(), 0);
  }
  assert.match(server.output.stdout, /"fault":"PostgresError 23505"/);
  assertDiscreet(server.output.stdout + server.output.stderr, [url, ada]);
  const { stdout, stderr } = await runOnejot(
    ["user", "add", ada],
    settingsOf(url),
    password,
  );
  assert.deepEqual([stdout, stderr], [
    "",
    "Cannot use PostgreSQL: SQLSTATE 23505.\n",
  ]);
}

async function checkTls(): Promise<void> {
  const cluster = await startCluster({ tls: true });
  try {
    const url = cluster.createDatabase();
    const server = await startServer(settingsOf(`${url}?sslmode=require`));
    assert.equal((await send(server, "GET /readyz")).status, 200);
    const connections = cluster.query(
      url,
      `SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    await server.stop();
    assert.ok(connections.length > 0);
    for (const ssl of connections) assert.equal(ssl, "t");
    assert.match(refusalOf(`${url}?sslmode=verify-full`), /self.signed/i);
  } finally {
    cluster.remove();
  }
}

/**
 * Starts a server that must refuse to, and gives the one line that it prints.
 */
function refusalOf(url: string): string {
  const refusal = start(["bun"], url);
  assert.match(refusal, /^Cannot use PostgreSQL: [^\n]+\.\n$/);
  assertDiscreet(refusal, [url, "127.0.0.1", "postgres:"]);
  return refusal;
}

function start(
  [runtime = "", ...args]: readonly string[],
  url: string,
): string {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr } = spawnSync(runtime, [
    ...args,
    "src/main.ts",
  ], {
    env: { PATH, HOME, ...settingsOf(url), HOST: "127.0.0.1", PORT: "0" },
    cwd: root,
    encoding: "utf8",
    timeout: 15_000,
  });
  assert.deepEqual([status, stdout], [1, ""]);
  return stderr;
}

async function assertKnown(
  server: ServerProcess,
  token: string,
): Promise<void> {
  const { status, text } = await send(server, "GET /get-user", { token });
  assert.equal(status, 200, text);
}

async function assertRefused(
  server: ServerProcess,
  token: string,
): Promise<void> {
  const { status, body } = await send(server, "GET /get-user", { token });
  assert.deepEqual([status, body], [400, { message: "Token is invalid" }]);
}

async function assertRefreshRefused(
  server: ServerProcess,
  refreshToken: string,
): Promise<void> {
  const form = { refresh_token: refreshToken };
  const { status, body } = await send(server, "POST /refresh", { form });
  assert.deepEqual([status, body], [400, { message: "Token is invalid" }]);
}
