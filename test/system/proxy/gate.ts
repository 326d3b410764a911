/**
 * Who gets through to the service, and as whom it sees them.
 */

import assert from "node:assert/strict";
import { importKey, sign } from "../../../src/jwt/jwt.ts";
import {
  acceptPage,
  type Answer,
  type Client,
  locationOf,
  valuesOf,
} from "./client.ts";
import type { Sending } from "./client.ts";
import { host } from "./examples.ts";
import { ada, bob, eve, type Identity, type Site } from "./site.ts";
import type { Received } from "./upstream.ts";

/** A path whose query a careless redirect would harm. */
export const deepPath = "/reports/2027?from=1&to=%26x%3D2&back=/a?b=c&d=%C3%A9";

export async function checkGate(site: Site): Promise<void> {
  await checkStrangers(site);
  await checkTokens(site);
  await checkBadTokens(site);
  await checkOtherSchemes(site);
}

async function checkStrangers(site: Site): Promise<void> {
  await site.check(
    "a browser without a login is sent to the page, with its way back",
    async () => {
      const answer = await refused(site, site.browser(), deepPath);
      assert.equal(answer.status, 302);
      const { origin, pathname } = locationOf(answer);
      assert.deepEqual([origin, pathname], [
        `https://${host}`,
        "/onejot/signin",
      ]);
      const [location = ""] = valuesOf(answer, "location");
      assert.equal(
        location.slice(location.indexOf("?")),
        `?return=${deepPath}`,
      );
    },
  );
  await site.check(
    "a program without a login gets 401, whatever its method",
    async () => {
      for (
        const method of [
          "GET",
          "HEAD",
          "OPTIONS",
          "POST",
          "PUT",
          "DELETE",
          "PROPFIND",
        ]
      ) {
        const answer = await refused(site, site.program(), deepPath, {
          method,
        });
        assert.equal(answer.status, 401, method);
        assert.match(
          valuesOf(answer, "www-authenticate").join(),
          /^Bearer realm="onejot"/,
        );
      }
    },
  );
  await site.check("no spelling of a path leads around the login", async () => {
    const paths = [
      "//",
      "/onejot",
      "/onejotx",
      "/onejot/../a",
      "/onejot/%2e%2e/a",
      "//onejot/a",
    ];
    paths.push(
      "/%6fnejot/",
      "/ONEJOT/a",
      "/onejot/..%2fa",
      "/a/..//onejot/../a",
    );
    for (const path of paths) {
      const answer = await refused(site, site.program(), path);
      assert.ok(answer.status >= 300, `${path} answered ${answer.status}`);
    }
  });
  await site.check(
    "no header of the client's leads around the login",
    async () => {
      const headers = [
        "X-Forwarded-Uri: /onejot/signin",
        "X-Original-URL: /onejot/signin",
        "X-Forwarded-Method: OPTIONS",
        "X-HTTP-Method-Override: OPTIONS",

        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Host: localhost",
        "X-Accel-Redirect: /",

        "X-Auth-User-Id: 1",
        "X-Auth-Email: ada@example.org",
        "X-Auth-Admin: true",
      ];
      const answer = await refused(site, site.program(), "/", { headers });
      assert.equal(answer.status, 401);
    },
  );
}

async function checkTokens(site: Site): Promise<void> {
  for (
    const [user, kind] of [[ada, "an administrator"], [
      bob,
      "another user",
    ]] as const
  ) {
    await site.check(
      `a token of ${kind} gets through, behind Bearer and bare`,
      async () => {
        const token = await site.tokenOf(user);
        for (
          const credentials of [`Bearer ${token}`, `bearer ${token}`, token]
        ) {
          const headers = [`Authorization: ${credentials}`];
          const received = await site.program().reach(deepPath, { headers });
          assertSeenAs(received, user);
          assert.deepEqual([received.method, received.target], [
            "GET",
            deepPath,
          ]);
        }
      },
    );
  }
  await site.check("a token wins over the cookie of another user", async () => {
    const headers = [`Authorization: Bearer ${await site.tokenOf(bob)}`];
    assertSeenAs(await (await site.signedIn(ada)).reach("/", { headers }), bob);
  });
}

