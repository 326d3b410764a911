/**
 * The session cookie: its text, where it is accepted, what ends its session,
 * and from which origin a browser may send what changes something.
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
  type Sent,
  type Server,
} from "../../support/site.ts";
import { tokenIsInvalid, withDatabase } from "../../support/site.ts";

const ada = "ada@example.org";
const thirtyDays = 30 * 24 * 3600; // seconds
const otherOrigin = '403 {"message":"Send it from a page of this host"}';
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

/** What a browser says of the origin, and whether it is this host's. */
const origins: readonly (readonly [
  host: string,
  Readonly<Record<string, string>>,
  boolean,
])[] = [
  ...["app.example.org", "localhost:8080"].flatMap((host) => [
    [host, { "sec-fetch-site": "same-origin" }, true] as const,
    [
      host,
      { "sec-fetch-site": "same-origin", origin: `https://${host}` },
      true,
    ] as const,
    ...[
      "same-site",
      "cross-site",
      "none",
      "",
      "Same-Origin",
      "same-origin, same-origin",
      "x",
    ]
      .flatMap((site) => [
        [host, { "sec-fetch-site": site }, false] as const,
        [
          host,
          { "sec-fetch-site": site, origin: `https://${host}` },
          false,
        ] as const,
      ]),
    [host, {}, false] as const,
    [host, { origin: `https://${host}` }, true] as const,
    [host, { referer: `https://${host}/` }, false] as const,
    ...[
      "",
      "null",
      host,
      `//${host}`,
      `https://${host}/`,
      `https://${host}.`,
      "https://",
    ].map(
      (origin) => [host, { origin }, false] as const,
    ),
    ...[
      `https://${host}, https://${host}`,
      `https://user@${host}`,
      `HTTPS://${host}`,
    ].map(
      (origin) => [host, { origin }, false] as const,
    ),
    ...[
      "https://evil.example",
      `https://${host}.evil.example`,
      `https://evil-${host}`,
    ].map(
      (origin) => [host, { origin }, false] as const,
    ),
  ]),
  ["app.example.org", { origin: "http://app.example.org" }, false],
  ["app.example.org", { origin: "https://app.example.org:8443" }, false],
  ["app.example.org:8443", { origin: "https://app.example.org:8443" }, true],
  ["app.example.org:8443", { origin: "https://app.example.org" }, false],
  ["app.example.org", { origin: "https://sub.app.example.org" }, false],
  ["app.example.org", { origin: "https://example.org" }, false],
  ["localhost:8080", { origin: "http://localhost:8080" }, true],
  ["localhost:8080", { origin: "http://localhost:8081" }, false],
  ["localhost:8080", { origin: "http://localhost" }, false],
  ["localhost:8080", { origin: "http://127.0.0.1:8080" }, false],
  ["127.0.0.1:8080", { origin: "http://127.0.0.1:8080" }, true],
  ["[::1]:8080", { origin: "http://[::1]:8080" }, true],
  [
    "localhost.evil.example",
    { origin: "http://localhost.evil.example" },
    false,
  ],
];

test("a browser signs in from a page of this host alone", async () => {
  const server = await serverWithAda();
  const { id } = await server.account(ada);
  for (const [host, headers, isGood] of origins) {
    const form = { email: ada, password };
    const answer = await show(
      under(host, server).send("POST /signin", { form, headers }),
    );
    const sessions = await server.store.listSessions({
      userId: id,
      since: 0,
      after: null,
      limit: 2000,
    });
    const name = `${host} ${JSON.stringify(headers)}`;
    assert.equal(answer.status, isGood ? 303 : 403, name);
    assert.equal(answer.setCookie !== null, isGood, name);
    assert.equal(sessions.length, isGood ? 1 : 0, name);
    if (!isGood) assert.equal(`403 ${answer.text}`, otherOrigin, name);
    for (const session of sessions) {
      await server.store.endSession({ id: session.id, userId: id });
    }
  }
});

test("a browser signs out from a page of this host alone, so that no other page signs it out", async () => {
  const server = await serverWithAda();
  for (const [host, headers, isGood] of origins) {
    const site = under(host, server);
    const browser = await signIn(site, ada);
    const answer = await show(
      site.send("POST /signout", { headers: { ...headers, ...browser } }),
    );
    const name = `${host} ${JSON.stringify(headers)}`;
    assert.equal(answer.status, isGood ? 303 : 403, name);
    assert.equal(answer.setCookie !== null, isGood, name);
    assert.equal(await isSignedIn(site, browser), !isGood, name);
    // As SameSite=Lax makes it.
    const bare = await show(site.send("POST /signout", { headers }));
    assert.deepEqual([bare.status, bare.setCookie !== null], [
      isGood ? 303 : 403,
      isGood,
    ], name);
  }
});

