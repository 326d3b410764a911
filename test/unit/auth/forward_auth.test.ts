/**
 * Who somebody is, for a proxy: the fields of the 200, what is not signed in
 * and how it is told, and that nothing which a client sends is believed.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and browser.ts.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { AppOptions } from "../../../src/server/app.ts";
import { generateKey, sign } from "../../../src/jwt/jwt.ts";
import {
  isSignedIn,
  sameOrigin,
  secretOf,
  show,
  type Shown,
  signIn,
  under,
} from "../../support/browser.ts";
import { withClock } from "../../support/clock.ts";
import { makeServer, type Server } from "../../support/site.ts";

const [admin, ada] = ["admin@example.org", "ada@example.org"] as const;
const lines = ["GET /forward-auth", "GET /forward-auth/nginx"] as const;
const html = {
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
};
const challenge = 'Bearer realm="onejot"';
const invalidToken = `${challenge}, error="invalid_token"`;

type Fields = Readonly<Record<string, string>>;

test("who is signed in is told in three fields, each of them set, with an empty body", async () => {
  const server = await makePeople();
  const people = [[admin, "1", "true"], [ada, "2", "false"]] as const;
  for (const [email, id, isAdmin] of people) {
    const { token } = await server.logIn(email);
    const ways: Fields[] = [
      { authorization: `Bearer ${token}` },
      { authorization: `bearer ${token}` },
      { authorization: `BEARER   ${token}` },
      { authorization: token },
      await signIn(server, email),
    ];
    for (const headers of ways) {
      for (const line of lines) {
        for (const others of [{}, html]) {
          const shown = await ask(server, line, { ...headers, ...others });
          assertIdentity(shown, [id, email, isAdmin]);
          assert.equal(shown.headers.get("cache-control"), "no-store");
        }
      }
    }
  }
});

test("identity fields that a client sends change nothing, signed in or not", async () => {
  const server = await makePeople();
  const forged = {
    "x-auth-user-id": "1",
    "x-auth-email": admin,
    "x-auth-admin": "true",
    "X_Auth_User_Id": "1",
    "X_Auth_Email": admin,
    "X_Auth_Admin": "true",
    "remote-user": admin,
    "x-forwarded-user": admin,
  };
  const { token } = await server.logIn(ada);
  for (const line of lines) {
    for (
      const headers of [{ authorization: token }, await signIn(server, ada)]
    ) {
      assertIdentity(await ask(server, line, { ...forged, ...headers }), [
        "2",
        ada,
        "false",
      ]);
    }
    assertNobody(await ask(server, line, forged), challenge);
    assertNobody(
      await ask(server, line, { ...forged, authorization: "x" }),
      invalidToken,
    );
  }
});

test("a change of the user shows at the next request", async () => {
  const server = await makePeople();
  const browser = await signIn(server, ada);
  const { token } = await server.logIn(ada);
  const { id } = await server.account(ada);
  await server.store.changeUser({
    id,
    change: { isAdmin: true },
    tokensFrom: 2,
    author: null,
  });
  for (const headers of [browser, { authorization: token }]) {
    assertIdentity(await ask(server, lines[1], headers), ["2", ada, "true"]);
  }
  await server.store.changeUser({
    id,
    change: { isAdmin: false, isDisabled: true },
    tokensFrom: 2,
    author: null,
  });
  assertNobody(await ask(server, lines[1], browser), challenge);
  assertNobody(
    await ask(server, lines[1], { authorization: token }),
    invalidToken,
  );
});

test("a cookie is a login at the host of its sign-in: that of Host, or that which Caddy and Traefik name", async () => {
  const server = await makePeople();
  const [own, other] = ["a.example.org", "b.example.org"];
  const { cookie } = await signIn(under(own, server), ada);
  const [forAll, forNginx] = lines;
  const rows = [
    { line: forNginx, host: own, status: 200 },
    { line: forNginx, host: own.toUpperCase(), status: 200 },
    { line: forNginx, host: other, status: 401 },
    { line: forNginx, host: `${own}:8443`, status: 401 },
    // nginx hands on what a client says there.
    { line: forNginx, host: other, forwarded: own, status: 401 },
    { line: forNginx, host: own, forwarded: other, status: 200 },

    { line: forAll, host: own, status: 200 },
    { line: forAll, host: other, status: 401 },
    { line: forAll, host: "onejot:8080", forwarded: own, status: 200 },
    { line: forAll, host: "onejot:8080", forwarded: other, status: 401 },
    { line: forAll, host: own, forwarded: other, status: 401 },
    { line: forAll, host: own, forwarded: "", status: 401 },
    { line: forAll, host: own, forwarded: `${other}, ${own}`, status: 401 },
  ];
  for (const { line, host, forwarded, status } of rows) {
    const headers = { cookie, "x-forwarded-for": "192.0.2.1" };
    const all = forwarded === undefined
      ? headers
      : { ...headers, "x-forwarded-host": forwarded };
    const answer = await under(host, server).send(line, { headers: all });
    const row = `${line} ${host} ${forwarded}`;
    assert.equal(answer.status, status, row);
  }
});

test("for nginx who is not signed in is 401 with a challenge, whatever else is sent", async () => {
  const rows: Fields[] = [
    {},
    html,
    { ...html, "x-forwarded-uri": "/x?y" },
    { ...html, "x-forwarded-uri": "//evil.example" },
    {
      accept: "text/html",
      "x-forwarded-method": "POST",
      "x-forwarded-host": "evil.example",
    },
    { authorization: "" },
    { authorization: "Basic YWRhOnNlY3JldA==" },
    { cookie: "__Host-onejot=" },
    { cookie: `__Host-onejot=${"A".repeat(43)}` },
    { cookie: ";;=;" },
    { cookie: "x".repeat(50_000) },
    { "content-type": "application/json", "content-length": "99999999" },
    { ...html, "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    { range: "bytes=0-", "if-none-match": "*", expect: "100-continue" },
  ];
  for (
    const parts of [{}, { refusalStatus: 401 }, {
      pathPrefix: "/onejot",
    }] as const
  ) {
    const server = await makePeople(parts);
    for (const headers of rows) {
      for (const query of ["", "?x", "?return=//evil.example", "?%"]) {
        assertNobody(
          await ask(server, `${lines[1]}${query}`, headers),
          challenge,
        );
      }
    }
  }
});

test("a browser that asks for HTML is sent to the page of the same host", async () => {
  const server = await makePeople();
  const accepted = [
    html["accept"],
    "text/html",
    "text/html;q=0.9",
    "application/json, text/html",
  ];
  for (const accept of accepted) {
    const shown = await ask(server, lines[0], { accept });
    const { status, text, location, setCookie } = shown;
    assert.deepEqual(
      [status, text, location],
      [302, "", "/signin?return=/"],
      accept,
    );
    assert.equal(setCookie, null);
    assertNoIdentity(shown);
  }
});

test("a program that does not ask for HTML is told 401", async () => {
  const server = await makePeople();
  const accepted = [
    "*/*",
    "application/json",
    "text/*",
    "text/plain",
    "",
    "application/xhtml+xml",
  ];
  for (const headers of [{}, ...accepted.map((accept) => ({ accept }))]) {
    const shown = await ask(server, lines[0], {
      "x-forwarded-uri": "/x",
      ...headers,
    });
    assertNobody(shown, challenge);
  }
});

