/**
 * GET /metrics of the whole server: what is counted, each thing once; who may
 * read it; and that nothing a client sends is in it or makes it grow. The
 * format is held in test/unit/http/metrics.test.ts.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createApp } from "../../../src/server/app.ts";
import type { TokenRefusal } from "../../../src/auth/auth.ts";
import { createLog } from "../../../src/http/http.ts";
import { generateKey } from "../../../src/jwt/jwt.ts";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import { slots } from "../../support/hashers.ts";
import { slowTest } from "../../support/slow_test.ts";
import { withClock } from "../../support/clock.ts";
import {
  makeServer,
  password as passwordHere,
  type Server,
} from "../../support/site.ts";
import { type Family, readExposition } from "../../support/exposition.ts";
import { makeRequest, wireRequest } from "../../support/send.ts";
import { forge, otherSecret } from "../../spec/vectors/forge.ts";
import {
  password,
  routesOfServer,
  send,
  startSession,
  withAccounts,
} from "../../support/client.ts";
import {
  sendRaw,
  type ServerProcess,
  startServer,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { pause } from "../../support/wait.ts";
import packageJson from "../../../package.json" with { type: "json" };

const [admin, ada] = ["admin@example.org", "ada@example.org"] as const;
const mediaType = "text/plain; version=0.0.4; charset=utf-8";
const families = [
  "counter onejot_http_requests_total method route status",
  "histogram onejot_http_request_duration_seconds route",
  "counter onejot_logins_total outcome",
  "counter onejot_refresh_repeats_total outcome",
  "counter onejot_tokens_refused_total code",
  "gauge onejot_build_info version runtime runtime_version",
  "gauge process_start_time_seconds",
  "gauge process_resident_memory_bytes",
  "counter onejot_log_lines_dropped_total",
  "gauge onejot_hashing_waiting",
  "gauge onejot_sessions",
];

/** How a login can end. */
const loginOutcomes = [
  "right",
  "wrong",
  "throttled",
  "locked",
  "busy",
  "malformed",
  "failed",
];

/**
 * Codes for which no access token is refused, as the policy does not ask for
 * what they are about.
 */
type Unasked = "typ" | "issuer" | "issued_in_future" | "too_old";

type Counts = Readonly<Record<string, number>>;

/** What a scrape shows. */
interface Shown {
  readonly text: string;
  /** By method, route and status. */
  readonly requests: Counts;
  /** By route: how many durations, and their sum in seconds. */
  readonly durations: Readonly<
    Record<string, { readonly count: number; readonly sum: number }>
  >;
  readonly logins: Counts;
  /** Refused tokens by code. */
  readonly refused: Counts;
  readonly waiting: number;
  readonly sessions: number;
}

slowTest(
  "a scrape over HTTP shows the eleven metrics, and is no page that may be stored or guessed at",
  async () => {
    await withAccounts([], async ({ variables }) => {
      await withServer(variables, async (server) => {
        const { status, headers, text } = await send(server, "GET /metrics");
        assert.deepEqual([status, headers.get("content-type")], [
          200,
          mediaType,
        ]);
        assert.equal(headers.get("cache-control"), "no-store");
        assert.equal(headers.get("x-content-type-options"), "nosniff");
        assert.deepEqual(readMetrics(text), {
          text,
          requests: {},
          durations: {},
          logins: {},
          refused: {},
          waiting: 0,
          sessions: 0,
        });
        assert.deepEqual((await scrape(server)).requests, {
          "GET /metrics 200": 1,
        });
        const head = await send(server, "HEAD /metrics");
        assert.deepEqual([head.status, head.text], [200, ""]);
      });
    });
  },
);

test("each series of a closed set is there with 0 before its first event", async () => {
  const server = await makeServer();
  const { text } = await scrapeHere(server);
  const shown = text.split("\n").filter((line) => line.endsWith(" 0"));
  const codes = closedSets["code"] ?? [];
  assert.deepEqual(
    shown.filter((line) => line.includes("{")).sort(),
    [
      ...loginOutcomes.map((word) =>
        `onejot_logins_total{outcome="${word}"} 0`
      ),
      'onejot_refresh_repeats_total{outcome="repeated"} 0',
      'onejot_refresh_repeats_total{outcome="reused"} 0',
      ...codes.map((word) => `onejot_tokens_refused_total{code="${word}"} 0`),
    ].sort(),
  );
  assert.equal(new Set(shown).size, shown.length);
});

test("a scrape says what runs, since when, and in how much memory", async () => {
  const server = await makeServer();
  const families = readExposition((await scrapeHere(server)).text);
  const valueOf = (name: string) =>
    families.find((family) => family.name === name)?.samples[0]?.value ?? NaN;
  const started = valueOf("process_start_time_seconds");
  const now = Date.now() / 1000;
  assert.ok(started > now - 3600 && started <= now, String(started));
  assert.ok(valueOf("process_resident_memory_bytes") > 1_000_000);
  const { version } = packageJson;
  const name = process.versions["bun"] === undefined ? "deno" : "bun";
  assert.deepEqual(
    families.find((family) => family.name === "onejot_build_info")?.samples,
    [{
      name: "onejot_build_info",
      labels: {
        version,
        runtime: name,
        runtime_version: process.versions[name],
      },
      value: 1,
    }],
  );
});

test("lines that the log has dropped are counted", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const log = createLog(() => promise, "json");
  const { fetch } = createApp({
    store: openSqlite(":memory:"),
    key: await generateKey(),
    log,
  });
  log.write({ text: "x".repeat(5_000_000) });
  log.flush();
  log.write({ text: "x".repeat(5_000_000) });
  for (let line = 0; line < 7; line++) log.write({ line });
  const request = wireRequest("GET", "http://127.0.0.1/metrics", "127.0.0.1");
  const text = await (await fetch(request, "127.0.0.1")).text();
  assert.match(text, /^onejot_log_lines_dropped_total 7$/m);
  resolve();
});