async function checkBadTokens(site: Site): Promise<void> {
  const key = await importKey(new TextEncoder().encode(site.onejot.secret));
  const otherKey = await importKey(crypto.getRandomValues(new Uint8Array(32)));
  const now = Math.floor(Date.now() / 1000);
  const claims = { user_id: 1, iat: now - 60 };
  const good = await sign({ ...claims, exp: now + 60 }, key);
  const header = btoa('{"alg":"none"}').replaceAll("=", "");
  const bad = {
    "an expired token": await sign({ ...claims, exp: now - 1 }, key),
    "a token without exp": await sign(claims, key),
    "a forged token": await sign({ ...claims, exp: now + 60 }, otherKey),
    "a token whose signature is cut off": good.slice(
      0,
      good.lastIndexOf(".") + 1,
    ),
    'a token with alg "none"': `${header}.${good.split(".")[1]}.`,
    "a token of nobody": await sign(
      { ...claims, user_id: 99, exp: now + 60 },
      key,
    ),
    "what is no token": "nonsense",
  };
  await site.check(
    "a good token that another holder of the secret made gets through",
    async () => {
      const headers = [`Authorization: Bearer ${good}`];
      assertSeenAs(await site.program().reach("/", { headers }), ada);
    },
  );
  for (const [kind, token] of Object.entries(bad)) {
    await site.check(`${kind} is 401, also beside a good cookie`, async () => {
      await assertIsRefused(site, token);
    });
  }
  await site.check(
    "a token of a disabled user is 401, also beside a good cookie",
    async () => {
      const token = await site.tokenOf(eve);
      const ofNoSession = await sign({
        user_id: 3,
        iat: now - 60,
        exp: now + 60,
      }, key);
      await site.onejot.run(["user", "disable", eve["x-auth-email"]]);
      await assertIsRefused(site, token);
      await assertIsRefused(site, ofNoSession);
      await site.onejot.run(["user", "enable", eve["x-auth-email"]]);
      await assertIsRefused(site, token);
    },
  );
}

async function assertIsRefused(site: Site, token: string): Promise<void> {
  const cookie = `Cookie: __Host-onejot=${await site.cookieOf(ada)}`;
  await site.program().reach("/", { headers: [cookie] });
  for (const credentials of [`Bearer ${token}`, token]) {
    const headers = [`Authorization: ${credentials}`];
    assert.equal(
      (await refused(site, site.program(), "/", { headers })).status,
      401,
    );
    const both = { headers: [...headers, cookie] };
    assert.equal((await refused(site, site.program(), "/", both)).status, 401);
  }
}

async function checkOtherSchemes(site: Site): Promise<void> {
  const basic = `Basic ${btoa("user:password")}`;
  const headers = [`Authorization: ${basic}`];
  await site.check(
    "another scheme beside a cookie is left to the service",
    async () => {
      const received = await (await site.signedIn(ada)).reach("/", { headers });
      assertSeenAs(received, ada);
      assert.deepEqual(valuesOf(received, "authorization"), [basic]);
    },
  );
  await site.check("another scheme without a cookie is no login", async () => {
    assert.equal(
      (await refused(site, site.program(), "/", { headers })).status,
      401,
    );
    assert.equal(
      (await refused(site, site.browser(), "/", { headers })).status,
      302,
    );
  });
}

/** Sends what must not come through to the service. */
export async function refused(
  { upstream }: Site,
  client: Client,
  path: string,
  sending: Sending = {},
): Promise<Answer> {
  const before = upstream.requests;
  const answer = await client.send(path, sending);
  assert.equal(
    upstream.requests,
    before,
    `${path} came through to the service`,
  );
  return answer;
}

/**
 * Says that a client is signed in no more, neither as a program nor as a
 * browser.
 */
export async function assertIsSignedOut(
  site: Site,
  headers: readonly string[],
): Promise<void> {
  assert.equal(
    (await refused(site, site.program(), "/", { headers })).status,
    401,
  );
  const asBrowser = { headers: [...headers, acceptPage] };
  const { status } = await refused(site, site.program(), "/", asBrowser);
  const isToken = headers.some((header) => header.startsWith("Authorization"));
  assert.ok(
    status === 302 || isToken && status === 401,
    `it answered ${status}`,
  );
}

/**
 * Says that the service sees this user and nothing else that it could take for
 * one: what is no letter and no digit counts as `-`, as it does for CGI, PHP
 * and their like.
 */
export function assertSeenAs({ headers }: Received, user: Identity): void {
  const fields = headers.map(([name, value]) => {
    return [name.toLowerCase().replaceAll(/[^a-z\d]/g, "-"), value] as const;
  });
  const seen = fields.filter(([name]) => name in ada).sort();
  assert.deepEqual(seen, Object.entries(user).sort());
}
