/**
 * Who sends a request, as only the inside can show it: each way in which a
 * token's user, session and subject can fail to agree, what a disabled user may
 * still do (nothing), and faults that must not look like a bad token. What a
 * client of the tutorial sees is in test/system/serve/contract.test.ts.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adminRequired,
  authenticate,
  loginRequired,
} from "../../../src/auth/auth.ts";
import { createLog, json, router } from "../../../src/http/http.ts";
import { generateKey, sign, verify } from "../../../src/jwt/jwt.ts";
import { makeRequest, send, told } from "../../support/send.ts";
import { withClock } from "../../support/clock.ts";
import {
  authRequired,
  makeServer,
  type Server,
  tokenIsInvalid,
} from "../../support/site.ts";

test("a session's token names the session that there is, of its user, as a text", async () => {
  const { server, sid } = await serverWithSessions();
  assert.ok(await server.accepts(await server.sign({ user_id: 1, sid })));
  const bad = [
    null,
    0,
    1,
    true,
    [sid],
    [],
    {},
    { sid },
    "",
    "A".repeat(22),
    ` ${sid}`,
    `${sid}A`,
    sid.slice(0, 21),
    sid.toLowerCase() + "A",
    "\0",
    "\ud800",
    "'",
    "%",
    "x".repeat(4000),
  ];
  for (const value of bad) {
    const token = await server.sign({ user_id: 1, sid: value });
    assert.equal(await server.accepts(token), false, JSON.stringify(value));
  }
});

test("a token's session and its user belong together", async () => {
  const { server, sid, theirs } = await serverWithSessions();
  assert.ok(
    await server.accepts(await server.sign({ user_id: 2, sid: theirs })),
  );
  for (
    const claims of [{ user_id: 1, sid: theirs }, { user_id: 2, sid }, {
      user_id: 3,
      sid,
    }]
  ) {
    assert.equal(await server.accepts(await server.sign(claims)), false);
  }
});

test("a token's subject is its user's number as text, or is left out", async () => {
  const { server, sid } = await serverWithSessions();
  for (const session of [{}, { sid }]) {
    assert.ok(
      await server.accepts(await server.sign({ user_id: 1, ...session })),
    );
    assert.ok(
      await server.accepts(
        await server.sign({ user_id: 1, sub: "1", ...session }),
      ),
    );
    for (const sub of ["2", "", "01", "1.0", " 1", "ada@example.org", "null"]) {
      const token = await server.sign({ user_id: 1, sub, ...session });
      assert.equal(await server.accepts(token), false, sub);
    }
  }
});

test("a token names a user that there is, by number", async () => {
  const { server, sid } = await serverWithSessions();
  for (const session of [{}, { sid }]) {
    for (
      const user_id of [0, -1, 3, 1.5, 2 ** 53 - 1, 2 ** 63, "1", null, true, [
        1,
      ], {}]
    ) {
      const token = await server.sign({ user_id, ...session });
      assert.equal(await server.accepts(token), false, JSON.stringify(user_id));
    }
    assert.equal(
      await server.accepts(await server.sign({ sub: "1", ...session })),
      false,
    );
    assert.equal(
      await server.accepts(await server.sign({ sub: "null", ...session })),
      false,
    );
  }
});

test("a token of the tutorial must expire, but need not say when it was issued", async () => {
  const { server, sid } = await serverWithSessions();
  const exp = Math.floor(Date.now() / 1000) + 60;
  for (const session of [{}, { sid }]) {
    assert.ok(
      await server.accepts(
        await sign({ user_id: 1, exp, ...session }, server.key),
      ),
    );
    assert.ok(
      await server.accepts(await sign({ user_id: 1, exp, iat: 0 }, server.key)),
    );
    const eternal = await sign(
      { user_id: 1, iat: exp, ...session },
      server.key,
    );
    assert.equal(await server.accepts(eternal), false);
  }
});

test("a user who is disabled is at once refused everywhere, also when enabled again", async () => {
  await withClock(async (clock) => {
    const { server } = await serverWithSessions();
    await server.addUser("eve@example.org", { isAdmin: true });
    await server.addUser("bob.admin@example.org", { isAdmin: true });
    const { token, refreshToken } = await server.logIn("eve@example.org");
    const plain = await server.sign({ user_id: 3 });
    const { id } = await server.account("eve@example.org");
    assert.ok(await server.accepts(token) && await server.accepts(plain));
    await server.store.changeUser({
      id,
      change: { isDisabled: true },
      tokensFrom: clock.seconds + 1,
      author: null,
    });
    await assertRefusedEverywhere(server, token);
    await assertRefusedEverywhere(server, plain);
    await assertRefusedEverywhere(
      server,
      await server.sign({ user_id: 3, iat: clock.seconds + 9 }),
    );
    assert.equal(await told(server.tryRefresh(refreshToken)), tokenIsInvalid);
    await server.store.changeUser({
      id,
      change: { isDisabled: false },
      tokensFrom: clock.seconds + 1,
      author: null,
    });
    await assertRefusedEverywhere(server, token);
    await assertRefusedEverywhere(server, plain);
    assert.equal(await told(server.tryRefresh(refreshToken)), tokenIsInvalid);
    clock.advance(1);
    assert.ok(await server.accepts(await server.sign({ user_id: 3 })));
    assert.ok(
      await server.accepts((await server.logIn("eve@example.org")).token),
    );
  });
});

test("a request without a token is asked for one, and an empty header counts as none", async () => {
  const { server } = await serverWithSessions();
  for (const headers of [{}, { authorization: "" }]) {
    const response = await server.send("GET /get-user", { headers });
    assert.equal(
      response.headers.get("www-authenticate"),
      'Bearer realm="onejot"',
    );
    assert.equal(await told(response), authRequired);
  }
});

test("a failing database is a 500 that says nothing, and a log line without its message", async () => {
  const lines: string[] = [];
  const log = createLog((text) => lines.push(text), "json");
  const server = await makeServer({ log }, () => ({
    findUserOfToken: () => {
      throw new Error("marked\n    at marked");
    },
  }));
  const response = await server.send("GET /get-user", {
    token: await server.sign({ user_id: 1 }),
  });
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '{"message":"Internal server error"}');
  log.flush();
  const records = lines.join("\n").split("\n").map((line) => JSON.parse(line));
  const [fault, access] = records;
  assert.equal(fault.level, "error");
  assert.equal(fault.id, access.id);
  assert.equal(access.status, 500);
  assert.match(fault.at, /authenticate\.ts/);
  assert.ok(
    !lines.join("\n").includes("marked"),
    "the error's message is in the log",
  );
});

test("the admin guard lets administrators through and turns others away with 403", async () => {
  const server = await serverWithGuard();
  const { store, key } = server;
  const site = router();
  const verifier = (token: string) => verify(token, key);
  const parts = { verifier, store, refusalStatus: 400 } as const;
  const members = site.use(authenticate(parts)).use(loginRequired());
  members.use(adminRequired()).get(
    "/admin",
    ({ user }) => json({ email: user.email }),
  );
  const rows = [
    [1, '200 {"email":"ada@example.org"}'],
    [2, '403 {"message":"Administrators only"}'],
    [3, tokenIsInvalid],
  ] as const;
  for (const [user_id, expected] of rows) {
    const headers = {
      authorization: `Bearer ${await server.sign({ user_id })}`,
    };
    assert.equal(await told(send(site, "GET /admin", { headers })), expected);
  }
  assert.equal(await told(send(site, "GET /admin")), authRequired);
});

test("an administrator who is made a plain user is turned away at once", async () => {
  const server = await serverWithGuard();
  await server.addUser("eve@example.org", { isAdmin: true });
  const { token } = await server.logIn("ada@example.org");
  assert.equal((await server.send("GET /users", { token })).status, 200);
  const { id } = await server.account("ada@example.org");
  await server.store.changeUser({
    id,
    change: { isAdmin: false },
    tokensFrom: 2,
    author: null,
  });
  assert.equal((await server.send("GET /users", { token })).status, 403);
  assert.ok(await server.accepts(token));
});

test("a handler behind authentication knows the user and the session, or that there is none", async () => {
  const { server, sid } = await serverWithSessions();
  const { store, key } = server;
  const site = router();
  const verifier = (token: string) => verify(token, key);
  const parts = { verifier, store, refusalStatus: 400 } as const;
  site.use(authenticate(parts)).get("/who", ({ authentication }) => {
    const user = authentication?.user ?? null;
    return json([user, authentication?.sessionId ?? "no session"]);
  });
  const ada = '{"id":1,"email":"ada@example.org","isAdmin":false}';
  const rows: [string, string][] = [
    [
      `Bearer ${await server.sign({ user_id: 1, sid })}`,
      `200 [${ada},"${sid}"]`,
    ],
    [
      `bearer   ${await server.sign({ user_id: 1 })}`,
      `200 [${ada},"no session"]`,
    ],
    [await server.sign({ user_id: 1, sid }), `200 [${ada},"${sid}"]`],
    ["", '200 [null,"no session"]'],
    [`Basic ${await server.sign({ user_id: 1 })}`, tokenIsInvalid],
    ["Bearer ", tokenIsInvalid],
  ];
  for (const [authorization, expected] of rows) {
    assert.equal(
      await told(send(site, "GET /who", { headers: { authorization } })),
      expected,
    );
  }
});

test("a fault of the verifier is a 500 and never looks like a bad token", async () => {
  const { store } = await makeServer();
  for (
    const [fault, status] of [[new RangeError("on purpose"), 500], [
      jwtError,
      400,
    ]] as const
  ) {
    const reported: unknown[] = [];
    const site = router({ onError: (error) => void reported.push(error) });
    const verifier = () => {
      throw fault;
    };
    site.use(authenticate({ verifier, store, refusalStatus: 400 }))
      .get("/admin", () => json({}));
    const response = await site.fetch(
      makeRequest("GET /admin", { headers: { authorization: "a.b.c" } }),
    );
    assert.equal(response.status, status);
    assert.deepEqual(reported, status === 500 ? [fault] : []);
  }
});

const jwtError = await verify("x", await generateKey()).catch((
  error: unknown,
) => error);

/** Ada and Bob, plain users, and the names of their sessions. */
async function serverWithSessions() {
  const server = await makeServer();
  await server.addUser("ada@example.org");
  await server.addUser("bob@example.org");
  const { sid } = await server.logIn("ada@example.org");
  return { server, sid, theirs: (await server.logIn("bob@example.org")).sid };
}

/** Ada, an administrator, and Bob, a plain user. */
async function serverWithGuard(): Promise<Server> {
  const server = await makeServer();
  await server.addUser("ada@example.org", { isAdmin: true });
  await server.addUser("bob@example.org");
  return server;
}

/**
 * Every route that takes an access token refuses this one, of an administrator.
 */
async function assertRefusedEverywhere(
  server: Server,
  token: string,
): Promise<void> {
  const lines = [
    "GET /get-user",
    "GET /sessions",
    "DELETE /sessions/x",
    "POST /password",
    "POST /users",
    "GET /users",
    "GET /users/1",
    "PATCH /users/1",
    "POST /logout",
    "POST /logout?everywhere=1",
  ];
  for (const line of lines) {
    assert.equal(await server.ask(line, { token }), tokenIsInvalid, line);
  }
}
