/**
 * RFC 7519, JSON Web Token: the worked examples 3.1, 6.1 and A.1, and the
 * clauses that a verifier of claims is held to. The full tables of claims are
 * in test/unit/jwt.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeBase64url,
  decodeUnsecured,
  encodeUnsecured,
} from "../../../src/jwt/jwt.ts";
import { importKey, sign, verify } from "../../../src/jwt/jwt.ts";
import {
  encoded,
  forge,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

const claims = {
  iss: "joe",
  exp: 1300819380,
  "http://example.com/is_root": true,
};
const body =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const before = { clock: () => 1300819379.5 };

test("RFC 7519 3.1: the example verifies until its exp, with the issuer joe", async () => {
  const secretText = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
    "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"; // RFC 7515 A.1.1
  const key = await importKey(decodeBase64url(secretText));
  const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${body}` +
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const policy = {
    ...before,
    issuer: "joe",
    typ: "JWT",
    requiredClaims: ["exp"],
  };
  assert.deepEqual(await verify(token, key, policy), claims);
  const atExp = { clock: () => 1300819380 };
  assert.equal(await outcome(() => verify(token, key, atExp)), "expired");
});

test("RFC 7519 6.1: the unsecured example is read by decodeUnsecured alone", async () => {
  const token = `eyJhbGciOiJub25lIn0.${body}.`;
  assert.deepEqual(decodeUnsecured(token, before), claims);
  assert.equal(await outcome(() => decodeUnsecured(token)), "expired");
  assert.equal(await verdict(token, before), "algorithm");
});

test("RFC 7519 4a: of two claims with one name the lexically last counts", async () => {
  const key = await importKey(secret);
  const twice = forge('{"sub":"1","sub":"2","exp":1,"exp":9e9}');
  assert.deepEqual(await verify(twice, key), { sub: "2", exp: 9e9 });
  assert.equal(await verdict(forge('{"exp":9e9,"exp":1}')), "expired");
  assert.equal(await verdict(forge('{"exp":9e9,"\\u0065xp":1}')), "expired");
});

test("RFC 7519 4b: claims that are not understood are ignored and handed on", async () => {
  const token = forge('{"http://example.com/is_root":true,"x":{"exp":1}}');
  const found = await verify(token, await importKey(secret));
  assert.deepEqual(found, {
    "http://example.com/is_root": true,
    x: { exp: 1 },
  });
});

test("RFC 7519 7.1: the payload is the UTF-8 of the claims in compact form", async () => {
  const token = await sign({ name: "Zoë \u{1F600}" }, await importKey(secret));
  assert.equal(token.split(".")[1], encoded('{"name":"Zoë \u{1F600}"}'));
});

test("RFC 7519 5.1a: sign writes typ in capitals as JWT", async () => {
  assert.equal(
    await sign({}, await importKey(secret)),
    forge("{}", '{"alg":"HS256","typ":"JWT"}'),
  );
});

test("RFC 7519 6a: an unsecured token has alg none and an empty signature", () => {
  const [header = "", , signature] = encodeUnsecured({ a: 1 }).split(".");
  assert.equal(
    new TextDecoder().decode(decodeBase64url(header)),
    '{"alg":"none"}',
  );
  assert.equal(signature, "");
});

test("RFC 7519 6b: encodeUnsecured makes an unsecured token of any claims", () => {
  assert.equal(encodeUnsecured({}), "eyJhbGciOiJub25lIn0.e30.");
  assert.equal(
    encodeUnsecured(claims),
    `eyJhbGciOiJub25lIn0.${encoded(JSON.stringify(claims))}.`,
  );
});

test("RFC 7519 4.1.5d: nbf may be left out", async () => {
  assert.equal(
    await verdict(forge('{"exp":9e9,"iat":1,"jti":"1"}')),
    "accepted",
  );
});

test("RFC 7519 4.1.6c: iat may be left out", async () => {
  assert.equal(
    await verdict(forge('{"exp":9e9,"nbf":1,"jti":"1"}')),
    "accepted",
  );
});

test("RFC 7519 4.1.7d: jti may be left out", async () => {
  assert.equal(await verdict(forge('{"exp":9e9,"nbf":1,"iat":1}')), "accepted");
});

test("RFC 7519 A.2: the example's header, before four other parts, is refused as encrypted", async () => {
  const header = encoded(
    '{"alg":"RSA1_5","enc":"A128CBC-HS256","cty":"JWT"}',
  );
  assert.equal(
    header,
    "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiY3R5IjoiSldUIn0",
  );
  assert.equal(await verdict(`${header}.a.b.c.d`), "encrypted");
});

test("RFC 7519 8a: HS256 is implemented, in both directions", async () => {
  const key = await importKey(secret);
  assert.deepEqual(await verify(await sign({ a: 1 }, key), key), { a: 1 });
});

test("RFC 7519 8b: none is implemented, in both directions, apart from verify", async () => {
  const token = encodeUnsecured({ a: 1 });
  assert.deepEqual(decodeUnsecured(token), { a: 1 });
  assert.equal(await verdict(token), "algorithm");
});
