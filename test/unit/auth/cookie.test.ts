/**
 * The session cookie: its text, where it is accepted and what ends its session.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts, browser.ts and send.ts.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { told } from "../../support/send.ts";
import {
  isSignedIn,
  sameOrigin,
  secretOf,
  show,
  signIn,
} from "../../support/browser.ts";
import { trySignIn, under } from "../../support/browser.ts";
import { withClock } from "../../support/clock.ts";
import {
  authRequired,
  makeServer,
  password,
  type Server,
} from "../../support/site.ts";
import { tokenIsInvalid, withDatabase } from "../../support/site.ts";

const ada = "ada@example.org";
const thirtyDays = 30 * 24 * 3600; // seconds
const loopbacks = [
  "localhost",
  "localhost:8080",
  "localhost:1",
  "127.0.0.1",
  "127.0.0.1:8080",
  "127.255.3.44:65535",
  "[::1]",
  "[::1]:8080",
];

test("the cookie is __Host-, Secure, HttpOnly, SameSite=Lax, of all paths, no Domain, 30 days", async () => {
  const server = await serverWithAda();
  const { setCookie } = await trySignIn(server, ada);
  const attributes = "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure";
  assert.match(setCookie ?? "", /^__Host-onejot=[\w-]{43}; /);
  assert.equal(setCookie?.slice(setCookie.indexOf(" ") + 1), attributes);
});

test("over plain HTTP on this machine the cookie lacks the prefix and Secure, and nothing else", async () => {
  const server = await serverWithAda();
  for (const host of loopbacks) {
    const { setCookie } = await trySignIn(under(host, server), ada);
    const attributes = "Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000";
    assert.match(setCookie ?? "", /^onejot=[\w-]{43}; /, host);
    assert.equal(
      setCookie?.slice(setCookie.indexOf(" ") + 1),
      attributes,
      host,
    );
  }
});

test("behind a proxy the cookie is __Host- and Secure, though the Host is this machine", async () => {
  const server = await serverWithAda();
  const forwarded = [
    { "x-forwarded-for": "192.0.2.1" },
    { "x-forwarded-proto": "https" },
    { "x-forwarded-proto": "http" },
    { "x-forwarded-host": "localhost" },
    { forwarded: "for=192.0.2.1;proto=https" },
    { "x-forwarded-for": "" },
  ];
  for (const headers of forwarded) {
    for (const host of ["localhost:8080", "127.0.0.1", "[::1]:8080"]) {
      const { setCookie } = await trySignIn(under(host, server), ada, {
        headers,
      });
      assert.match(
        setCookie ?? "",
        /^__Host-onejot=.*; Secure$/,
        JSON.stringify(headers),
      );
    }
  }
});

test("a Host that only looks like this machine's gets the cookie that is Secure", async () => {
  const server = await serverWithAda();
  const hosts = [
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil-localhost",
    "evil.localhost",

    "localhost.",
    "localhost.:80",
    "a127.0.0.1",
    "1127.0.0.1",
    "127.0.0.1.",
    "127.0.0.1000",

    "127.0.0",
    "127.0.0.1.1",
    "127.evil.example.1",
    "127a0.0.1",
    "128.0.0.1",
    "0.0.0.0",
    "0",

    "[::2]",
    "[::]",
    "[::1:1]",
    "[1::1]",
    "[::ffff:127.0.0.1]",
    "[::11]",
    "LOCALHOST_",

    "localhost_:80",
    "xlocalhost",
    "local-host",
    "ip6-localhost",
    "10.0.0.1",
    "192.0.2.1:80",
  ];
  for (const host of hosts) {
    const { status, setCookie } = await trySignIn(under(host, server), ada);
    assert.equal(status, 303, host);
    assert.match(setCookie ?? "", /^__Host-onejot=.*; Secure$/, host);
  }
});

test("each name of the cookie is accepted only where it would be set", async () => {
  const server = await serverWithAda();
  const onThisMachine = under("localhost:8080", server);
  const elsewhere = under("app.example.org", server);
  const proxied = { "x-forwarded-proto": "https" };
  const rows: readonly (readonly [Pick<Server, "send">, object, string])[] = [
    [onThisMachine, {}, "onejot"],
    [onThisMachine, proxied, "__Host-onejot"],
    [elsewhere, {}, "__Host-onejot"],
    [elsewhere, proxied, "__Host-onejot"],
  ];
  for (const [site, headers, expected] of rows) {
    const secret = secretOf(await signIn(site, ada));
    for (
      const name of [
        "onejot",
        "__Host-onejot",
        "__Secure-onejot",
        "__host-onejot",
        "Onejot",
      ]
    ) {
      const cookie = `${name}=${secret}`;
      assert.equal(
        await isSignedIn(site, { ...headers, cookie }),
        name === expected,
        name,
      );
    }
  }
});

test("a cookie that is sent twice is no login, whichever of the two is good", async () => {
  const server = await serverWithAda();
  const { cookie } = await signIn(server, ada);
  const { cookie: other } = await signIn(server, ada);
  const bad = `__Host-onejot=${"A".repeat(43)}`;
  const empty = "__Host-onejot=";
  for (const second of [cookie, other, bad, empty]) {
    for (
      const pairs of [[cookie, second], [second, cookie], [
        cookie,
        "x=1",
        second,
      ]]
    ) {
      for (const between of ["; ", ";", " ; ", ", "]) {
        const twice = pairs.join(between);
        assert.equal(await isSignedIn(server, { cookie: twice }), false, twice);
      }
    }
  }
  assert.equal(await isSignedIn(server, { cookie }), true);
});

test("cookies beside the session's change nothing, whatever they are called", async () => {
  const server = await serverWithAda();
  const { cookie } = await signIn(server, ada);
  const others = [
    "x=1",
    "onejot=x",
    "__Host-onejot2=x",
    "x__Host-onejot=x",
    "a=b=c",
    "=",
    "",
    "a",
    " ",

    'q="; "',
    "__host-onejot=x",
    "__Host-onejot",
    "__Host-onejot =x",
    "é=é",
  ];
  for (const other of others) {
    assert.ok(
      await isSignedIn(server, { cookie: `${other}; ${cookie}` }),
      other,
    );
    assert.ok(
      await isSignedIn(server, { cookie: `${cookie}; ${other}` }),
      other,
    );
    assert.ok(
      await isSignedIn(server, { cookie: `${other};${cookie};${other}` }),
      other,
    );
    assert.equal(await isSignedIn(server, { cookie: other }), false, other);
  }
});

test("a cookie that is empty, quoted, altered or very long is no login and no fault", async () => {
  const server = await serverWithAda();
  const secret = secretOf(await signIn(server, ada));
  const values = [
    "",
    " ",
    '"',
    '""',
    `"${secret}"`,
    `${secret}=`,
    `${secret}A`,
    secret.slice(1),
    "é",

    secret.slice(0, -1),
    secret.toLowerCase(),
    ` "${secret}`,
    `${secret}%20`,
    `${secret} x`,

    secret.repeat(2),
    "x".repeat(100_000),
    "A".repeat(43),
    "%",
    "null",
    "undefined",
    "' OR 1",
  ];
  for (const value of values) {
    const cookie = `__Host-onejot=${value}`;
    assert.equal(
      await isSignedIn(server, { cookie }),
      false,
      value.slice(0, 80),
    );
  }
});

test("nothing else that a client or the database knows of a session is good in the cookie", async () => {
  await withDatabase(async (server, database) => {
    await server.addUser(ada);
    const secret = secretOf(await signIn(server, ada));
    const { token, refreshToken, sid } = await server.logIn(ada);
    const rows = database.prepare("SELECT * FROM sessions").all();
    const stored = rows.flatMap((row) => Object.values(row)).map(String);
    assert.ok(stored.length > 15);
    for (
      const value of [
        ...stored,
        token,
        refreshToken,
        refreshToken.slice(22, 65),
        sid,
      ]
    ) {
      const cookie = `__Host-onejot=${value}`;
      assert.equal(await isSignedIn(server, { cookie }), false, value);
    }
    assert.ok(await isSignedIn(server, { cookie: `__Host-onejot=${secret}` }));
  });
});

test("of the cookie's secret the database holds only a hash", async () => {
  await withDatabase(async (server, database) => {
    await server.addUser(ada);
    const secret = secretOf(await signIn(server, ada));
    const tables = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table'",
    ).all();
    const rows = tables.flatMap(({ name }) =>
      database.prepare(`SELECT * FROM ${name}`).all()
    );
    const bytes = Buffer.from(secret, "base64url");
    for (
      const form of [secret, bytes.toString("base64"), bytes.toString("hex")]
    ) {
      assert.ok(
        !JSON.stringify(rows).toLowerCase().includes(form.toLowerCase()),
      );
    }
    const row = database.prepare("SELECT * FROM sessions").get();
    assert.equal(
      row?.["cookie_hash"],
      createHash("sha256").update(secret).digest("base64url"),
    );
  });
});

test("each sign-in has a secret of 256 bits that no other has, and a session of its own", async () => {
  const server = await serverWithAda();
  const secrets = new Set<string>();
  for (let count = 0; count < 8; count++) {
    secrets.add(secretOf(await signIn(server, ada)));
  }
  assert.equal(secrets.size, 8);
  for (const secret of secrets) {
    assert.equal(Buffer.from(secret, "base64url").length, 32);
  }
  const sessions = await server.store.listSessions(
    {
      userId: (await server.account(ada)).id,
      since: 0,
      after: null,
      limit: 2000,
    },
  );
  assert.equal(new Set(sessions.map(({ id }) => id)).size, 8);
});

test("a browser that sends a cookie of its own choice gets another when it signs in", async () => {
  const server = await serverWithAda();
  const chosen = "A".repeat(43);
  const headers = { cookie: `__Host-onejot=${chosen}` };
  const { cookie } = await signIn(server, ada, { headers });
  assert.notEqual(cookie, headers.cookie);
  assert.equal(await isSignedIn(server, headers), false);
});

test("signing out removes the cookie and ends its session", async () => {
  const server = await serverWithAda();
  const { id } = await server.account(ada);
  const rows = [
    [
      server,
      "__Host-onejot=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure",
    ],
    [
      under("localhost:8080", server),
      "onejot=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    ],
  ] as const;
  for (const [site, removal] of rows) {
    const headers = await signIn(site, ada);
    assert.ok(await isSignedIn(site, headers));
    assert.equal(
      (await server.store.listSessions({
        userId: id,
        since: 0,
        after: null,
        limit: 2000,
      })).length,
      1,
    );
    const answer = await signOut(site, headers);
    assert.deepEqual(
      [answer.status, answer.location, answer.setCookie, answer.text],
      [303, "signin", removal, ""],
    );
    assert.equal(await isSignedIn(site, headers), false);
    assert.deepEqual(
      await server.store.listSessions({
        userId: id,
        since: 0,
        after: null,
        limit: 2000,
      }),
      [],
    );
  }
});

test("signing out without a session removes the cookie all the same, and ends nobody's session", async () => {
  const server = await serverWithAda();
  const { token } = await server.logIn(ada);
  const headers = await signIn(server, ada);
  const others = [
    {},
    { cookie: `__Host-onejot=${"A".repeat(43)}` },
    { cookie: `onejot=${secretOf(headers)}` },
    { cookie: `${headers.cookie}; ${headers.cookie}` },
    { authorization: `Bearer ${token}` },
  ];
  for (const other of others) {
    const answer = await signOut(server, other);
    assert.equal(answer.status, 303);
    assert.match(
      answer.setCookie ?? "",
      /^__Host-onejot=; .*Max-Age=0; Secure$/,
    );
  }
  assert.ok(await isSignedIn(server, headers));
  assert.ok(await server.accepts(token));
});

test("two browsers have two sessions, and one signs out without the other", async () => {
  const server = await serverWithAda();
  await server.addUser("bob@example.org");
  const [first, second] = [
    await signIn(server, ada),
    await signIn(server, ada),
  ];
  const bob = await signIn(server, "bob@example.org");
  await signOut(server, first);
  assert.equal(await isSignedIn(server, first), false);
  assert.ok(await isSignedIn(server, second));
  assert.ok(await isSignedIn(server, bob));
});

test("a browser's session is listed with its address and browser, and can be ended there", async () => {
  const server = await serverWithAda();
  const { token, sid } = await server.logIn(ada);
  const sent = { headers: { "user-agent": "Browser/1" }, address: "192.0.2.7" };
  const browser = await signIn(server, ada, sent);
  const { sessions } = await server.get("GET /sessions", { token });
  const [listed, ...others] = (sessions as Record<string, unknown>[]).filter((
    { id },
  ) => id !== sid);
  assert.deepEqual(others, []);
  const { address, agent, current } = listed ?? {};
  assert.deepEqual([address, agent, current], [
    "192.0.2.7",
    "Browser/1",
    false,
  ]);
  assert.ok(!JSON.stringify(sessions).includes(secretOf(browser)));
  assert.equal(
    await server.ask(`DELETE /sessions/${listed?.["id"]}`, { token }),
    "204 ",
  );
  assert.equal(await isSignedIn(server, browser), false);
  assert.ok(await server.accepts(token));
});

test("a browser's session cannot be refreshed, not even by one who knows its key", async () => {
  await withDatabase(async (server, database) => {
    await server.addUser(ada);
    const browser = await signIn(server, ada);
    const values = [
      secretOf(browser),
      "A".repeat(43),
      hashOf(secretOf(browser)),
      hashOf(""),
    ];
    for (const value of values) {
      const row = database.prepare("SELECT * FROM sessions").get();
      const hmac = createHmac("sha256", String(row?.["refresh_key"])).update(
        `proof ${value}`,
      );
      const proof = hmac.digest("base64url").slice(0, 22);
      const response = await server.tryRefresh(
        `${row?.["id"]}${value}${proof}`,
      );
      assert.equal(await told(response), tokenIsInvalid);
      // What pretended to be spent has ended the session.
      await signIn(server, ada);
    }
  });
});

const endings: readonly (readonly [
  string,
  (server: Server, token: string) => Promise<unknown>,
])[] = [
  [
    "a password change",
    (server, token) => {
      const form = { password, new_password: "another password" };
      return server.send("POST /password", { token, form });
    },
  ],
  [
    "a logout everywhere",
    (server, token) => server.send("POST /logout?everywhere=1", { token }),
  ],
  ["a disable", (server) => changeAda(server, { is_disabled: true })],
  [
    "an administrator's new password",
    (server) => changeAda(server, { password: "new password" }),
  ],
];

for (const [name, end] of endings) {
  test(`${name} ends the sessions of all browsers`, async () => {
    const server = await serverWithAda();
    await server.addUser("admin@example.org", { isAdmin: true });
    const browsers = [await signIn(server, ada), await signIn(server, ada)];
    const { token } = await server.logIn(ada);
    const other = await signIn(server, "admin@example.org");
    for (const browser of browsers) {
      assert.ok(await isSignedIn(server, browser));
    }
    await end(server, token);
    for (const browser of browsers) {
      assert.equal(await isSignedIn(server, browser), false);
    }
    assert.ok(await isSignedIn(server, other));
  });
}

test("a browser's session ends 30 days after it signed in, to the second, however it is used", async () => {
  await withClock(async (clock) => {
    const server = await serverWithAda();
    const browser = await signIn(server, ada);
    for (const days of [10, 10, 10]) {
      clock.advance(days * 24 * 3600);
      assert.ok(await isSignedIn(server, browser));
    }
    clock.advance(1);
    assert.equal(await isSignedIn(server, browser), false);
    const { token } = await server.logIn(ada);
    const { sessions } = await server.get("GET /sessions", { token });
    assert.equal(Object(sessions).length, 1);
    clock.advance(-1);
    assert.ok(await isSignedIn(server, browser));
    clock.advance(2 * thirtyDays);
    assert.equal(await isSignedIn(server, browser), false);
  });
});

test("a cookie is no token: what a token can do, it cannot", async () => {
  const server = await serverWithAda();
  await server.addUser("admin@example.org", { isAdmin: true });
  const headers = {
    ...sameOrigin,
    ...await signIn(server, "admin@example.org"),
  };
  const lines = [
    "GET /get-user",
    "GET /sessions",
    "DELETE /sessions/x",
    "POST /password",
    "POST /logout",
    "POST /logout?everywhere=1",
    "GET /users",
    "GET /users/1",
  ];
  for (const line of [...lines, "POST /users", "PATCH /users/1"]) {
    assert.equal(await server.ask(line, { headers }), authRequired, line);
  }
  assert.ok(await isSignedIn(server, headers));
});

async function serverWithAda(): Promise<Server> {
  const server = await makeServer();
  await server.addUser(ada);
  return server;
}

function signOut(
  site: Pick<Server, "send">,
  headers: Readonly<Record<string, string>>,
) {
  return show(
    site.send("POST /signout", { headers: { ...sameOrigin, ...headers } }),
  );
}

async function changeAda(server: Server, json: object): Promise<void> {
  const { token } = await server.logIn("admin@example.org");
  await server.get("GET /users/1", { token });
  const response = await server.send("PATCH /users/1", { token, json });
  assert.equal(response.status, 200);
}

function hashOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}