slowTest(
  "the requests that a scrape counts by method, route and status are exactly those there were",
  async () => {
    await withAccounts([admin, ada], async ({ variables }) => {
      await withServer(variables, async (server) => {
        const begun = performance.now();
        const { token, refreshToken } = await startSession(server, admin);
        const counted: Record<string, number> = { "POST /login 200": 1 };
        const table:
          readonly (readonly [count: number, line: string, counted: string])[] =
            [
              [4, "GET /healthz", "GET /healthz 200"],
              [3, "HEAD /healthz?x", "HEAD /healthz 200"],
              [2, "GET /readyz", "GET /readyz 200"],
              [5, "GET /get-user", "GET /get-user 200"],
              [1, "GET /users/1", "GET /users/:id 200"],
              [1, "GET /users/2", "GET /users/:id 200"],
              [1, "GET /users/3", "GET /users/:id 404"],
              [1, "GET /users/%", "GET /users/:id 400"],
              [2, "PATCH /users/2", "PATCH /users/:id 415"],
              [1, "DELETE /sessions/x", "DELETE /sessions/:id 404"],
              [1, "GET /sessions", "GET /sessions 200"],
              [3, "GET /users/", "GET none 404"],
              [1, "GET /metrics/", "GET none 404"],
              [2, "POST /healthz", "POST none 405"],
              [1, "DELETE /users/1", "DELETE none 405"],
              [2, "OPTIONS /users/1", "OPTIONS none 204"],
            ];
        for (const [count, line, name] of table) {
          for (let time = 0; time < count; time++) {
            await send(server, line, { token });
          }
          counted[name] = (counted[name] ?? 0) + count;
        }
        await send(server, "GET /get-user");
        await send(server, "POST /refresh", {
          form: { refresh_token: refreshToken },
        });
        await send(server, "POST /login", {
          json: { email: ada, password: "wrong" },
        });
        await sendRaw(
          server.port,
          "PROPFIND /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        );
        Object.assign(counted, {
          "GET /get-user 401": 1,
          "POST /refresh 200": 1,
        });
        Object.assign(counted, { "POST /login 400": 1, "other none 405": 1 });
        const { requests, durations } = await scrape(server);
        assert.deepEqual(requests, counted);
        const byRoute: Record<string, number> = {};
        for (const [name, count] of Object.entries(counted)) {
          const [, route = ""] = name.split(" ");
          byRoute[route] = (byRoute[route] ?? 0) + count;
        }
        const counts = Object.entries(durations).map((
          [route, { count }],
        ) => [route, count]);
        assert.deepEqual(Object.fromEntries(counts), byRoute);
        const sum = Object.values(durations).reduce(
          (sum, duration) => sum + duration.sum,
          0,
        );
        const seconds = (performance.now() - begun) / 1000;
        assert.ok(sum > 0 && sum < seconds, `${sum} of ${seconds}`);
        const again = await scrape(server);
        assert.deepEqual(again.requests, { ...counted, "GET /metrics 200": 1 });
      });
    });
  },
);

for (const AUTH_STATUS of ["tutorial", "rfc6750"]) {
  const wrong = AUTH_STATUS === "tutorial" ? 400 : 401;
  slowTest(
    `each login counts once as what came of it, where a wrong one is ${wrong}`,
    async () => {
      await withAccounts([admin, ada], async ({ variables, path }) => {
        await withServer({ ...variables, AUTH_STATUS }, async (server) => {
          assert.deepEqual((await scrape(server)).logins, {});
          for (let time = 0; time < 2; time++) await startSession(server, ada);
          const { token, refreshToken } = await startSession(server, ada);
          await send(server, "POST /refresh", {
            form: { refresh_token: refreshToken },
          });
          await send(server, "POST /refresh", { form: { refresh_token: "x" } });
          const change = {
            password: "wrong",
            new_password: "another password",
          };
          // It is no login.
          await send(server, "POST /password", { token, form: change });
          assert.deepEqual((await scrape(server)).logins, { right: 3 });
          const form = { email: ada, password: "wrong" };
          assert.equal(
            (await send(server, "POST /login", { form })).status,
            wrong,
          );
          assert.deepEqual((await scrape(server)).logins, {
            right: 3,
            wrong: 1,
          });
          for (const email of ["nobody@example.org", "no address", ""]) {
            const json = { email, password };
            assert.equal(
              (await send(server, "POST /login", { json })).status,
              wrong,
            );
          }
          const malformed = [
            { sent: { form: { email: ada } }, status: 400 },
            { sent: { form: { password } }, status: 400 },
            { sent: { json: { email: ada, password: 1 } }, status: 400 },
            { sent: { json: [] }, status: 400 },
            {
              sent: {
                body: "{",
                headers: { "content-type": "application/json" },
              },
              status: 400,
            },
            {
              sent: { body: "x", headers: { "content-type": "text/plain" } },
              status: 415,
            },
            {
              sent: { form: { email: ada, password: "x".repeat(100_000) } },
              status: 413,
            },
            { sent: {}, status: 400 },
          ];
          for (const { sent, status } of malformed) {
            assert.equal(
              (await send(server, "POST /login", sent)).status,
              status,
            );
          }
          const counted = { right: 3, wrong: 4, malformed: malformed.length };
          assert.deepEqual((await scrape(server)).logins, counted);
          breakUsers(path);
          assert.equal(
            (await send(server, "POST /login", { form })).status,
            500,
          );
          assert.equal(
            (await send(server, "POST /login", { form })).status,
            500,
          );
          await send(server, "GET /login");
          await send(server, "OPTIONS /login");
          assert.deepEqual((await scrape(server)).logins, {
            ...counted,
            failed: 2,
          });
        });
      });
    },
  );
}

test("a login that the throttle turns away counts as throttled, and no more as wrong", async () => {
  for (const refusalStatus of [400, 401] as const) {
    await withClock(async (clock) => {
      const server = await makeServer({ refusalStatus });
      await server.addUser(ada);
      const attempt = async (tried: string) =>
        (await server.tryPassword(ada, tried)).status;
      for (let time = 0; time < 5; time++) {
        assert.equal(await attempt("wrong"), refusalStatus);
      }
      for (let time = 0; time < 3; time++) {
        assert.equal(await attempt(passwordHere), 429);
      }
      assert.deepEqual((await scrapeHere(server)).logins, {
        wrong: 5,
        throttled: 3,
      });
      clock.advance(1);
      assert.equal(await attempt(passwordHere), 200);
      assert.deepEqual((await scrapeHere(server)).logins, {
        wrong: 5,
        throttled: 3,
        right: 1,
      });
    });
  }
});

test("a login of a disabled user, and one that overlaps with a change, count as wrong", async () => {
  const server = await makeServer({}, () => ({ addSession: () => false }));
  const { id } = await server.addUser(ada);
  assert.equal((await server.tryPassword(ada, passwordHere)).status, 400);
  await server.store.changeUser({
    id,
    change: { isDisabled: true },
    tokensFrom: 2,
    author: null,
  });
  assert.equal((await server.tryPassword(ada, passwordHere)).status, 400);
  assert.deepEqual((await scrapeHere(server)).logins, { wrong: 2 });
});

slowTest(
  "signing in with a browser counts as a login does, but not what another origin sends",
  async () => {
    await withAccounts([admin, ada], async ({ variables, path }) => {
      await withServer(
        { ...variables, AUTH_STATUS: "rfc6750" },
        async (server) => {
          const headers = { origin: server.origin };
          const right = { email: ada, password };
          const wrong = { ...right, password: "wrong" };
          const signIn = async (
            form: Readonly<Record<string, string>>,
            origin = headers.origin,
          ) => {
            const answer = await send(server, "POST /signin?return=/", {
              form,
              headers: { origin },
            });
            return {
              status: answer.status,
              cookie: answer.headers.get("set-cookie") ?? "",
            };
          };
          const { status, cookie } = await signIn(right);
          assert.equal(status, 303);
          assert.deepEqual((await scrape(server)).logins, { right: 1 });
          assert.equal((await signIn(wrong)).status, 401);
          assert.equal(
            (await signIn(wrong, "https://example.org")).status,
            403,
          );
          assert.equal(
            (await signIn(right, "https://example.org")).status,
            403,
          );
          await send(server, "GET /signin");
          const { logins, sessions } = await scrape(server);
          assert.deepEqual([logins, sessions], [{ right: 1, wrong: 1 }, 1]);
          assert.equal((await signIn({ email: ada })).status, 400);
          const [pair = ""] = cookie.split(";");
          await send(server, "POST /signout", {
            headers: { ...headers, cookie: pair },
          });
          breakUsers(path);
          assert.equal((await signIn(right)).status, 500);
          const after = await scrape(server);
          const counted = { right: 1, wrong: 1, malformed: 1, failed: 1 };
          assert.deepEqual([after.logins, after.sessions], [counted, 0]);
          assert.equal(after.requests["POST /signin 403"], 2);
        },
      );
    });
  },
);

test("a login that fails in the store counts as failed, wherever that is", async () => {
  for (
    const name of [
      "findLogin",
      "countAttempt",
      "settleLogin",
      "addSession",
    ]
  ) {
    const fail = () => Promise.reject(new Error("Wrong credentials"));
    const server = await makeServer({}, () => ({ [name]: fail }));
    await server.addUser(ada);
    assert.equal(
      (await server.tryPassword(ada, passwordHere)).status,
      500,
      name,
    );
    assert.deepEqual((await scrapeHere(server)).logins, { failed: 1 }, name);
  }
});

slowTest(
  "a login for which the queue has no room counts as busy, and those that wait are shown",
  async () => {
    const server = await makeServer();
    await server.addUser(ada);
    const attempt = async (index: number) => {
      const address = `10.0.${index >> 8}.${index & 255}`;
      const { status } = await server.tryPassword(
        `${index}@example.org`,
        "wrong",
        { address },
      );
      return status;
    };
    await withHeldHashing(async ({ begun, release }) => {
      const held = Array.from({ length: slots }, (_, index) => attempt(index));
      await until(() => begun() === slots);
      // All of them have a place.
      assert.equal((await scrapeHere(server)).waiting, 0);
      const waiting = Array.from(
        { length: 64 * slots },
        (_, index) => attempt(slots + index),
      );
      await until(async () =>
        (await scrapeHere(server)).waiting === 64 * slots
      );
      assert.deepEqual((await scrapeHere(server)).logins, {});
      const busy = Array.from(
        { length: 7 },
        (_, index) => attempt(65 * slots + index),
      );
      assert.deepEqual(await Promise.all(busy), Array(7).fill(503));
      const { logins, waiting: stillWaiting } = await scrapeHere(server);
      assert.deepEqual([logins, stillWaiting], [{ busy: 7 }, 64 * slots]);
      release();
      const statuses = await Promise.all([...held, ...waiting]);
      assert.deepEqual(statuses, Array(65 * slots).fill(400));
    });
    await server.logIn(ada);
    const { logins, waiting } = await scrapeHere(server);
    assert.deepEqual([logins, waiting], [{
      busy: 7,
      wrong: 65 * slots,
      right: 1,
    }, 0]);
  },
);

slowTest(
  "a running server shows how many passwords wait to be hashed, and none when all are",
  async () => {
    await withAccounts([], async ({ variables }) => {
      const costly = {
        PASSWORD_HASH: "pbkdf2",
        PASSWORD_ITERATIONS: "600000",
        TRUSTED_PROXIES: "127.0.0.1",
      };
      await withServer({ ...variables, ...costly }, async (server) => {
        const count = slots + 4;
        const attempts = Array.from({ length: count }, async (_, index) => {
          const headers = { "x-forwarded-for": `198.51.100.${index}` };
          const form = { email: `${index}@example.org`, password };
          return (await send(server, "POST /login", { form, headers })).status;
        });
        let most = 0;
        await until(async () => {
          const { waiting } = await scrape(server);
          most = Math.max(most, waiting);
          return waiting === 0 && most > 0;
        });
        assert.ok(most <= 4, String(most));
        assert.deepEqual(await Promise.all(attempts), Array(count).fill(400));
        const { waiting, logins } = await scrape(server);
        assert.deepEqual([waiting, logins], [0, { wrong: count }]);
      });
    });
  },
);

slowTest(
  "each refused token counts once by the code of its refusal, and one that is right never",
  async () => {
    await withAccounts([admin, ada], async ({ variables }) => {
      // A ring, in which the kid decides.
      const JWT_SECRETS = `new:${testSecret}1`;
      await withServer({ ...variables, JWT_SECRETS }, async (server) => {
        const right = await startSession(server, admin);
        const ended = await startSession(server, ada);
        await send(server, "POST /logout", {
          form: { refresh_token: ended.refreshToken },
        });
        for (
          const route of [
            "GET /get-user",
            "GET /users",
            "GET /users/9",
            "POST /password",
          ]
        ) {
          await send(server, route, { token: right.token });
          await send(server, route);
          await send(server, route, { headers: { authorization: "" } });
        }
        await send(server, "GET /get-user", {
          headers: { authorization: right.token },
        });
        await send(server, "GET /healthz", { token: "of no interest here" });
        await send(server, "POST /refresh", {
          token: "nor here",
          form: { refresh_token: "x" },
        });
        assert.deepEqual((await scrape(server)).refused, {});
        const counted: Record<string, number> = {};
        const routes = [
          "GET /get-user",
          "POST /logout",
          "GET /users/1",
          "DELETE /sessions/x",
        ];
        routes.push(
          "PATCH /users/1",
          "GET /sessions",
          "POST /password",
          "HEAD /users",
        );
        for (
          const [index, [code, values]] of Object.entries(
            refusedTokens(ended.sid),
          ).entries()
        ) {
          for (
            const authorization of [
              ...values,
              ...Array<string>(index).fill(values[0] ?? ""),
            ]
          ) {
            const route = routes[(counted[code] ?? 0) % routes.length] ?? "";
            const { status } = await send(server, route, {
              headers: { authorization },
            });
            assert.equal(status, 400, `${code} ${route}`);
            counted[code] = (counted[code] ?? 0) + 1;
          }
          assert.deepEqual((await scrape(server)).refused, counted, code);
        }
        await send(server, "GET /get-user", {
          headers: { authorization: ended.token },
        });
        const nobody = (counted["nobody"] ?? 0) + 1;
        assert.deepEqual((await scrape(server)).refused, {
          ...counted,
          nobody,
        });
      });
    });
  },
);

test("a token that was right counts as expired from the second in which it is, not before", async () => {
  await withClock(async (clock) => {
    const server = await makeServer({
      lifetimeSeconds: 60,
      refusalStatus: 401,
    });
    await server.addUser(ada);
    const { token } = await server.logIn(ada);
    clock.advance(59);
    assert.equal((await server.send("GET /get-user", { token })).status, 200);
    assert.deepEqual((await scrapeHere(server)).refused, {});
    clock.advance(1);
    assert.equal((await server.send("GET /get-user", { token })).status, 401);
    assert.deepEqual((await scrapeHere(server)).refused, { expired: 1 });
  });
});

test("a token that a proxy asks about counts when it is refused, what is no token does not", async () => {
  const server = await makeServer();
  await server.addUser(ada);
  const { token } = await server.logIn(ada);
  for (const path of ["/forward-auth", "/forward-auth/nginx"]) {
    const status = async (headers: Readonly<Record<string, string>>) => {
      return (await server.send(`GET ${path}`, { headers })).status;
    };
    assert.equal(await status({ authorization: `Bearer ${token}` }), 200);
    assert.equal(await status({}), 401);
    // The service's own.
    assert.equal(await status({ authorization: "Basic YWRhOng=" }), 401);
    assert.equal(await status({ cookie: "__Host-onejot=stale" }), 401);
  }
  assert.deepEqual((await scrapeHere(server)).refused, {});
  const expired = await server.sign({ user_id: 1, exp: 1 });
  await server.send("GET /forward-auth", { token: expired });
  await server.send("GET /forward-auth/nginx", {
    token: await server.sign({ user_id: 9 }),
  });
  await server.send("GET /forward-auth", {
    headers: { authorization: "x", accept: "text/html" },
  });
  const { refused } = await scrapeHere(server);
  assert.deepEqual(refused, { expired: 1, nobody: 1, malformed: 1 });
});

test("a token that a broken store cannot look up counts as no refusal", async () => {
  const fail = () => Promise.reject(new Error("broken"));
  const server = await makeServer({}, () => ({ findUserOfToken: fail }));
  const token = await server.sign({ user_id: 1 });
  assert.equal((await server.send("GET /get-user", { token })).status, 500);
  assert.deepEqual((await scrapeHere(server)).refused, {});
});

slowTest(
  "the sessions go up with each login and down with each end, whatever ends them",
  async () => {
    await withAccounts([admin, ada], async ({ variables }) => {
      await withServer(variables, async (server) => {
        const sessions = async () => (await scrape(server)).sessions;
        assert.equal(await sessions(), 0);
        const { token } = await startSession(server, admin);
        assert.equal(await sessions(), 1);
        const started = [];
        for (let count = 0; count < 5; count++) {
          started.push(await startSession(server, ada));
        }
        assert.equal(await sessions(), 6);
        const [first, second, third] = started;
        await send(server, "POST /logout", {
          form: { refresh_token: first?.refreshToken ?? "" },
        });
        assert.equal(await sessions(), 5);
        await send(server, `DELETE /sessions/${second?.sid}`, {
          token: third?.token ?? "",
        });
        assert.equal(await sessions(), 4);
        const form = { refresh_token: third?.refreshToken ?? "" };
        await send(server, "POST /refresh", { form });
        await send(server, "POST /login", {
          form: { email: ada, password: "wrong" },
        });
        assert.equal(await sessions(), 4); // neither begins one
        await send(server, "PATCH /users/2", {
          token,
          json: { is_disabled: true },
        });
        assert.equal(await sessions(), 1);
        await send(server, "POST /logout?everywhere=1", { token });
        assert.equal(await sessions(), 0);
      });
    });
  },
);

test("sessions that have expired do not count, though they are not swept, and refreshed ones do", async () => {
  await withClock(async (clock) => {
    const server = await makeServer();
    await server.addUser(ada);
    const sessions = async () => (await scrapeHere(server)).sessions;
    const { refreshToken } = await server.logIn(ada);
    await server.logIn(ada);
    clock.advance(20 * 24 * 3600);
    await server.logIn(ada);
    const next = await server.refresh(refreshToken);
    assert.equal(await sessions(), 3);
    // 30 days after the first logins: their last second.
    clock.advance(10 * 24 * 3600);
    assert.equal(await sessions(), 3);
    clock.advance(1);
    assert.equal(await sessions(), 2);
    clock.advance(20 * 24 * 3600 - 1);
    assert.equal(await sessions(), 2);
    // It counts as long as it can be used.
    await server.refresh(next.refreshToken);
    clock.advance(1);
    assert.equal(await sessions(), 1);
    clock.advance(30 * 24 * 3600);
    assert.equal(await sessions(), 0);
  });
});

test("the metrics are this machine's to read, and for any other address as if they were not there", async () => {
  const server = await makeServer();
  const here = [
    "::1",
    "127.0.0.1",
    "127.9.9.9",
    "127.255.255.255",
    "::ffff:127.0.0.1",
  ];
  for (const address of [...here, "::ffff:7f00:1", "0:0:0:0:0:0:0:1"]) {
    assert.equal(await mayRead(server, address), true, address);
  }
  const elsewhere = [
    "192.0.2.1",
    "10.0.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "1.127.0.1",
    "0.0.0.0",
    "::",
    "::2",
    "2001:db8::1",
    "127::1",
    "::127.0.0.1",
    "::1:0:0:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "fe80::1",
    "12.7.0.1",
    "127.0.0.1.9",
    "",
    "unix",
    "localhost",
    "127.0.0.1 ",
    "127.0.0.256",
    "127.example.org",
    "[::1]",
  ];
  // The last: of which nothing is known.
  for (const address of [...elsewhere, null]) {
    assert.equal(await mayRead(server, address), false, String(address));
  }
});

test("an address of METRICS_FROM may read the metrics, one outside of it may not", async () => {
  const metricsFrom =
    "192.0.2.0/25, 2001:db8:0:1::/64, 198.51.100.7, 2001:db8::9";
  const server = await makeServer({ metricsFrom });
  const inside = [
    "192.0.2.0",
    "192.0.2.127",
    "::ffff:192.0.2.5",
    "2001:db8:0:1::",
    "2001:DB8::9",
  ];
  for (
    const address of [
      ...inside,
      "2001:db8:0:1:f::1",
      "198.51.100.7",
      "127.0.0.1",
      "::1",
    ]
  ) {
    assert.equal(await mayRead(server, address), true, address);
  }
  const outside = [
    "192.0.2.128",
    "192.0.1.255",
    "2001:db8:0:2::",
    "2001:db8::8",
    "198.51.100.8",
  ];
  for (const address of [...outside, "::192.0.2.5", "", null]) {
    assert.equal(await mayRead(server, address), false, String(address));
  }
  const headers = {
    "x-forwarded-for": "192.0.2.1",
    "x-real-ip": "192.0.2.1",
    via: "1.1 x",
  };
  // Anyone can write that.
  assert.equal(await mayRead(server, "203.0.113.1", headers), false);
});

test("this machine is shown the metrics under its own names alone, so that no page can have itself taken for it", async () => {
  const metricsFrom = "192.0.2.1";
  for (
    const server of [await makeServer(), await makeServer({ metricsFrom })]
  ) {
    const own = ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"];
    for (const name of own) {
      for (const host of [name, `${name}:8080`, `${name}:1`]) {
        for (const address of ["127.0.0.1", "::1"]) {
          assert.equal(await mayRead(server, address, { host }), true, host);
        }
      }
    }
    // deno-fmt-ignore
    const others = [
      "evil.example", "evil.example:8080", "localhost.evil.example",
      "127.0.0.1.evil.example", "evil.localhost", "localhost.", "xlocalhost",
      "192.0.2.1", "10.0.0.1:8080", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]",
      "127.1", "1270.0.1", "2130706433", "ip6-localhost",
    ];
    for (const host of others) {
      for (const address of ["127.0.0.1", "::1"]) {
        assert.equal(await mayRead(server, address, { host }), false, host);
      }
    }
  }
});