test("where another origin may not sign in, no password is checked and no attempt is counted", async () => {
  const server = await serverWithAda();
  const form = { email: ada, password: "wrong" };
  for (let count = 0; count < 30; count++) {
    const headers = { "sec-fetch-site": "cross-site" };
    assert.equal(
      await server.ask("POST /signin", { form, headers }),
      otherOrigin,
    );
  }
  assert.equal((await trySignIn(server, ada)).status, 303);
});

const unsafe: readonly (readonly [string, Sent])[] = [
  ["POST /logout", {}],
  ["POST /logout?everywhere=1", {}],
  ["POST /login", { form: { email: ada, password } }],
  ["POST /password", { form: { password, new_password: "another password" } }],
  ["PATCH /users/1", { json: { is_disabled: true } }],
  ["POST /users", { json: { email: "new@example.org", password } }],
  ["DELETE /sessions/x", {}],
  ["PUT /users/1", { json: {} }],
  ["PROPFIND /get-user", {}],
  ["POST /nowhere", {}],
];

test("an unsafe request with the cookie is refused from another origin, also with a token", async () => {
  const server = await serverWithAda();
  await server.addUser("admin@example.org", { isAdmin: true });
  const { cookie } = await signIn(server, ada);
  const { token, refreshToken } = await server.logIn("admin@example.org");
  const cookies = [
    cookie,
    `onejot=${"A".repeat(43)}`,
    `a=b; ${cookie}`,
    `a=b;${cookie}; c=d`,
    "__Host-onejot=",
    `${cookie}; ${cookie}`,
    `a=b, ${cookie}`,
  ];
  const elsewhere = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site", origin: "https://onejot.test" },
    { origin: "https://evil.example" },
    { origin: "null" },
    {},
  ];
  const refreshing = ["POST /refresh", {
    form: { refresh_token: refreshToken },
  }] as const;
  for (const [line, sent] of [...unsafe, refreshing]) {
    for (const cookie of cookies) {
      for (const origin of elsewhere) {
        const headers = { ...origin, cookie };
        assert.equal(
          await server.ask(line, { ...sent, headers }),
          otherOrigin,
          line,
        );
        assert.equal(
          await server.ask(line, { ...sent, token, headers }),
          otherOrigin,
          line,
        );
      }
    }
  }
  assert.ok(await isSignedIn(server, { cookie }));
  assert.ok(await server.accepts(token));
  await server.refresh(refreshToken);
});

test("an unsafe request with the cookie passes from a page of this host", async () => {
  const statuses = [204, 204, 200, 200, 200, 201, 404, 405, 405, 404];
  for (const origin of [sameOrigin, { origin: "https://onejot.test" }]) {
    for (const [index, [line, sent]] of unsafe.entries()) {
      const server = await serverWithAda();
      await server.addUser("admin@example.org", { isAdmin: true });
      const headers = { ...origin, ...await signIn(server, ada) };
      const { token, refreshToken } = await server.logIn("admin@example.org");
      const { status } = await server.send(line, { ...sent, token, headers });
      assert.equal(status, statuses[index], line);
      if (index > 0) continue;
      // Of a session that the logout has ended.
      const form = { refresh_token: refreshToken };
      assert.equal(
        await server.ask("POST /refresh", { form, headers }),
        tokenIsInvalid,
      );
    }
  }
});

test("a safe request with the cookie is answered whatever its origin", async () => {
  const server = await serverWithAda();
  const { token } = await server.logIn(ada);
  const browser = await signIn(server, ada);
  for (
    const origin of [{}, { "sec-fetch-site": "cross-site" }, {
      origin: "https://evil.example",
    }]
  ) {
    const headers = { ...origin, ...browser };
    assert.match(
      await server.ask("GET /get-user", { token, headers }),
      /^200 /,
    );
    assert.equal(
      await server.ask("HEAD /get-user", { token, headers }),
      "200 ",
    );
    assert.equal(await server.ask("OPTIONS /login", { headers }), "204 ");
    assert.match(await server.ask("GET /signin", { headers }), /^200 /);
    assert.equal(await server.ask("GET /forward-auth", { headers }), "200 ");
    assert.equal(
      await server.ask("GET /forward-auth/nginx", { headers }),
      "200 ",
    );
  }
});

test("an unsafe request without the cookie is not asked for its origin", async () => {
  const server = await serverWithAda();
  const cookies = [
    null,
    "",
    "x=1",
    "x-onejot=1",
    "onejot2=1",
    "not__Host-onejot=1",
    "onejot",
  ];
  const origins = [{}, { "sec-fetch-site": "cross-site" }, {
    origin: "https://evil.example",
  }];
  for (const cookie of cookies) {
    for (const origin of origins) {
      const headers = { ...origin, ...(cookie === null ? {} : { cookie }) };
      const { token, refreshToken } = await server.logIn(ada, { headers });
      const form = { refresh_token: refreshToken };
      assert.match(
        await server.ask("POST /refresh", { form, headers }),
        /^200 /,
      );
      assert.equal(
        await server.ask("POST /logout", { token, headers }),
        "204 ",
      );
    }
  }
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
