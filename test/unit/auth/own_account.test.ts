/**
 * What users do with their own accounts: log out here and everywhere, see and
 * end sessions, change the password; and that none of it reaches anybody
 * else's.
 * The vocabulary of these tests, such as `told(server.tryPassword(…))`, is that
 * of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { sign } from "../../../src/jwt/jwt.ts";
import { told } from "../../support/send.ts";
import { withClock } from "../../support/clock.ts";
import {
  authRequired,
  makeServer,
  notFound,
  password,
  Server,
} from "../../support/site.ts";
import {
  readTokens,
  tokenIsInvalid,
  type Tokens,
  wrongCredentials,
} from "../../support/site.ts";

const done = "204 ";
const newPassword = "battery staple";

test("a logout by access token ends that session at once, and no other", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const response = await server.send("POST /logout", { token: first.token });
  assert.equal(response.body, null);
  assert.equal(await told(response), done);
  await assertEnded(server, first);
  await assertAlive(server, second, stranger);
  assert.equal(
    await server.ask("POST /logout", { token: first.token }),
    tokenIsInvalid,
  );
});

test("a logout by refresh token ends its session, by form and by JSON, by a spent one as well", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const form = { refresh_token: first.refreshToken };
  assert.equal(await server.ask("POST /logout", { form }), done);
  await assertEnded(server, first);
  await assertAlive(server, second, stranger);
  const spent = await server.logIn("ada@example.org");
  await server.refresh(spent.refreshToken);
  const json = { refresh_token: spent.refreshToken };
  assert.equal(await server.ask("POST /logout", { json }), done);
  await assertEnded(server, spent);
  assert.equal(await server.ask("POST /logout", { json }), tokenIsInvalid);
});

for (const proof of ["access token", "refresh token"]) {
  test(`a logout everywhere by ${proof} ends all of the user's sessions`, async () => {
    const { server, first, second, stranger } = await serverWithSessions();
    const sent = proof === "access token"
      ? { token: first.token }
      : { form: { refresh_token: first.refreshToken } };
    assert.equal(await server.ask("POST /logout?everywhere=1", sent), done);
    await assertEnded(server, first);
    await assertEnded(server, second);
    await assertAlive(server, stranger);
    await assertAlive(server, await server.logIn("ada@example.org"));
  });
}

test("a logout everywhere by a spent refresh token ends its own session alone, and is refused", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const { refreshToken } = await server.refresh(first.refreshToken);
  const form = { refresh_token: first.refreshToken };
  const asked = await server.ask("POST /logout?everywhere=1", { form });
  assert.equal(asked, tokenIsInvalid);
  await assertEnded(server, { ...first, refreshToken });
  await assertAlive(server, second, stranger);
});

test("everywhere is 1, once, or is not there: anything else ends nothing", async () => {
  const { server, first, second } = await serverWithSessions();
  const queries = [
    "everywhere",
    "everywhere=",
    "everywhere=0",
    "everywhere=2",
    "everywhere=true",
    "everywhere=1&everywhere=1",
    "everywhere=1&everywhere=0",
    "everywhere=11",
  ];
  for (const query of queries) {
    for (
      const sent of [{ token: first.token }, {
        form: { refresh_token: first.refreshToken },
      }]
    ) {
      const answer = await server.ask(`POST /logout?${query}`, sent);
      assert.equal(
        answer,
        '400 {"message":"everywhere can be 1, or be left out"}',
        query,
      );
    }
  }
  await assertAlive(server, first, second);
});

test("a logout without any token is asked for one", async () => {
  const { server, first } = await serverWithSessions();
  for (const line of ["POST /logout", "POST /logout?everywhere=1"]) {
    const response = await server.send(line);
    assert.equal(
      response.headers.get("www-authenticate"),
      'Bearer realm="onejot"',
    );
    assert.equal(await told(response), authRequired);
  }
  const missing = '400 {"message":"Missing field: refresh_token"}';
  assert.equal(
    await server.ask("POST /logout", { form: { token: first.token } }),
    missing,
  );
  await assertAlive(server, first);
});

test("a refresh token does not make up for an access token that is bad", async () => {
  const { server, first } = await serverWithSessions();
  const form = { refresh_token: first.refreshToken };
  assert.equal(
    await server.ask("POST /logout", { form, token: "bad" }),
    tokenIsInvalid,
  );
  await assertAlive(server, first);
});

test("of an access token and a refresh token of another session, the access token's ends", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const form = { refresh_token: stranger.refreshToken };
  assert.equal(
    await server.ask("POST /logout", { form, token: first.token }),
    done,
  );
  await assertEnded(server, first);
  await assertAlive(server, second, stranger);
});

test("a token without a session cannot log out of one", async () => {
  const { server, first, second } = await serverWithSessions();
  const token = await server.sign({ user_id: 1 });
  const answer = await server.ask("POST /logout", { token });
  assert.equal(
    answer,
    '400 {"message":"This token has no session: add ?everywhere=1"}',
  );
  assert.ok(await server.accepts(token));
  await assertAlive(server, first, second);
});

test("a logout everywhere refuses the tokens without a session that were issued until then", async () => {
  await withClock(async (clock) => {
    const { server, first, stranger } = await serverWithSessions();
    const now = clock.seconds;
    const issue = (iat: number) => server.sign({ user_id: 1, iat });
    const before = [
      await issue(now - 1000),
      await issue(now),
      await issue(now + 0.75),
    ];
    const exp = now + 60;
    // No iat counts as 0.
    before.push(await sign({ user_id: 1, exp }, server.key));
    // As far ahead as another machine's clock may be.
    before.push(await issue(now + 1), await issue(now + 2));
    const after = [await issue(now + 3), await issue(now + 4)];
    for (const token of before) assert.ok(await server.accepts(token));
    for (const token of after) {
      assert.equal(await server.accepts(token), false);
    }
    const [token = ""] = before;
    assert.equal(
      await server.ask("POST /logout?everywhere=1", { token }),
      done,
    );
    await assertEnded(server, first);
    for (const token of before) {
      assert.equal(await server.accepts(token), false);
    }
    await assertAlive(server, stranger);
    assert.ok(
      await server.accepts(await server.sign({ user_id: 2, iat: now - 1000 })),
    );
    clock.advance(4);
    for (const token of before) {
      assert.equal(await server.accepts(token), false);
    }
    for (const token of after) assert.ok(await server.accepts(token));
    assert.ok(await server.accepts(await server.sign({ user_id: 1 })));
  });
});

test("sessions are listed with dates, address and agent: the user's own, the last refreshed first", async () => {
  await withClock(async (clock) => {
    const server = await makeServer();
    await server.addUser("ada@example.org");
    await server.addUser("bob@example.org");
    const start = clock.seconds;
    const agents = {
      headers: { "user-agent": `agent ${"x".repeat(300)}` },
      address: "192.0.2.7",
    };
    const first = await server.logIn("ada@example.org", agents);
    clock.advance(60);
    const headers = { "user-agent": "" };
    const second = await server.logIn("ada@example.org", {
      headers,
      address: null,
    });
    await server.logIn("bob@example.org");
    clock.advance(60);
    await server.refresh(first.refreshToken);
    const seen = await server.get("GET /sessions", { token: second.token });
    const at = (seconds: number) => new Date(seconds * 1000).toISOString();
    assert.deepEqual(seen, {
      sessions: [
        {
          id: first.sid,
          created: at(start),
          refreshed: at(start + 120),
          address: "192.0.2.7",
          agent: `agent ${"x".repeat(250)}`, // 256 characters
          last_address: "192.0.2.1",
          last_agent: null,
          current: false,
        },
        {
          id: second.sid,
          created: at(start + 60),
          refreshed: at(start + 60),
          address: null,
          agent: "",
          last_address: null,
          last_agent: "",
          current: true,
        },
      ],
      next: null,
    });
  });
});

test("for a token without a session, and with its login's agent left out, none is the current one", async () => {
  const { server } = await serverWithSessions();
  const { sessions } = await server.get("GET /sessions", {
    token: await server.sign({ user_id: 1 }),
  });
  assert.ok(Array.isArray(sessions));
  assert.deepEqual(sessions.map(({ current, agent }) => [current, agent]), [
    [false, null],
    [false, null],
  ]);
});

test("a user ends one of the own sessions, also the current one", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const { token } = first;
  assert.equal(
    await server.ask(`DELETE /sessions/${second.sid}`, { token }),
    done,
  );
  await assertEnded(server, second);
  await assertAlive(server, first, stranger);
  assert.equal(
    await server.ask(`DELETE /sessions/${second.sid}`, { token }),
    notFound,
  );
  assert.equal(
    await server.ask(`DELETE /sessions/${first.sid}`, { token }),
    done,
  );
  await assertEnded(server, first);
});

test("other people's sessions are not there", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const { token } = first;
  const unknown = await server.ask(`DELETE /sessions/${"A".repeat(22)}`, {
    token,
  });
  const theirs = await server.ask(`DELETE /sessions/${stranger.sid}`, {
    token,
  });
  assert.equal(unknown, notFound);
  assert.equal(theirs, unknown);
  for (const id of ["%00", "%27%20OR%20id%20LIKE%20%27%25", "%25", "1"]) {
    assert.equal(
      await server.ask(`DELETE /sessions/${id}`, { token }),
      notFound,
      id,
    );
  }
  await assertAlive(server, first, second, stranger);
});

test("without a token nobody sees or ends sessions, or changes a password", async () => {
  const { server, first } = await serverWithSessions();
  const lines = [
    "GET /sessions",
    `DELETE /sessions/${first.sid}`,
    "POST /password",
  ];
  for (const line of lines) {
    assert.equal(await server.ask(line), authRequired, line);
    assert.equal(
      await server.ask(line, { token: "bad" }),
      tokenIsInvalid,
      line,
    );
  }
  await assertAlive(server, first);
});

test("a password change ends all sessions, also the one that asked for it, and begins one", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const begun = await readTokens(await change(server, first.token));
  await assertEnded(server, first);
  await assertEnded(server, second);
  await assertAlive(server, begun, stranger);
  const oldOne = await server.tryPassword("ada@example.org", password);
  assert.equal(await told(oldOne), wrongCredentials);
  assert.equal(
    (await server.tryPassword("ada@example.org", newPassword)).status,
    200,
  );
  assert.equal(
    (await server.tryPassword("bob@example.org", password)).status,
    200,
  );
});

test("a password change by a token without a session ends all sessions, and begins one", async () => {
  const { server, first, second, stranger } = await serverWithSessions();
  const token = await server.sign({ user_id: 1 });
  const begun = await readTokens(await change(server, token));
  await assertEnded(server, first);
  await assertEnded(server, second);
  await assertAlive(server, begun, stranger);
  assert.equal(await server.accepts(token), false);
});

test("a password change refuses the tokens without a session that were issued until then", async () => {
  await withClock(async (clock) => {
    const { server, first } = await serverWithSessions();
    const tokens = [
      await server.sign({ user_id: 1 }),
      await sign({ user_id: 1 }, server.key),
    ];
    const now = clock.seconds;
    tokens.push(await server.sign({ user_id: 1, iat: now + 2 }));
    const theirs = await server.sign({ user_id: 2 });
    const begun = await readTokens(await change(server, first.token));
    for (const token of tokens) {
      assert.equal(await server.accepts(token), false);
    }
    assert.ok(await server.accepts(theirs));
    await assertAlive(server, begun);
    clock.advance(3);
    assert.ok(await server.accepts(await server.sign({ user_id: 1 })));
  });
});

test("a password change with a wrong old password changes nothing", async () => {
  const { server, first, second } = await serverWithSessions();
  assert.equal(
    await told(change(server, first.token, "wrong")),
    wrongCredentials,
  );
  await assertAlive(server, first, second);
  await server.logIn("ada@example.org");
  const strict = new Server(server.store, {
    key: server.key,
    refusalStatus: 401,
  });
  const response = await change(strict, first.token, "wrong");
  assert.equal(
    response.headers.get("www-authenticate"),
    'Bearer realm="onejot"',
  );
  assert.equal(await told(response), '401 {"message":"Wrong credentials"}');
});

test("a password change and a login count their failures together", async () => {
  await withClock(async () => {
    const { server, first } = await serverWithSessions();
    for (let count = 0; count < 3; count++) {
      assert.equal((await change(server, first.token, "wrong")).status, 400);
    }
    for (let count = 0; count < 2; count++) {
      assert.equal(
        (await server.tryPassword("ada@example.org", "wrong")).status,
        400,
      );
    }
    for (const tried of [password, "wrong"]) {
      const response = await change(server, first.token, tried);
      assert.equal(response.headers.get("retry-after"), "1");
      assert.equal(await told(response), '429 {"message":"Too many requests"}');
      assert.equal(
        (await server.tryPassword("ada@example.org", tried)).status,
        429,
      );
    }
    assert.ok(await server.accepts(first.token));
  });
});

test("a password change clears the failures of its account and address", async () => {
  await withClock(async () => {
    const { server, first } = await serverWithSessions();
    for (let count = 0; count < 4; count++) {
      await change(server, first.token, "wrong");
    }
    const { token } = await readTokens(await change(server, first.token));
    for (let count = 0; count < 5; count++) {
      assert.equal((await change(server, token, "wrong")).status, 400);
    }
    assert.equal((await change(server, token, "wrong")).status, 429);
  });
});

test("a new password that can be none is told so, before the old one is looked at", async () => {
  const { server, first, second } = await serverWithSessions();
  const tooShort =
    '400 {"message":"The password must have at least 8 characters."}';
  const tooLong =
    '400 {"message":"The password must not be longer than 1,024 bytes."}';
  const nul = '400 {"message":"The password must not hold a NUL character."}';
  for (
    const old of [
      password,
      "wrong",
      "wrong",
      "wrong",
      "wrong",
      "wrong",
      "wrong",
    ]
  ) {
    assert.equal(
      await told(change(server, first.token, old, "1234567")),
      tooShort,
    );
    assert.equal(
      await told(change(server, first.token, old, "x".repeat(1025))),
      tooLong,
    );
    assert.equal(
      await told(change(server, first.token, old, "12345678\0")),
      nul,
    );
  }
  await assertAlive(server, first, second);
  await server.logIn("ada@example.org");
});

test("a password change asks for both passwords, each once and as text", async () => {
  const { server, first: { token } } = await serverWithSessions();
  const table: [Record<string, unknown>, string][] = [
    [{}, "Missing field: password, new_password"],
    [{ password }, "Missing field: new_password"],
    [{ new_password: newPassword }, "Missing field: password"],
    [{ password: 1, new_password: newPassword }, "Field is not text: password"],
    [{ password, new_password: null }, "Field is not text: new_password"],
  ];
  for (const [json, message] of table) {
    assert.equal(
      await server.ask("POST /password", { token, json }),
      `400 {"message":"${message}"}`,
    );
  }
  const form = { password, new_password: newPassword };
  const response = await server.send("POST /password", { token, form });
  assert.equal(response.status, 200);
});

test("of two password changes at once, one is done and the other is told of it", async () => {
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  const server = await makeServer({}, (store) => ({
    changePassword: async (...args) => {
      if (++arrived === 2) both.resolve();
      await both.promise; // both have found the old password right
      return await store.changePassword(...args);
    },
  }));
  await server.addUser("ada@example.org");
  const [first, second] = [
    await server.logIn("ada@example.org"),
    await server.logIn("ada@example.org"),
  ];
  const passwords = ["one password", "another password"];
  const answers = await Promise.all(
    passwords.map((tried, index) =>
      change(server, [first, second][index]?.token ?? "", password, tried)
    ),
  );
  // The one that was first has ended the session of the other.
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(statuses.toSorted(), [200, 400]);
  for (const [index, status] of statuses.entries()) {
    const login = await server.tryPassword(
      "ada@example.org",
      passwords[index] ?? "",
    );
    assert.equal(login.status, status);
  }
});

test("a password change of a user who is disabled meanwhile changes nothing", async () => {
  const server = await makeServer({}, (store) => ({
    changePassword: async (...args) => {
      await store.changeUser({
        id: args[0].account.id,
        change: { isDisabled: true },
        tokensFrom: 2,
        author: null,
      });
      return await store.changePassword(...args);
    },
  }));
  await server.addUser("ada@example.org");
  const before = await server.account("ada@example.org");
  const { token } = await server.logIn("ada@example.org");
  assert.equal(await told(change(server, token)), tokenIsInvalid);
  assert.deepEqual(await server.account("ada@example.org"), {
    ...before,
    isDisabled: true,
  });
});

/** Ada with two sessions, and Bob with one. */
async function serverWithSessions() {
  const server = await makeServer();
  await server.addUser("ada@example.org");
  await server.addUser("bob@example.org");
  const first = await server.logIn("ada@example.org");
  const second = await server.logIn("ada@example.org");
  return {
    server,
    first,
    second,
    stranger: await server.logIn("bob@example.org"),
  };
}

function change(
  server: Server,
  token: string,
  old = password,
  next = newPassword,
): Promise<Response> {
  return server.send("POST /password", {
    token,
    json: { password: old, new_password: next },
  });
}

async function assertEnded(
  server: Server,
  { token, refreshToken }: Tokens,
): Promise<void> {
  assert.equal(await server.accepts(token), false);
  assert.equal(await told(server.tryRefresh(refreshToken)), tokenIsInvalid);
}

/**
 * The access tokens are good, and so are the refresh tokens, which are spent
 * thereby.
 */
async function assertAlive(
  server: Server,
  ...all: readonly Tokens[]
): Promise<void> {
  for (const { token, refreshToken } of all) {
    assert.ok(await server.accepts(token));
    await server.refresh(refreshToken);
  }
}