test("an address of METRICS_FROM is shown the metrics under any name that it has for the server", async () => {
  const metricsFrom = "192.0.2.1, 127.0.0.0/8";
  const server = await makeServer({ metricsFrom });
  for (const host of ["onejot.example:8080", "10.0.0.1", "localhost"]) {
    // Also this machine's own, where somebody has named it.
    for (const address of ["192.0.2.1", "127.0.0.1"]) {
      assert.equal(await mayRead(server, address, { host }), true, host);
    }
    assert.equal(await mayRead(server, "192.0.2.2", { host }), false, host);
  }
});

test("health is told under any name, to everybody", async () => {
  const server = await makeServer();
  for (const host of ["localhost", "onejot.example:8080", "10.0.0.1"]) {
    for (const path of ["/healthz", "/readyz"]) {
      const sent = { address: "192.0.2.1", headers: { host } };
      assert.equal(
        await server.ask(`GET ${path}`, sent),
        '200 {"status":"ok"}',
        host,
      );
    }
  }
});

test("what a proxy on this machine hands on does not come from this machine", async () => {
  const values = [
    "192.0.2.1",
    "127.0.0.1",
    "::1",
    "for=127.0.0.1",
    "1.1 proxy",
    "unknown",
    "",
  ];
  for (const trustedProxies of [null, "10.0.0.1"]) {
    const server = await makeServer({ trustedProxies });
    for (
      const name of [
        "X-Forwarded-For",
        "Forwarded",
        "X-Real-IP",
        "Via",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "via",
        "FORWARDED",
      ]
    ) {
      for (const value of values) {
        for (const address of ["127.0.0.1", "::1"]) {
          const isAllowed = await mayRead(server, address, { [name]: value });
          assert.equal(isAllowed, false, `${name}: ${value}`);
        }
      }
    }
    assert.equal(
      await mayRead(server, "127.0.0.1", { "user-agent": "x", "x-host": "x" }),
      true,
    );
  }
});