test("the way back from the page is the path that the proxy was asked for, and no other host", async () => {
  const plain = await makePeople();
  const mounted = await makePeople({ pathPrefix: "/onejot" });
  const good = [
    "/",
    "/x",
    "/x?a=1&b=2",
    "/x?a==?&&b=?%26+%2B",
    "/x?return=//evil.example",
    "/a//b",
    "/?",

    "/x?u=https://evil.example/",
    "/@evil.example",
    "/%2F%2Fevil.example",
    "/'!$()*~,;[]{}|^`",

    "/x/../y",
    "/.//evil.example",
    '/"<x>"',
    "/onejot/signin?return=/x",
    "/%zz",
  ];
  const bad = [
    "",
    "x",
    "?x",
    "//",
    "//evil.example",
    "///evil.example",
    "/\\",
    "/\\evil.example",
    "\\/x",

    "https://evil.example/",
    "http:/x",
    "javascript:alert(1)",
    "/x y",
    "/\tx",
    "/\t/evil.example",

    "/é",
    "/\u0080",
    "/x\u007f",
    "@evil.example",
    ".",
    "/x\\y",
    "/a, /b",
    "//evil.example/x?y",
  ];
  const rows = [
    ...good.map((uri) => [uri, uri] as const),
    ...bad.map((uri) => [uri, "/"] as const),
  ];
  for (const [uri, way] of rows) {
    const headers = { ...html, "x-forwarded-uri": uri };
    const first = await ask(plain, lines[0], headers);
    assert.deepEqual([first.status, first.location], [
      302,
      `/signin?return=${way}`,
    ], uri);
    const second = await ask(mounted, "GET /onejot/forward-auth", headers);
    assert.deepEqual([second.status, second.location], [
      302,
      `/onejot/signin?return=${way}`,
    ], uri);
  }
});

