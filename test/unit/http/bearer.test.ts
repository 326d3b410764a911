/**
 * The middleware for bearer tokens: what is a token by RFC 6750, what is told
 * to whom who has none or a bad one, and what a function may check it by.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bearer,
  bearerTokenOf,
  HttpError,
  json,
  router,
  type TokenCheck,
} from "../../../src/http/http.ts";
import {
  generateKey,
  JwtError,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import { told, untyped } from "../../support/send.ts";

const bare = 'Bearer realm="api"';
const invalid = 'Bearer realm="api", error="invalid_token"';

/** The status, the challenge and the body that an Authorization gets. */
async function answerTo(
  check: TokenCheck<object>,
  authorization: string | null,
): Promise<readonly unknown[]> {
  const site = router({ onError: () => null });
  site.use(bearer(check)).get("/", ({ claims }) => json(claims));
  const headers = authorization === null ? {} : { authorization };
  const response = await site.request("/", { headers });
  const challenge = response.headers.get("www-authenticate");
  return [response.status, challenge, await response.json()];
}

/** Claims what the token is. */
const echo: TokenCheck<{ readonly token: string }> = (token) => ({ token });

test("a b64token behind Bearer is taken, whatever the case of the scheme and the number of spaces", async () => {
  const tokens = ["a", "a.b.c", "A-z_0.9~+/", "abc==", "a=", "eyJ.e30.x-_"];
  for (const token of tokens) {
    for (const scheme of ["Bearer ", "bearer ", "BEARER  ", "bEaReR    "]) {
      const answer = await answerTo(echo, scheme + token);
      assert.deepEqual(answer, [200, null, { token }], scheme + token);
    }
  }
});

test("who sends no token, or another scheme, is challenged and told of no error", async () => {
  // deno-fmt-ignore
  const none = [
    null, "", "Bearer", "Bearer ", "a.b.c", "Basic YTpi", "Bearers a", "Bearer,a b",
    "Digest username=a", "token a", "Bearer\ta",
  ];
  for (const authorization of none) {
    assert.deepEqual(
      await answerTo(echo, authorization),
      [401, bare, { message: "Auth required" }],
      String(authorization),
    );
  }
});

test("behind Bearer what is no b64token is an invalid one, and is not handed on", async () => {
  // deno-fmt-ignore
  const bad = [
    "a b", "a,b", "a, Bearer b", '"a"', "=a", "=", "a=b", "<token>", "a:b", "a;",
    "é", "{}", "%61", "a\tb", "a\u00a0", "[a]", "a\\b", "a*", "a|b",
  ];
  for (const token of bad) {
    const check = () => assert.fail(`handed on: ${token}`);
    assert.deepEqual(
      await answerTo(check, `Bearer ${token}`),
      [401, invalid, { message: "Token is invalid" }],
      token,
    );
  }
});

test("of all 256 bytes around a token, spaces and tabs at the end alone are nothing", async () => {
  const site = router();
  site.use(bearer(echo)).get("/", ({ claims }) => json(claims.token));
  const ask = async (authorization: string) => {
    const headers = { authorization };
    const response = await site.request("/", { headers });
    return response.status === 200 ? await response.json() : response.status;
  };
  for (let code = 0; code < 256; code++) {
    const byte = String.fromCharCode(code);
    // Headers refuse these three, or take them away at the end.
    if ("\0\r\n".includes(byte)) continue;
    const isOfTokens = /[\w.~+/-]/.test(byte);
    const before = isOfTokens ? `${byte}a` : 401;
    const behind = isOfTokens || byte === "=" ? `a${byte}` : 401;
    const isBlank = " \t".includes(byte);
    const name = `byte ${code}`;
    assert.equal(
      await ask(`Bearer ${byte}a`),
      byte === " " ? "a" : before,
      name,
    );
    assert.equal(await ask(`Bearer a${byte}`), isBlank ? "a" : behind, name);
    assert.equal(await ask(`Bearer${byte}a`), byte === " " ? "a" : 401, name);
  }
});

