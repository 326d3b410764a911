/**
 * What the app can be made with, by texts and values alone: the options that
 * other tests do not look at by their names. And what it says in its log of how
 * it is served.
 * The vocabulary of these tests, such as `server.send(…)`, is that of
 * test/support/site.ts.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  json,
  type Log,
  type LogRecord,
  router,
} from "../../../src/http/http.ts";
import { told } from "../../support/send.ts";
import {
  authRequired,
  makeServer,
  password,
  tokenIsInvalid,
} from "../../support/site.ts";
import { until } from "../../support/wait.ts";

const root = new URL("../../../", import.meta.url);

test("addresses that cannot be read are a mistake, and the option is named", async () => {
  for (const name of ["trustedProxies", "metricsFrom"]) {
    for (const text of ["", "proxy.example.org", "10.0.0.0/0", "10.0.0.1,"]) {
      await assert.rejects(makeServer({ [name]: text }), {
        name: "TypeError",
        message: `Cannot make the app: ${name} must be addresses or CIDRs ` +
          "between commas.",
      }, `${name}: ${text}`);
    }
    await makeServer({ [name]: "10.0.0.0/8, 2001:db8::1" });
    await makeServer({ [name]: null });
  }
});

test("the page is shown where it is asked for, each of its files the same every time", async () => {
  const server = await makeServer({ page: true });
  const index = readFileSync(new URL("src/page/index.html", root), "utf8");
  for (let count = 0; count < 2; count++) {
    const page = await server.send("GET /");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(await page.text(), index);
    const script = await server.send("GET /src/jwt/key.ts");
    assert.equal(
      script.headers.get("content-type"),
      "text/javascript; charset=utf-8",
    );
    const text = await script.text();
    assert.match(text, /export/);
    assert.doesNotMatch(
      text,
      /^(?:export )?(?:interface|type) |^import type /m,
    );
  }
});

test("the page is not shown unless it is asked for", async () => {
  for (
    const server of [await makeServer(), await makeServer({ page: false })]
  ) {
    for (const path of ["/", "/src/jwt/key.ts", "/src/page/page.css"]) {
      assert.equal((await server.send(`GET ${path}`)).status, 404, path);
    }
  }
});

/** A log that keeps what is a warning. */
function warningLog(): { readonly log: Log; readonly warnings: string[] } {
  const warnings: string[] = [];
  const write = ({ level, event, message }: LogRecord) => {
    const isPlain = event === undefined && level === "warning";
    if (isPlain) warnings.push(String(message));
  };
  return { log: { write, flush: () => {} }, warnings };
}

test("with a prefix alone, all other paths are free for own routes", async () => {
  const server = await makeServer({
    pathPrefix: "/auth",
    prefixOnly: true,
    page: true,
  });
  await server.addUser("ada@example.org");
  for (const path of ["/users", "/sessions", "/signin", "/", "/healthz"]) {
    assert.equal((await server.send(`GET ${path}`)).status, 404, path);
    server.app.get(path, () => new Response(`own ${path}`));
    assert.equal(await server.ask(`GET ${path}`), `200 own ${path}`);
  }
  assert.equal(await server.ask("GET /auth/healthz"), '200 {"status":"ok"}');
  assert.equal((await server.send("GET /auth/")).status, 200);
  assert.match(await server.ask("GET /auth/signin"), /^200 <!doctype html>/i);
  const form = { email: "ada@example.org", password };
  const login = await server.send("POST /auth/login", { form });
  const { token } = Object(await login.json());
  assert.match(await server.ask("GET /auth/get-user", { token }), /^200 /);
  assert.equal((await server.send("GET /get-user", { token })).status, 404);
  // What lies around it is around both.
  for (const path of ["/users", "/auth/healthz", "/auth/none", "/none"]) {
    const { headers } = await server.send(`GET ${path}`);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.ok(headers.has("x-request-id"));
  }
  const address = "127.0.0.1";
  const headers = { host: "localhost" };
  const metrics = await server.ask("GET /auth/metrics", { address, headers });
  assert.match(metrics, /method="POST",route="\/auth\/login",status="200"/);
  const own = () => new Response();
  assert.throws(() => server.app.get("/auth/own", own), TypeError);
});

test("without prefixOnly, an own route below the prefix is refused, and one that is there", async () => {
  const { app } = await makeServer({ pathPrefix: "/auth" });
  const own = () => new Response();
  assert.throws(() => app.get("/auth/own", own), { message: /Write \/own/ });
  assert.throws(() => app.get("/users", own), { message: /already/ });
});