test("the host of the page is never one that a header names", async () => {
  const server = await makePeople();
  const evil = "evil.example";
  const headers = {
    ...html,
    "x-forwarded-host": evil,
    "x-forwarded-proto": "http",
    "x-forwarded-port": "1",
    forwarded: `host=${evil}`,
    "x-original-url": `https://${evil}/`,
    referer: `//${evil}`,
    "x-forwarded-prefix": `//${evil}`,
    "x-rewrite-url": `//${evil}`,
    origin: `//${evil}`,
  };
  const { location } = await ask(
    server,
    `${lines[0]}?return=//${evil}`,
    headers,
  );
  assert.equal(location, "/signin?return=/");
});

test("a browser that was sent to the page comes back to where it wanted to go", async () => {
  const server = await makePeople({ pathPrefix: "/onejot" });
  const uri = "/reports?from=1&to=2&text=a%26b+c?d=e";
  const headers = { ...html, "x-forwarded-uri": uri };
  const { location } = await ask(server, "GET /onejot/forward-auth", headers);
  const form = { email: ada, password: "correct horse battery staple" };
  const page = await server.send(`GET ${location}`);
  assert.equal(page.status, 200);
  const back = await show(
    server.send(`POST ${location}`, { form, headers: sameOrigin }),
  );
  assert.deepEqual([back.status, back.location], [303, uri]);
  const cookie = back.setCookie?.split(";", 1)[0] ?? "";
  assert.equal(
    (await ask(server, "GET /onejot/forward-auth", { ...headers, cookie }))
      .status,
    200,
  );
});

test("a good token wins over a cookie, good or bad", async () => {
  const server = await makePeople();
  const { token } = await server.logIn(ada);
  const cookies = [
    (await signIn(server, admin)).cookie,
    "__Host-onejot=bad",
    "__Host-onejot=",
  ];
  for (const cookie of cookies) {
    for (const authorization of [token, `Bearer ${token}`]) {
      for (const line of lines) {
        const shown = await ask(server, line, { authorization, cookie });
        assertIdentity(shown, ["2", ada, "false"]);
      }
    }
  }
});

test("a bad token is not signed in, not even beside a good cookie, whatever AUTH_STATUS says", async () => {
  for (const refusalStatus of [400, 401] as const) {
    const server = await makePeople({ refusalStatus });
    const { cookie } = await signIn(server, admin);
    for (const [name, token] of Object.entries(await badTokens(server))) {
      for (
        const authorization of [token, `Bearer ${token}`, `bearer ${token}`]
      ) {
        for (const line of lines) {
          for (const others of [{}, { cookie }, html, { ...html, cookie }]) {
            const shown = await ask(server, line, { authorization, ...others });
            assertNobody(shown, invalidToken, name);
          }
        }
      }
    }
    assert.ok(await isSignedIn(server, { cookie }));
  }
});

test("a token that expires is not signed in any more, at its second", async () => {
  await withClock(async (clock) => {
    const server = await makePeople({ lifetimeSeconds: 60 });
    const { token } = await server.logIn(ada);
    const headers = { authorization: token };
    clock.advance(59);
    assertIdentity(await ask(server, lines[1], headers), ["2", ada, "false"]);
    clock.advance(1);
    for (const line of lines) {
      assertNobody(await ask(server, line, headers), invalidToken);
    }
  });
});

test("a session that ends is not signed in at the next request, by token as by cookie", async () => {
  const server = await makePeople();
  const { token } = await server.logIn(ada);
  const browser = await signIn(server, ada);
  assert.equal(await server.ask("POST /logout", { token }), "204 ");
  await server.send("POST /signout", {
    headers: { ...sameOrigin, ...browser },
  });
  for (const line of lines) {
    assertNobody(
      await ask(server, line, { authorization: token }),
      invalidToken,
    );
    assertNobody(await ask(server, line, browser), challenge);
  }
});