test("a token of 8,192 characters is handed on, and nothing longer", async () => {
  const longest = "t".repeat(8192);
  const { token } = Object((await answerTo(echo, `Bearer ${longest}`))[2]);
  assert.equal(token, longest);
  const tooLong = [
    `Bearer ${longest}t`,
    `Bearer  ${longest}`,
    `Bearer ${" ".repeat(9000)}a`,
  ];
  for (const authorization of tooLong) {
    const [status, challenge] = await answerTo(echo, authorization);
    assert.deepEqual([status, challenge], [401, invalid]);
  }
});

test("the verifiers of onejot/jwt fit, and what they refuse is an invalid token", async () => {
  const key = await generateKey();
  const policy = { requiredClaims: ["exp"] };
  const good = await sign({ sub: "ada" }, key, { lifetimeSeconds: 60 });
  const bad = [
    await sign({ sub: "ada" }, key), // without exp
    await sign({ exp: 1 }, key),
    await sign({ sub: "ada" }, await generateKey(), { lifetimeSeconds: 60 }),
    "x",
    "a.b.c",
    `${good}=`,
  ];
  const verifier = rememberVerified(key, policy);
  for (const check of [verifier, (t: string) => verify(t, key, policy)]) {
    for (let count = 0; count < 2; count++) { // the second is remembered
      const [status, challenge, claims] = await answerTo(
        check,
        `Bearer ${good}`,
      );
      assert.deepEqual([status, challenge], [200, null]);
      assert.equal(Object(claims).sub, "ada");
    }
    for (const token of bad) {
      assert.deepEqual(
        await answerTo(check, `Bearer ${token}`),
        [401, invalid, { message: "Token is invalid" }],
        token,
      );
    }
  }
});

test("a function refuses with null, with a JwtError or with undefined, at once or later", async () => {
  const refusals: readonly TokenCheck<object>[] = [
    () => null,
    () => Promise.resolve(null),
    () => untyped(undefined),
    () => {
      throw new JwtError("expired");
    },
    () => Promise.reject(new JwtError("signature")),
  ];
  for (const check of refusals) {
    const [status, challenge] = await answerTo(check, "Bearer a");
    assert.deepEqual([status, challenge], [401, invalid]);
  }
  const later = () => Promise.resolve({ id: 1 });
  assert.deepEqual(await answerTo(later, "Bearer a"), [200, null, { id: 1 }]);
});

test("a middleware before it sees each refusal as an HttpError", async () => {
  const seen: unknown[] = [];
  const site = router();
  const watched = site.use(async (_context, next) => {
    try {
      return await next({});
    } catch (error) {
      seen.push(error instanceof HttpError && error.status);
      throw error;
    }
  });
  const refuse = () => Promise.reject(new JwtError("expired"));
  watched.use(bearer(refuse)).get("/", () => new Response());
  for (const authorization of ["Bearer a", "Bearer a b", "Basic a"]) {
    await site.request("/", { headers: { authorization } });
  }
  assert.deepEqual(seen, [401, 401, 401]);
});

test("a fault of the function does not look like a bad token", async () => {
  const faults: unknown[] = [];
  const site = router({ onError: (error) => void faults.push(error) });
  const fault = new Error("the database is away");
  site.use(bearer(() => Promise.reject(fault))).get("/", () => json(1));
  const headers = { authorization: "Bearer a" };
  assert.equal(
    await told(site.request("/", { headers })),
    '500 {"message":"Internal server error"}',
  );
  assert.deepEqual(faults, [fault]);
});

test("the token of a value of Authorization can be had alone, not looked at", () => {
  const table: readonly (readonly [string, string | null])[] = [
    ["Bearer a.b.c", "a.b.c"],
    ["bearer   a b", "a b"],
    ["Bearer ", ""],
    ["Bearer", null],
    ["", null],
    ["a.b.c", null],
    ["Basic a", null],
  ];
  for (const [authorization, token] of table) {
    assert.equal(bearerTokenOf(authorization), token, authorization);
  }
});