test("behind a trusted proxy the client's own address decides, and this machine's is not enough", async () => {
  const trustedProxies = "127.0.0.1, 10.0.0.1, ::1";
  const metricsFrom = "192.0.2.0/24, fd00::/8";
  const server = await makeServer({ trustedProxies, metricsFrom });
  const rows: Readonly<Record<string, boolean>> = {
    "192.0.2.9": true,
    "fd00::1": true,
    "203.0.113.5, 192.0.2.9": true,
    "192.0.2.9, 127.0.0.1": true,
    "203.0.113.5": false,
    "192.0.2.9, 203.0.113.5": false,
    "127.0.0.1": false,
    "::1": false,
    "127.0.0.2": false,
    "127.0.0.1, 10.0.0.1": false,
    "192.0.2.9, unknown": false,
    "unknown": false,
    "": false,
  };
  for (const address of ["127.0.0.1", "::1", "10.0.0.1"]) {
    for (const [forwardedFor, expected] of Object.entries(rows)) {
      const headers = { "x-forwarded-for": forwardedFor };
      assert.equal(
        await mayRead(server, address, headers),
        expected,
        forwardedFor,
      );
    }
    assert.equal(
      await mayRead(server, address, { "forwarded": "for=192.0.2.9" }),
      false,
    );
  }
  // The proxy's machine asks by itself.
  assert.equal(await mayRead(server, "127.0.0.1"), true);
  assert.equal(await mayRead(server, "10.0.0.1"), false);
  assert.equal(
    await mayRead(server, "203.0.113.5", { "x-forwarded-for": "192.0.2.9" }),
    false,
  );
});

