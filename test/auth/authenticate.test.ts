/**
 * The app in process, on a real database in memory: what only the inside can show. What a client
 * sees is in test/serve/contract.test.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp } from "../../src/app.ts";
import {
  adminRequired,
  authenticate,
  loginRequired,
  parseEmail,
  PasswordHasher,
  type UserStore,
} from "../../src/auth/auth.ts";
import { createLog, json, router } from "../../src/http/http.ts";
import { generateKey, type HmacKey, sign, verify } from "../../src/jwt/jwt.ts";
import { openSqlite, type SqliteStore } from "../../src/storage/sqlite.ts";

test("a login with an old, cheap hash stores one of today's cost", async () => {
  const store = await storeWith("ada@example.org", "password", 10_000);
  const app = createApp(await optionsFor(store, 20_000));
  assert.equal((await logIn(app.fetch, "ada@example.org", "password")).status, 200);
  const email = parseEmail("ada@example.org");
  assert.ok(email !== null);
  const account = await store.findAccountByEmail(email);
  assert.ok(account?.passwordHash.startsWith("pbkdf2-sha256$20000$"));
  assert.equal((await logIn(app.fetch, "ada@example.org", "password")).status, 200);
  assert.equal((await logIn(app.fetch, "ada@example.org", "wrong")).status, 400);
  store.close();
});

test("a right password logs in also when its upgraded hash cannot be stored", async () => {
  const store = await storeWith("ada@example.org", "password", 1000);
  const users = {
    ...store,
    replacePasswordHash: () => {
      throw new Error("on purpose");
    },
  };
  const app = createApp(await optionsFor(users, 2000));
  assert.equal((await logIn(app.fetch, "ada@example.org", "password")).status, 200);
  store.close();
});

test("a login for an unknown address derives as much as one with a wrong password", async () => {
  const store = await storeWith("ada@example.org", "password", 3000);
  const app = createApp(await optionsFor(store, 3000));
  const { subtle } = crypto;
  const original = subtle.deriveBits;
  let iterations: number[] = [];
  subtle.deriveBits = (algorithm, key, length) => {
    iterations.push(Number(Reflect.get(Object(algorithm), "iterations")));
    return original.call(subtle, algorithm, key, length ?? null);
  };
  try {
    for (const email of ["ada@example.org", "bob@example.org", "no address", ""]) {
      iterations = [];
      assert.equal((await logIn(app.fetch, email, "wrong")).status, 400);
      assert.deepEqual(iterations, [3000], email);
    }
  } finally {
    subtle.deriveBits = original;
  }
  store.close();
});

test("a failing database is a 500 that says nothing, and a log line without its message", async () => {
  const store = await storeWith("ada@example.org", "password", 1000);
  const lines: string[] = [];
  const options = await optionsFor(store, 1000);
  const log = createLog((text) => lines.push(text), "json");
  const findUser = () => {
    throw new Error("marked\n    at marked");
  };
  const app = createApp({ ...options, users: { ...store, findUser }, log });
  const token = await sign({ user_id: 1 }, options.key, { lifetimeSeconds: 60 });
  const headers = { host: "localhost", authorization: token };
  const response = await app.fetch(new Request("http://localhost/get-user", { headers }));
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '{"message":"Internal server error"}');
  log.flush();
  const records = lines.join("\n").split("\n").map((line) => JSON.parse(line));
  const [fault, access] = records;
  assert.equal(fault.level, "error");
  assert.equal(fault.id, access.id);
  assert.equal(access.status, 500);
  assert.match(fault.at, /authenticate\.ts/);
  assert.ok(!lines.join("\n").includes("marked"), "the error's message is in the log");
  store.close();
});

test("more logins than the queue holds are told to come back, and the rest are answered", {
  timeout: 30_000,
}, async () => {
  const store = await storeWith("ada@example.org", "password", 10_000);
  const app = createApp(await optionsFor(store, 100_000));
  const slots = Math.max(1, navigator.hardwareConcurrency - 1);
  const attempts = Array.from(
    { length: 33 * slots + 5 },
    () => logIn(app.fetch, "ada@example.org", "wrong"),
  );
  const statuses = (await Promise.all(attempts)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 400).length, 33 * slots);
  assert.equal(statuses.filter((status) => status === 503).length, 5);
  store.close();
});

test("the admin guard lets administrators through and turns others away with 403", async () => {
  const store = openSqlite(":memory:");
  await addUser(store, "ada@example.org", true);
  await addUser(store, "bob@example.org", false);
  const key = await generateKey();
  const site = router();
  const verifier = (token: string) => verify(token, key);
  const members = site.use(authenticate({ verifier, users: store, refusalStatus: 400 }))
    .use(loginRequired);
  members.use(adminRequired).get("/admin", ({ user }) => json({ email: user.email }));
  const rows = [[1, 200], [2, 403], [3, 400]] as const;
  for (const [id, status] of rows) {
    const response = await site.fetch(await requestBy(id, key));
    assert.equal(response.status, status);
    if (status === 200) assert.deepEqual(await response.json(), { email: "ada@example.org" });
  }
  const anonymous = new Request("http://localhost/admin", { headers: { host: "localhost" } });
  assert.equal((await site.fetch(anonymous)).status, 401);
  store.close();
});

test("a fault of the verifier is a 500 and never looks like a bad token", async () => {
  const store = openSqlite(":memory:");
  const site = router();
  const verifier = () => {
    throw new RangeError("on purpose");
  };
  site.use(authenticate({ verifier, users: store, refusalStatus: 400 }))
    .get("/admin", () => json({}));
  const response = await site.fetch(await requestBy(1, await generateKey()));
  assert.equal(response.status, 500);
  store.close();
});

async function requestBy(userId: number, key: HmacKey): Promise<Request> {
  const token = await sign({ user_id: userId }, key, { lifetimeSeconds: 60 });
  const headers = { host: "localhost", authorization: `Bearer ${token}` };
  return new Request("http://localhost/admin", { headers });
}

async function storeWith(email: string, password: string, cost: number): Promise<SqliteStore> {
  const store = openSqlite(":memory:");
  await addUser(store, email, false, password, cost);
  return store;
}

async function addUser(
  store: UserStore,
  text: string,
  isAdmin: boolean,
  password = "password",
  cost = 1000,
): Promise<void> {
  const email = parseEmail(text);
  assert.ok(email !== null);
  const hasher = new PasswordHasher(cost, { maxActive: 1, maxWaiting: 1 });
  const passwordHash = await hasher.hash(password);
  assert.ok(await store.addUser({ email, isAdmin, passwordHash }) !== null);
}

async function optionsFor(users: UserStore, passwordIterations: number) {
  const log = createLog(() => {}, "json");
  return { users, key: await generateKey(), log, passwordIterations };
}

function logIn(
  fetch: (request: Request) => Promise<Response>,
  email: string,
  password: string,
): Promise<Response> {
  const body = new URLSearchParams({ email, password });
  const headers = { host: "localhost" };
  return fetch(new Request("http://localhost/login", { method: "POST", body, headers }));
}