test("an app can be mounted in a router, with its guards and all that lies around it", async () => {
  const server = await makeServer({ pathPrefix: "/auth" });
  const site = router();
  site.get("/users", () => new Response("own users"));
  site.mount("/auth", server.app);
  assert.equal(await told(site.request("/users")), "200 own users");
  assert.equal((await site.request("/login")).status, 404);
  assert.equal((await site.request("/auth/users")).status, 401);
  const { headers } = await site.request("/auth/none");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  // A cookie from another site is refused there as well.
  const cross = { cookie: "__Host-onejot=x", "sec-fetch-site": "cross-site" };
  for (const path of ["/auth/signout", "/auth/none"]) {
    const init = { method: "POST", headers: cross };
    assert.equal((await site.request(path, init)).status, 403, path);
  }
});

test("a prefix that is none is a mistake", async () => {
  for (const pathPrefix of ["auth", "/auth/", "/:a", "/"]) {
    await assert.rejects(makeServer({ pathPrefix }), TypeError);
    const prefixOnly = true;
    await assert.rejects(makeServer({ pathPrefix, prefixOnly }), TypeError);
  }
  await assert.rejects(makeServer({ prefixOnly: true }), TypeError);
});

test("own routes behind the login have its user, and those for administrators ask for one", async () => {
  for (const prefixOnly of [false, true]) {
    const server = await makeServer({ pathPrefix: "/auth", prefixOnly });
    await server.addUser("ada@example.org", { isAdmin: true });
    await server.addUser("bob@example.org");
    const { app } = server;
    app.members.get("/own/:word", ({ user, params, sessionId }) => {
      return json([user.email, params.word, sessionId !== null]);
    });
    app.administrators.post("/top", ({ user }) => json(user.isAdmin));
    const place = prefixOnly ? "/auth" : "";
    const logIn = async (email: string) => {
      const form = { email, password };
      const answer = await server.send(`POST ${place}/login`, { form });
      return String(Object(await answer.json()).token);
    };
    const ada = await logIn("ada@example.org");
    const bob = await logIn("bob@example.org");
    const table: readonly (readonly [string, string | undefined, string])[] = [
      ["GET /own/x", bob, '200 ["bob@example.org","x",true]'],
      ["GET /own/x", undefined, authRequired],
      ["GET /own/x", "x", tokenIsInvalid],
      ["POST /top", ada, "200 true"],
      ["POST /top", bob, '403 {"message":"Administrators only"}'],
      ["POST /top", undefined, authRequired],
    ];
    for (const [line, token, answer] of table) {
      const sent = token === undefined ? {} : { token };
      assert.equal(await server.ask(line, sent), answer, line);
    }
    // A logout holds here, too.
    await server.send(`POST ${place}/logout`, { token: bob });
    assert.equal(
      await server.ask("GET /own/x", { token: bob }),
      tokenIsInvalid,
    );
  }
});

test("sweeping goes on when the store fails, and ends when it is told to", async () => {
  let steps = 0;
  const server = await makeServer({}, () => ({
    sweepSessions: () => {
      steps++;
      throw new Error("the database is away");
    },
  }));
  const end = server.app.sweep();
  const endOther = server.app.sweep();
  endOther();
  await until("a step has been taken", () => steps > 0);
  end();
  end();
  assert.equal(steps, 1);
});

test("a login without its client's address is told once, with what to do, and nothing else is", async () => {
  const { log, warnings } = warningLog();
  const server = await makeServer({ log });
  await server.addUser("ada@example.org");
  for (const address of ["192.0.2.1", "::1", "192.0.2.1:80"]) {
    await server.tryPassword("ada@example.org", "wrong", { address });
    if (address !== "192.0.2.1:80") assert.deepEqual(warnings, []);
  }
  await server.send("GET /get-user", { address: null });
  await server.tryPassword("ada@example.org", "wrong", { address: null });
  await server.logIn("ada@example.org", { address: null });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /Bun\.serve\(\{ fetch: app\.fetch \}\)/);
});

test("the address is read from what a runtime hands over, behind proxies as well", async () => {
  const { log, warnings } = warningLog();
  const records: LogRecord[] = [];
  const both: Log = {
    write: (record) => {
      log.write(record);
      records.push(record);
    },
    flush: () => {},
  };
  const server = await makeServer({ log: both, trustedProxies: "127.0.0.1" });
  const connections = [
    { requestIP: () => ({ address: "127.0.0.1" }) },
    { remoteAddr: { hostname: "127.0.0.1" } },
    "127.0.0.1",
  ];
  for (const connection of connections) {
    const headers = { host: "h", "x-forwarded-for": "192.0.2.7" };
    const request = new Request("http://h/healthz", { headers });
    const answer = server.app.fetch(request, connection);
    assert.equal(await told(answer), '200 {"status":"ok"}');
    assert.equal(records.at(-1)?.["address"], "192.0.2.7");
  }
  assert.deepEqual(warnings, []);
});