slowTest(
  "a running server shows its metrics to whom METRICS_FROM and TRUSTED_PROXIES let through",
  async () => {
    await withAccounts([], async ({ variables }) => {
      const ask = async (
        server: ServerProcess,
        path: string,
        header: string,
      ) => {
        const head =
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}Connection: close`;
        const answer = await sendRaw(server.port, `${head}\r\n\r\n`);
        return answer.replace(/^(?:date|x-request-id): .*\r\n/gim, "");
      };
      const isShown = async (server: ServerProcess, header = "") => {
        const answer = await ask(server, "/metrics", header);
        if (/^HTTP\/1\.1 200 [^]*\nonejot_sessions 0\n/.test(answer)) {
          return true;
        }
        assert.match(answer, /^HTTP\/1\.1 404 /);
        assert.equal(answer, await ask(server, "/metric", header));
        return false;
      };
      const proxied = (address: string) => `X-Forwarded-For: ${address}\r\n`;
      const METRICS_FROM = "192.0.2.0/24,2001:db8::7";
      await withServer({ ...variables, METRICS_FROM }, async (server) => {
        assert.equal(await isShown(server), true);
        const headers = [
          "Forwarded: for=192.0.2.1",
          "X-Real-IP: 192.0.2.1",
          "Via: 1.1 proxy",
        ];
        headers.push(
          "X-Forwarded-For: 192.0.2.1",
          "x-forwarded-for: 127.0.0.1",
        );
        for (const header of headers) {
          assert.equal(await isShown(server, `${header}\r\n`), false, header);
        }
      });
      const behind = {
        ...variables,
        METRICS_FROM,
        TRUSTED_PROXIES: "127.0.0.1",
      };
      await withServer(behind, async (server) => {
        assert.equal(await isShown(server), true);
        for (
          const address of [
            "192.0.2.0",
            "192.0.2.255",
            "2001:db8::7",
            "9.9.9.9, 192.0.2.3",
          ]
        ) {
          assert.equal(await isShown(server, proxied(address)), true, address);
        }
        const others = [
          "192.0.3.0",
          "2001:db8::8",
          "192.0.2.3, 9.9.9.9",
          "127.0.0.1",
          "::1",
          "x",
        ];
        for (const address of others) {
          assert.equal(await isShown(server, proxied(address)), false, address);
        }
      });
    });
  },
);

slowTest(
  "a METRICS_FROM that is empty or malformed keeps the server from starting, and it says why",
  async () => {
    const must =
      "must be IP addresses, CIDRs or unix with commas: 10.0.0.0/8, ::1.";
    const empty = "is empty: give it a value, or do not set it.";
    const rows: Readonly<Record<string, string>> = {
      "": empty,
      " ": must,
      "192.0.2.1,": must,
      "192.0.2.0/33": must,
      "0.0.0.0/0": must,
      "monitor.example.org": must,
      "true": must,
    };
    for (const [METRICS_FROM, fault] of Object.entries(rows)) {
      const what = await startServer({ METRICS_FROM }).then(
        async (server) => `it started: ${await server.stop("SIGKILL")}`,
        ({ message }: Error) => message,
      );
      assert.match(what, /^The server did not start: /);
      assert.ok(what.includes(`METRICS_FROM ${fault}\n`), what);
      // It could be a secret in the wrong place.
      assert.ok(!what.includes("monitor.example.org"), what);
    }
  },
);

test("under a prefix a route counts as itself, and the metrics are guarded as well", async () => {
  const server = await makeServer({ pathPrefix: "/sesame" });
  await server.send("GET /sesame/healthz");
  await server.send("GET /healthz");
  await server.send("GET /sesame/nothing");
  await server.send("GET /sesame");
  const stranger = await server.send("GET /sesame/metrics", {
    address: "192.0.2.1",
  });
  const headers = { via: "1.1 proxy" };
  const proxied = await server.send("GET /sesame/metrics", {
    address: "127.0.0.1",
    headers,
  });
  assert.deepEqual([stranger.status, proxied.status], [404, 404]);
  const own = await server.send("GET /sesame/metrics", {
    address: "127.0.0.1",
    headers: localHost,
  });
  const { requests } = readMetrics(await own.text());
  const counted = {
    "GET /healthz 200": 2,
    "GET none 404": 2,
    "GET /metrics 404": 2,
  };
  assert.deepEqual(requests, counted);
});

test("one who may not read the metrics costs no query", async () => {
  let queries = 0;
  const server = await makeServer(
    {},
    () => ({ countSessions: () => ++queries }),
  );
  assert.equal(
    (await server.send("GET /metrics", { address: "192.0.2.1" })).status,
    404,
  );
  assert.equal(queries, 0);
  assert.deepEqual([(await scrapeHere(server)).sessions, queries], [1, 1]);
});

slowTest(
  "10,000 different paths, methods, Hosts, tokens and accounts do not make the text grow",
  async () => {
    const store = openSqlite(":memory:");
    const log = createLog(() => {}, "json");
    const key = await generateKey();
    const { fetch } = createApp({
      store,
      key,
      log,
      passwordScheme: "pbkdf2",
      passwordIterations: 1,
      lifetimeSeconds: 60,
    });
    const sendAll = async (index: number) => {
      const address = index % 2 === 0
        ? "192.0.2.1"
        : `10.1.${index >> 8}.${index & 255}`;
      const form = { email: `e${index}@example.org`, password: `p${index}` };
      const requests = [
        wireRequest("GET", `http://h/p${index}`, "h"),
        wireRequest(`M${index}`, `http://h/healthz`, "h"),
        wireRequest("GET", `http://h/healthz`, `h ${index}`),
        wireRequest("GET", `http://h${index}/healthz?q${index}`, `h${index}`),
        makeRequest(`GET /users/${index}`, {
          headers: { authorization: `t${index}` },
        }),
        makeRequest(`GET /get-user`, {
          headers: { authorization: `S${index} t` },
        }),
        makeRequest(`GET /sessions`, {
          headers: { authorization: forge(`{"a":${index}}`) },
        }),
        makeRequest(`DELETE /sessions/s${index}`),
        makeRequest(`PATCH /users/${index}?${index}`, {
          headers: { [`x-${index}`]: "x" },
        }),
        makeRequest(`POST /login`, { body: new URLSearchParams(form) }),
        makeRequest(`POST /refresh`, {
          body: new URLSearchParams({ refresh_token: `r${index}` }),
        }),
        makeRequest(`POST /signin?return=/r${index}`, {
          body: new URLSearchParams(form),
          headers: {
            "sec-fetch-site": index % 3 === 0 ? "same-origin" : `s${index}`,
          },
        }),
        makeRequest(`GET /forward-auth`, {
          headers: { cookie: `__Host-onejot=c${index}` },
        }),
        makeRequest(`GET /metrics?${index}`, {
          headers: { "x-forwarded-for": `10.0.0.${index}` },
        }),
      ];
      await Promise.all(requests.map((request) => fetch(request, address)));
    };
    const seriesNow = async () => {
      const { text, requests } = readMetrics(
        await (await fetch(metricsHere(), "::1")).text(),
      );
      const series = text.split("\n").map((line) => line.replace(/ \S+$/, ""));
      return { series, requests };
    };
    await seriesNow(); // so that it has counted itself
    // Until the throttle begins.
    for (let index = 0; index < 60; index++) await sendAll(index);
    const { series } = await seriesNow();
    for (let index = 60; index < 10_060; index++) await sendAll(index);
    const after = await seriesNow();
    assert.deepEqual(after.series, series);
    assert.equal(after.requests["other none 405"], 10_060);
    assert.equal(after.requests["GET none 404"], 10_060);
    store.close();
  },
);