test("another scheme than Bearer is the service's own, and counts as no header", async () => {
  const server = await makePeople();
  const { token } = await server.logIn(admin);
  const browser = await signIn(server, ada);
  const others = [
    "Basic YWRhOnNlY3JldA==",
    "basic x",
    "Digest username=x",
    "Negotiate abc==",
    `Basic ${token}`,
    `Token ${token}`,
    `JWT ${token}`,
    `Bearerx ${token}`,
    "AWS4-HMAC-SHA256 Credential=x, Signature=y",
    `X-Bearer ${token}`,
    `Basic, ${token}`,
  ];
  for (const authorization of others) {
    for (const line of lines) {
      assertNobody(
        await ask(server, line, { authorization }),
        challenge,
        authorization,
      );
      const shown = await ask(server, line, { authorization, ...browser });
      assertIdentity(shown, ["2", ada, "false"]);
    }
    const shown = await ask(server, lines[0], { authorization, ...html });
    assert.equal(shown.status, 302, authorization);
  }
});

test("of two Authorization fields no token is taken", async () => {
  const server = await makePeople();
  const { token } = await server.logIn(admin);
  const basic = "Basic YWRhOnNlY3JldA==";
  const bearer = `Bearer ${token}`;
  // deno-fmt-ignore
  const pairs = [
    [bearer, bearer],
    [bearer, basic],
    [basic, bearer],
    [token, token],
    [token, basic],
    [basic, token],
    [bearer, token],
    [token, bearer],
    ["Bearer", token],
  ];
  for (const pair of pairs) {
    for (const line of lines) {
      const headers = new Headers(html);
      for (const value of pair) headers.append("authorization", value);
      const shown = await ask(server, line, Object.fromEntries(headers));
      assert.ok(shown.status === 401 || shown.status === 302, pair.join());
      assertNoIdentity(shown);
    }
  }
});

test("a database that fails is a 500, and never who somebody is or is not", async () => {
  const fail = () => {
    throw new Error("secret");
  };
  for (const refusalStatus of [400, 401] as const) {
    let isFailing = false;
    const server = await makePeople({ refusalStatus }, (store) => ({
      findUserOfSession: (...args) =>
        isFailing ? fail() : store.findUserOfSession(...args),
      findUserOfToken: (...args) =>
        isFailing ? fail() : store.findUserOfToken(...args),
      findUserOfCookie: (...args) =>
        isFailing ? fail() : store.findUserOfCookie(...args),
    }));
    const { token } = await server.logIn(ada);
    const ways: Fields[] = [
      { authorization: token },
      { authorization: `Bearer ${await server.sign({ user_id: 2 })}` },
      await signIn(server, ada),
      { cookie: "__Host-onejot=x" },
    ];
    isFailing = true;
    for (const headers of ways) {
      for (const line of lines) {
        const shown = await ask(server, line, { ...headers, ...html });
        assert.deepEqual([shown.status, shown.location], [500, null]);
        assert.equal(shown.text, '{"message":"Internal server error"}');
        assertNoIdentity(shown);
      }
    }
  }
});

test("HEAD is answered as GET is, and other methods are 405", async () => {
  const server = await makePeople();
  const { token } = await server.logIn(ada);
  for (const line of lines) {
    const head = line.replace("GET", "HEAD");
    const authorization = `Bearer ${token}`;
    assertIdentity(await ask(server, head, { authorization }), [
      "2",
      ada,
      "false",
    ]);
    const refused = await ask(server, head, {});
    assert.deepEqual([refused.status, refused.text], [401, ""]);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
      const shown = await ask(server, line.replace("GET", method), {
        authorization,
      });
      assert.deepEqual([shown.status, shown.headers.get("allow")], [
        405,
        "GET, HEAD, OPTIONS",
      ]);
      assertNoIdentity(shown);
    }
    const options = await ask(server, line.replace("GET", "OPTIONS"), {
      authorization,
    });
    assert.equal(options.status, 204);
    assertNoIdentity(options);
  }
  const sent = await ask(server, "HEAD /forward-auth", html);
  assert.deepEqual([sent.status, sent.location], [302, "/signin?return=/"]);
});

