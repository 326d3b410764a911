/**
 * From which pages a browser may send what changes something, or what counts:
 * forms of this host alone; whatever has the cookie from this host alone; and
 * attempts from no page of another origin.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts, browser.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionStore } from "../../../src/auth/auth.ts";
import { findBrowserSession, mayHaveCookie } from "../../../src/auth/cookie.ts";
import { untyped } from "../../support/send.ts";
import {
  isSignedIn,
  saidByOtherOrigins,
  sameOrigin,
  show,
  signIn,
  trySignIn,
  under,
} from "../../support/browser.ts";
import {
  makeServer,
  password,
  readTokens,
  type Sent,
  type Server,
  tokenIsInvalid,
} from "../../support/site.ts";

const ada = "ada@example.org";
const otherOrigin = '403 {"message":"Send it from a page of this host"}';

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

test("an unsafe request without the cookie is not asked for its origin by the rule for cookies", async () => {
  const server = await serverWithAda();
  const { token } = await server.logIn(ada);
  const cookies = [
    null,
    "",
    "x=1",
    "x-onejot=1",
    "onejot2=1",
    "not__Host-onejot=1",
    "onejot",
  ];
  for (const cookie of cookies) {
    for (const origin of [{}, ...fromOtherOrigins]) {
      const headers = { ...origin, ...(cookie === null ? {} : { cookie }) };
      assert.match(
        await server.ask("DELETE /sessions/x", { token, headers }),
        /^404 /,
      );
    }
  }
});

test("whatever cookie the reader takes, the rule for cookies sees, whatever byte stands before it", async () => {
  for (const name of ["onejot", "__Host-onejot"]) {
    const host = name === "onejot" ? "localhost" : "onejot.test";
    for (let code = 1; code < 256; code++) {
      const byte = String.fromCharCode(code);
      if (byte === "\r" || byte === "\n") continue;
      for (const before of [byte, `x${byte}`, `a=b;${byte}`, `a=b${byte}`]) {
        const headers = new Headers({ host, cookie: `${before}${name}=x` });
        const isSeen = mayHaveCookie(headers);
        if (await isTaken(headers)) assert.ok(isSeen, before);
        // But not in the middle of a longer name.
        assert.equal(isSeen, !/[\w!#$%&'*+.^`|~-]$/.test(before), before);
      }
    }
  }
});

/** Says whether the reader of cookies asks the store for a request's. */
async function isTaken(headers: Headers): Promise<boolean> {
  let asked = 0;
  const findUserOfCookie = () => {
    asked++;
    return null;
  };
  const store = untyped<SessionStore>({ findUserOfCookie });
  await findBrowserSession({ store }, new Request("http://h/", { headers }));
  return asked > 0;
}

/** What browsers say of requests that a page of another origin makes. */
const fromOtherOrigins = saidByOtherOrigins("onejot.test");

/** And of requests that a page of this host makes, or that no page does. */
const fromThisHost: readonly Readonly<Record<string, string>>[] = [
  {},
  { "sec-fetch-site": "same-origin" },
  { "sec-fetch-site": "same-origin", origin: "https://onejot.test" },
  { "sec-fetch-site": "none" },
  { origin: "https://onejot.test" },
  { origin: "http://onejot.test" },
];

/** Where attempts count, and what ends sessions. */
const counting: readonly (readonly [line: string, sent: Sent])[] = [
  ["POST /login", { form: { email: ada, password: "wrong" } }],
  ["POST /login", { form: { email: ada, password } }],
  ["POST /refresh", { form: { refresh_token: "x".repeat(87) } }],
  ["POST /logout", { form: { refresh_token: "x".repeat(87) } }],
  ["POST /logout", { token: "x" }],
  ["POST /password", {
    token: "x",
    form: { password: "wrong", new_password: "another password" },
  }],
];

test("what a page of another origin sends costs nothing: no query, no attempt, no count", async () => {
  let calls = 0;
  const server = await makeServer({}, (store) => {
    const methods = Object.keys(store).map((name) => [name, () => calls++]);
    return Object.fromEntries(methods);
  });
  for (const origin of fromOtherOrigins) {
    for (const [line, sent] of counting) {
      const headers = { ...sent.headers, ...origin };
      assert.equal(
        await server.ask(line, { ...sent, headers }),
        otherOrigin,
        JSON.stringify(origin),
      );
    }
  }
  assert.equal(calls, 0);
  const headers = { host: "localhost" };
  const scrape = await show(
    server.send("GET /metrics", { address: "127.0.0.1", headers }),
  );
  assert.doesNotMatch(
    scrape.text,
    /^onejot_(?:logins|tokens_refused)_total.* [1-9]/m,
  );
});

test("what a page of another origin sends is refused before its body is read", async () => {
  const server = await serverWithAda();
  for (const origin of fromOtherOrigins) {
    for (const line of ["POST /login", "POST /refresh", "POST /logout"]) {
      const headers = { ...origin, "content-type": "text/plain" };
      const form = { email: "x".repeat(100_000) };
      assert.equal(await server.ask(line, { form, headers }), otherOrigin);
    }
  }
});

test("after any number of attempts by pages of other origins, the visitor's own is the first", async () => {
  const server = await serverWithAda();
  for (const headers of fromOtherOrigins) {
    for (let count = 0; count < 33; count++) {
      const form = { email: ada, password: `guess ${count}` };
      assert.equal(
        await server.ask("POST /login", { form, headers }),
        otherOrigin,
      );
    }
  }
  await server.logIn(ada, { headers: sameOrigin });
});

test("programs, pages of this host and people without a page log in, refresh, change the password and log out", async () => {
  for (const headers of fromThisHost) {
    const server = await serverWithAda();
    const { token, refreshToken } = await server.logIn(ada, { headers });
    const form = { refresh_token: refreshToken };
    assert.match(await server.ask("POST /refresh", { form, headers }), /^200 /);
    const passwords = { password, new_password: password };
    const changing = { token, form: passwords, headers };
    const changed = await readTokens(
      await server.send("POST /password", changing),
    );
    const leaving = { token: changed.token, headers };
    assert.equal(await server.ask("POST /logout", leaving), "204 ");
  }
});

test("a page of this host is one under whatever name and port the host is asked", async () => {
  const server = await serverWithAda();
  const form = { email: ada, password };
  for (
    const host of ["nas.lan", "192.0.2.7:8080", "[2001:db8::1]", "[::1]:1"]
  ) {
    const site = under(host, server);
    for (const scheme of ["http", "https"]) {
      const headers = { origin: `${scheme}://${host}` };
      const { status } = await site.send("POST /login", { form, headers });
      assert.equal(status, 200, host);
    }
    for (
      const origin of ["http://nas.lan:1", "http://192.0.2.7", "http://[::1]"]
    ) {
      const headers = { origin };
      const { status } = await site.send("POST /login", { form, headers });
      assert.equal(status, 403, `${origin} ${host}`);
    }
  }
});

test("what no form can send is not asked for its origin", async () => {
  const server = await serverWithAda();
  const { token } = await server.logIn(ada);
  for (const headers of fromOtherOrigins) {
    assert.match(
      await server.ask("GET /get-user", { token, headers }),
      /^200 /,
    );
    assert.match(
      await server.ask("GET /sessions", { token, headers }),
      /^200 /,
    );
    assert.equal(await server.ask("OPTIONS /login", { headers }), "204 ");
    assert.match(await server.ask("GET /signin", { headers }), /^200 /);
  }
});

async function serverWithAda(): Promise<Server> {
  const server = await makeServer();
  await server.addUser(ada);
  return server;
}