slowTest(
  "nothing that a client has sent or was given is in the text",
  async () => {
    await withAccounts([admin, "sesame@example.org"], async ({ variables }) => {
      const settings = {
        TRUSTED_PROXIES: "127.0.0.1",
        METRICS_FROM: "192.0.2.7",
      };
      await withServer({ ...variables, ...settings }, async (server) => {
        const headers = {
          "x-forwarded-for": "203.0.113.77",
          "user-agent": "Sesame",
        };
        const own = await startSession(server, "sesame@example.org", {
          agent: "Sesame",
        });
        const { token } = await startSession(server, admin);
        const form = {
          email: "sesame-wrong@example.org",
          password: "sesame-password",
        };
        await send(server, "POST /login", { form, headers });
        await send(server, "POST /login?sesame", {
          json: { sesame: "sesame" },
          headers,
        });
        await send(server, "POST /refresh", {
          form: { refresh_token: "sesame" },
          headers,
        });
        await send(server, "GET /sesame/sesame?sesame=sesame", { headers });
        await send(server, "GET /users/sesame", { token, headers });
        const origin = server.origin;
        await send(server, "POST /signin?return=/sesame", {
          form,
          headers: { ...headers, origin },
        });
        const asked = {
          "x-forwarded-uri": "/sesame",
          "accept": "text/html",
          "cookie": "onejot=sesame",
        };
        await send(server, "GET /forward-auth", {
          headers: { ...headers, ...asked },
        });
        await send(server, "DELETE /sessions/sesame", {
          token: own.token,
          headers,
        });
        await send(server, "GET /get-user", { token: "sesame.sesame.sesame" });
        await send(server, "GET /get-user", { token: `${own.token}sesame` });
        await send(server, "GET /get-user", {
          headers: { authorization: "Sesame sesame" },
        });
        const json = {
          email: "sesame-new@example.org",
          password: "sesame-password",
        };
        assert.equal(
          (await send(server, "POST /users", { token, json })).status,
          201,
        );
        const end = "X-Sesame: sesame\r\nConnection: close\r\n\r\n";
        await sendRaw(
          server.port,
          `SESAME /healthz HTTP/1.1\r\nHost: sesame.org\r\n${end}`,
        );
        await sendRaw(
          server.port,
          `GET /healthz HTTP/1.1\r\nHost: sesame/sesame\r\n${end}`,
        );
        await sendRaw(
          server.port,
          `GET /ses\x07ame%0asesame HTTP/1.1\r\nHost: h\r\n${end}`,
        );
        const { text } = await scrape(server);
        const given = [own.token, own.refreshToken, token].flatMap((value) =>
          value.split(".")
        );
        given.push("sesame", "@", "203.0.113", own.sid, admin, password);
        for (const part of given) {
          assert.ok(!text.toLowerCase().includes(part.toLowerCase()), part);
        }
      });
    });
  },
);

