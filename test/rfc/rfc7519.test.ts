/**
 * RFC 7519, JSON Web Token: the worked examples 3.1, 6.1 and A.1, and the clauses that a verifier of
 * claims is held to. The full tables of claims are in test/jwt.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64url, decodeUnsecured, importKey, sign, verify } from "../../src/jwt/jwt.ts";
import { encoded, forge, forgeParts, outcome, secret, verdict } from "../jwt/forge.ts";

const claims = { iss: "joe", exp: 1300819380, "http://example.com/is_root": true };
const body = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const before = { clock: () => 1300819379.5 };

test("RFC 7519 3.1: the example verifies until its exp, with the issuer joe", async () => {
  const secretText = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
    "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"; // RFC 7515 A.1.1
  const key = await importKey(decodeBase64url(secretText));
  const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${body}` +
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const policy = { ...before, issuer: "joe", typ: "JWT", requiredClaims: ["exp"] };
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

test("RFC 7519 A.1: an encrypted JWT, by its header and its five parts, is refused by name", async () => {
  const header = encoded('{"alg":"RSA1_5","enc":"A128CBC-HS256"}');
  assert.equal(await verdict(`${header}.QR1O.AxY8.MKOl.fiK5`), "encrypted");
});

test("RFC 7519 2: a StringOrURI with a colon must be a URI", async () => {
  assert.equal(await verdict(forge('{"iss":"https://issuer.example"}')), "accepted");
  assert.equal(await verdict(forge('{"iss":"not a: uri"}')), "claim_type");
});

test("RFC 7519 2: a NumericDate is a number, with or without a fraction", async () => {
  assert.equal(await verdict(forge('{"exp":9e9,"nbf":1.5,"iat":0.25}')), "accepted");
  assert.equal(await verdict(forge('{"exp":"9000000000"}')), "claim_type");
  assert.equal(await verdict(forge('{"exp":"2030-01-01T00:00:00Z"}')), "claim_type");
});

test("RFC 7519 4: of two claims with one name the lexically last counts", async () => {
  const key = await importKey(secret);
  const twice = forge('{"sub":"1","sub":"2","exp":1,"exp":9e9}');
  assert.deepEqual(await verify(twice, key), { sub: "2", exp: 9e9 });
  assert.equal(await verdict(forge('{"exp":9e9,"exp":1}')), "expired");
  assert.equal(await verdict(forge('{"exp":9e9,"\\u0065xp":1}')), "expired");
});

test("RFC 7519 4: claims that are not understood are ignored and handed on", async () => {
  const token = forge('{"http://example.com/is_root":true,"x":{"exp":1}}');
  const found = await verify(token, await importKey(secret));
  assert.deepEqual(found, { "http://example.com/is_root": true, x: { exp: 1 } });
});

test("RFC 7519 4.1: no claim is mandatory by itself", async () => {
  assert.equal(await verdict(forge("{}")), "accepted");
});

test("RFC 7519 4.1.3: a token for an audience is refused by a verifier that is not in it", async () => {
  assert.equal(await verdict(forge('{"aud":["a","b"]}'), { audience: "b" }), "accepted");
  assert.equal(await verdict(forge('{"aud":["a","b"]}'), { audience: "c" }), "audience");
  assert.equal(await verdict(forge('{"aud":["a","b"]}')), "audience");
});

test("RFC 7519 4.1.4: on the instant of exp the token is no longer accepted", async () => {
  const token = forge('{"exp":100}');
  assert.equal(await verdict(token, { clock: () => 99.999 }), "accepted");
  assert.equal(await verdict(token, { clock: () => 100 }), "expired");
  assert.equal(await verdict(token, { clock: () => 100.25 }), "expired");
});

test("RFC 7519 4.1.5: on the instant of nbf the token is accepted", async () => {
  const token = forge('{"nbf":100}');
  assert.equal(await verdict(token, { clock: () => 100 }), "accepted");
  assert.equal(await verdict(token, { clock: () => 99.999 }), "not_yet_valid");
});

test("RFC 7519 5.2: a token that says it holds a token is refused by name", async () => {
  for (const cty of ["JWT", "jwt", "application/jwt"]) {
    const header = `{"alg":"HS256","cty":"${cty}"}`;
    assert.equal(await verdict(forge(forge("{}"), header)), "nested", cty);
  }
  assert.equal(await verdict(forge("{}", '{"alg":"HS256","cty":"json"}')), "accepted");
});

test("RFC 7519 7.1: the payload is the UTF-8 of the claims in compact form", async () => {
  const token = await sign({ name: "Zoë \u{1F600}" }, await importKey(secret));
  assert.equal(token.split(".")[1], encoded('{"name":"Zoë \u{1F600}"}'));
});

test("RFC 7519 7.2: white space and line breaks around or inside a token refuse it", async () => {
  const token = forge('{"sub":"1"}');
  const key = await importKey(secret);
  const [header = "", payload = ""] = token.split(".");
  const texts = [` ${token}`, `${token}\n`, `\ufeff${token}`, token.replace(".", " .")];
  const signed = [forgeParts(header, `\r\n${payload}`), forgeParts(header, `${payload} `)];
  for (const text of [...texts, ...signed, token.replace(/\.(?=[^.]+$)/, ".\n")]) {
    assert.equal(await outcome(() => verify(text, key)), "malformed", JSON.stringify(text));
  }
});

test("RFC 7519 7.2: header and payload are each one complete JSON object in UTF-8", async () => {
  const notUtf8 = new Uint8Array([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]); // {"é":1} in Latin-1
  assert.equal(await verdict(forge(notUtf8)), "claims_set");
  assert.equal(await verdict(forge("{}", notUtf8)), "malformed");
  assert.equal(await verdict(forge("{} {}")), "claims_set");
  assert.equal(await verdict(forge(' {"a":1} ')), "accepted");
  assert.equal(await verdict(forgeParts(encoded('{"alg":"HS256"}'), "")), "claims_set");
});

test("RFC 7519 7.3: strings are compared after unescaping and without normalization", async () => {
  const escaped = forge('{"iss":"\\u0061b","\\u0061ud":"x"}');
  assert.equal(await verdict(escaped, { issuer: "ab", audience: "x" }), "accepted");
  const composed = forge('{"iss":"\u00e9"}');
  assert.equal(await verdict(composed, { issuer: "\u00e9" }), "accepted");
  assert.equal(await verdict(composed, { issuer: "e\u0301" }), "issuer");
});