test("the cookie's secret in Authorization is no login, and neither is a token in the cookie", async () => {
  const server = await makePeople();
  const secret = secretOf(await signIn(server, ada));
  const { token } = await server.logIn(ada);
  for (const line of lines) {
    for (const authorization of [secret, `Bearer ${secret}`]) {
      assertNobody(await ask(server, line, { authorization }), invalidToken);
    }
    assertNobody(
      await ask(server, line, { cookie: `__Host-onejot=${token}` }),
      challenge,
    );
  }
});

test("a token that is refused for a proxy is counted with the others", async () => {
  const server = await makePeople();
  const { id } = await server.account(ada);
  const { token } = await server.logIn(ada);
  await server.store.changeUser({
    id,
    change: { isDisabled: true },
    tokensFrom: 2,
    author: null,
  });
  for (const line of lines) {
    await ask(server, line, { authorization: "x" });
    await ask(server, line, { authorization: token });
    await ask(server, line, { authorization: "Basic x" });
  }
  const { text } = await show(
    server.send("GET /metrics", {
      address: "127.0.0.1",
      headers: { host: "localhost" },
    }),
  );
  assert.deepEqual(
    text.match(/^onejot_tokens_refused_total.* [1-9]\d*$/gm)?.sort(),
    [
      'onejot_tokens_refused_total{code="malformed"} 2',
      'onejot_tokens_refused_total{code="nobody"} 2',
    ],
  );
});

async function makePeople(
  parts: Partial<AppOptions> = {},
  interfere: Parameters<typeof makeServer>[1] = () => ({}),
): Promise<Server> {
  const server = await makeServer(parts, interfere);
  await server.addUser(admin, { isAdmin: true });
  await server.addUser(ada);
  return server;
}

/** Tokens that are refused, each for another reason. */
async function badTokens(server: Server): Promise<Fields> {
  const now = Math.floor(Date.now() / 1000);
  const { token, sid } = await server.logIn(ada);
  const ended = await server.logIn(ada);
  await server.send("POST /logout", { token: ended.token });
  const disabled = await server.addUser(`disabled${now}@example.org`);
  const { token: ofDisabled } = await server.logIn(disabled.email);
  await server.store.changeUser({
    id: disabled.id,
    change: { isDisabled: true },
    tokensFrom: 2,
    author: null,
  });
  const [header = "", payload = "", mac = ""] = token.split(".");
  const none = Buffer.from('{"alg":"none"}').toString("base64url");
  const other = mac.startsWith("A") ? "B" : "A";
  return {
    "expired": await server.sign({ user_id: 2, iat: now - 100, exp: now - 1 }),
    "not yet valid": await server.sign({ user_id: 2, nbf: now + 100 }),
    "without exp": await sign({ user_id: 2 }, server.key, {}),
    "forged": await sign({ user_id: 1 }, await generateKey(), {
      lifetimeSeconds: 60,
    }),
    "altered": `${header}.${payload}.${other}${mac.slice(1)}`,
    "cut": `${header}.${payload}.`,
    "two parts": `${header}.${payload}`,
    "alg none": `${none}.${payload}.`,
    "of nobody": await server.sign({ user_id: 99 }),
    "without user_id": await server.sign({}),
    "another's session": await server.sign({ user_id: 1, sid }),
    "another's sub": await server.sign({ user_id: 2, sub: "1" }),
    "of an ended session": ended.token,
    "of a disabled user": ofDisabled,
    "a refresh token": ended.refreshToken,
    "one letter": "x",
    "the scheme": "Bearer",
  };
}

function ask(server: Server, line: string, headers: Fields): Promise<Shown> {
  return show(server.send(line, { headers }));
}

function assertIdentity(shown: Shown, expected: readonly string[]): void {
  assert.deepEqual([shown.status, shown.text, shown.location], [200, "", null]);
  assert.deepEqual(identityIn(shown), expected);
  assert.equal(shown.setCookie, null);
}

function assertNobody(shown: Shown, challenge: string, name = ""): void {
  assert.deepEqual([shown.status, shown.location], [401, null], name);
  assert.equal(shown.headers.get("www-authenticate"), challenge, name);
  assert.equal(shown.setCookie, null, name);
  assertNoIdentity(shown);
}

function assertNoIdentity(shown: Shown): void {
  assert.deepEqual(identityIn(shown), [null, null, null]);
}

function identityIn({ headers }: Shown): readonly (string | null)[] {
  return ["x-auth-user-id", "x-auth-email", "x-auth-admin"].map((name) =>
    headers.get(name)
  );
}