/**
 * Reads a text, which must hold the seven metrics, and in their labels nothing
 * but closed sets.
 */
function readMetrics(text: string): Shown {
  const read = readExposition(text);
  const found = (name: string) =>
    read.find((family) => family.name === name)?.samples ?? [];
  assert.deepEqual(
    new Set(read.map(({ type, name }) => `${type} ${name}`)),
    namesOfFamilies(),
  );
  for (const family of read) checkLabels(family);
  const counts = (name: string) => {
    const samples = found(name);
    const entries = samples.map((
      { labels, value },
    ) => [Object.values(labels).join(" "), value] as const);
    // Those are there from the start, which a test of its own holds.
    return Object.fromEntries(entries.filter(([, value]) => value > 0));
  };
  const durations: Record<string, { count: number; sum: number }> = {};
  for (const { name, labels: { route = "" }, value } of found(histogramName)) {
    const { count, sum } = durations[route] ?? { count: 0, sum: 0 };
    if (name.endsWith("_count")) durations[route] = { count: value, sum };
    if (name.endsWith("_sum")) durations[route] = { count, sum: value };
  }
  return {
    text,
    requests: counts("onejot_http_requests_total"),
    durations,
    logins: counts("onejot_logins_total"),
    refused: counts("onejot_tokens_refused_total"),
    waiting: found("onejot_hashing_waiting")[0]?.value ?? NaN,
    sessions: found("onejot_sessions")[0]?.value ?? NaN,
  };
}

const histogramName = "onejot_http_request_duration_seconds";

/** The type and the name of each. */
function namesOfFamilies(): Set<string> {
  return new Set(
    families.map((family) => family.split(" ").slice(0, 2).join(" ")),
  );
}

/**
 * Holds the labels to their names, in this order, and each value to the set
 * that it is of.
 */
function checkLabels({ name, samples, help }: Family): void {
  assert.match(help, /^[A-Z].*\.$/);
  const names =
    families.find((family) => family.split(" ")[1] === name)?.split(" ").slice(
      2,
    ) ?? [];
  for (const { labels: { le: _bound, ...labels } } of samples) {
    assert.deepEqual(Object.keys(labels), names);
    for (const [label, value] of Object.entries(labels)) {
      assert.ok(closedSets[label]?.includes(value), `${label} ${value}`);
    }
  }
}

/** All values that each label can have. */
const closedSets: Readonly<Record<string, readonly string[]>> = {
  method: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"],
  route: [
    "none",
    ...routesOfServer().map((route) => route.split(" ")[1] ?? ""),
  ],
  status: "200 201 204 302 303 400 401 403 404 405 408 409 413 415 429 500 503"
    .split(" "),
  outcome: [...loginOutcomes, "repeated", "reused"],
  code: Object.keys(refusedTokens("")),
  version: [packageJson.version],
  runtime: ["bun", "deno"],
  runtime_version: [process.versions["bun"] ?? process.versions["deno"] ?? ""],
};

/** What a running server shows to its own machine. */
async function scrape(server: ServerProcess): Promise<Shown> {
  const { status, headers, text } = await send(server, "GET /metrics");
  assert.deepEqual([status, headers.get("content-type")], [200, mediaType]);
  return readMetrics(text);
}

/** What a server in this process shows to its own machine. */
async function scrapeHere(server: Server): Promise<Shown> {
  const sent = { address: "::1", headers: localHost };
  const response = await server.send("GET /metrics", sent);
  assert.equal(response.status, 200);
  return readMetrics(await response.text());
}

function metricsHere(): Request {
  return makeRequest("GET /metrics", { headers: localHost });
}

/** What this machine calls itself. */
const localHost = { host: "localhost:8080" };

/**
 * Says whether an address is shown the metrics, which asks this machine unless
 * the header fields say otherwise; if not, it must see what it sees of any
 * path.
 */
async function mayRead(
  server: Server,
  address: string | null,
  headers: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const sent = { headers: { ...localHost, ...headers }, address };
  const appearance = async (line: string) => {
    const response = await server.send(line, sent);
    const fields = [...response.headers].filter(([name]) =>
      name !== "x-request-id"
    );
    return { status: response.status, fields, text: await response.text() };
  };
  const shown = await appearance("GET /metrics");
  if (shown.status === 200) {
    readMetrics(shown.text);
    return true;
  }
  assert.equal(shown.status, 404);
  assert.deepEqual(shown, await appearance("GET /there-is-no-such-path"));
  const head = await appearance("HEAD /metrics");
  assert.deepEqual(head, await appearance("HEAD /there-is-no-such-path"));
  return false;
}

/**
 * Values of Authorization that are refused, for each code that there can be.
 */
function refusedTokens(
  endedSession: string,
): Readonly<Record<Exclude<TokenRefusal, Unasked>, readonly string[]>> {
  const bytes = new TextEncoder().encode(testSecret);
  const now = Math.floor(Date.now() / 1000);
  const good = { user_id: 1, exp: now + 60 };
  const make = (
    claims: object,
    header: object = {},
    secret: Uint8Array = bytes,
  ) => {
    const joined = { alg: "HS256", typ: "JWT", ...header };
    const token = forge(
      JSON.stringify({ ...good, ...claims }),
      JSON.stringify(joined),
      secret,
    );
    return `Bearer ${token}`;
  };
  return {
    expired: [
      make({ exp: now }),
      make({ exp: now - 9999 }),
      make({ exp: 0, user_id: 99 }),
    ],
    malformed: [
      "Basic YWRhOng=",
      "Basic",
      "Digest username=x",
      "Bearer",
      "Bearer x",
      "Bearer x y",

      "x",
      "a.b",
      "a.b.c",
      `Token ${make({}).slice(7)}`,
      make({}, { kid: 1 }),
    ],
    signature: [
      make({}, {}, otherSecret),
      `${make({})}AAAA`,
      make({}, { kid: "new" }),
    ],
    nobody: [
      make({ user_id: 99 }),
      make({ user_id: "1" }),
      make({ sub: "2" }),
      make({ sid: "x" }),
      make({ user_id: 2, sid: endedSession }),
      make({ sid: 1 }),
    ],
    too_long: [`Bearer ${"x".repeat(8193)}`, make({ x: "x".repeat(6200) })],
    encrypted: ["a.b.c.d.e", "Bearer a.b.c.d.e"],
    algorithm: [
      make({}, { alg: "none" }),
      make({}, { alg: "HS512" }, otherSecret),
    ],
    critical: [make({}, { crit: ["exp"] })],
    unknown_key: [make({}, { kid: "stranger" }), make({ exp: 0 }, { kid: "" })],
    nested: [make({}, { cty: "JWT" })],
    claims_set: [`Bearer ${forge("[]", undefined, bytes)}`],
    claim_type: [make({ exp: "1" }), make({ iss: 1 })],
    missing_claim: [make({ exp: undefined })],
    audience: [make({ aud: "x" })],
    not_yet_valid: [make({ nbf: now + 60 })],
  };
}

/** Makes every look at the users of a database fail. */
function breakUsers(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 5000");
    database.exec("ALTER TABLE users RENAME COLUMN email TO gone");
  } finally {
    database.close();
  }
}

/** Hashing that does not get done; how often it was begun. */
interface HeldHashing {
  begun(): number;
  release(): void;
}

/**
 * Runs a function during which no password is hashed before it calls `release`.
 */
async function withHeldHashing(
  run: (hashing: HeldHashing) => Promise<void>,
): Promise<void> {
  const { subtle } = crypto;
  const original = subtle.deriveBits;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let begun = 0;
  subtle.deriveBits = async (algorithm, key, length) => {
    begun++;
    await released;
    return await original.call(subtle, algorithm, key, length ?? null);
  };
  try {
    await run({ begun: () => begun, release });
  } finally {
    release();
    subtle.deriveBits = original;
  }
}

/** Waits until something holds, but not for ever. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    if (await holds()) return;
    await pause(5);
  }
  assert.fail("it has not come about in 10 seconds");
}
