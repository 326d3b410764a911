/**
 * RFC 7519, JSON Web Token: the worked examples 3.1, 6.1 and A.1, and the
 * clauses that a signer and a verifier of claims are held to. The full tables
 * of claims are in test/unit/jwt.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Claims,
  decodeBase64url,
  decodeUnsecured,
  encodeUnsecured,
} from "../../../src/jwt/jwt.ts";
import { importKey, sign, verify } from "../../../src/jwt/jwt.ts";
import {
  asIf,
  encoded,
  forge,
  forgeParts,
  misuse,
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
/** Texts with a colon that RFC 3986 does not allow. */
const notUris = [
  "oauth2|Combine|1:1467702",
  "@alice:example.org:DEVICEID",
  "557058:f58131cb",
  "f:1:Ada Lovelace",
  ":",
  "urn:a b",
  "http://[::1",
  "https://ex\u00e4mple.com",
];
/** Values that are neither a text nor an array of texts. */
const notTexts = [null, true, 1, {}, { "0": "a" }, [1], [["a"]], ["a", null]];
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

test("RFC 7519 2a: sign writes no iss, sub or aud with a colon that is no URI", async () => {
  const key = await importKey(secret);
  for (const text of notUris) {
    for (const claims of stringOrUriClaims(text)) {
      assert.equal(await misuse(() => sign(claims, key)), "TypeError", text);
    }
  }
});

test("RFC 7519 2e: a StringOrURI without a colon is any text", async () => {
  const key = await importKey(secret);
  for (const text of [" ", "[", "Zoë 鍵", "oauth2|a|1", "a@b", "%zz"]) {
    for (const claims of stringOrUriClaims(text)) {
      const token = await sign(claims, key);
      const policy = "aud" in claims ? { audience: text } : {};
      assert.deepEqual(await verify(token, key, policy), claims);
    }
  }
});

for (
  const [row, name] of [
    ["RFC 7519 4.1.1a", "iss"],
    ["RFC 7519 4.1.2a", "sub"],
    ["RFC 7519 4.1.3a", "aud"],
  ] as const
) {
  const policyFor = (audience: string) => name === "aud" ? { audience } : {};

  test(`${row}: verify takes any text as ${name}, and no other value`, async () => {
    for (const text of [...notUris, " ", "urn:example:1"]) {
      const token = forge(JSON.stringify({ [name]: text }));
      assert.equal(await verdict(token, policyFor(text)), "accepted", text);
    }
    for (const value of notTexts) {
      const token = forge(JSON.stringify({ [name]: value }));
      assert.equal(await verdict(token, policyFor("a")), "claim_type");
    }
  });

  test(`${row}: sign writes no ${name} that is not what it must be`, async () => {
    const key = await importKey(secret);
    for (const value of [...notUris, ...notTexts]) {
      const claims = asIf<Claims>({ [name]: value });
      assert.equal(await misuse(() => sign(claims, key)), "TypeError");
    }
  });
}

test("RFC 7519 3b: white space around the values of the claims set is no part of them", async () => {
  const token = forge(' \t\r\n{ "a" :\n[ 1 , 2 ]\r\n}\n ');
  assert.deepEqual(await verify(token, await importKey(secret)), { a: [1, 2] });
});

test("RFC 7519 4.1.3e: an aud of one audience is a text, or an array of it", async () => {
  const key = await importKey(secret);
  for (const aud of ["a", ["a"]]) {
    const token = await sign({ aud }, key);
    assert.deepEqual(await verify(token, key, { audience: "a" }), { aud });
  }
});

test("RFC 7519 5.1c: typ may be left out", async () => {
  assert.equal(await verdict(forge("{}", '{"alg":"HS256"}')), "accepted");
});

test("RFC 7519 7.1b: a token is the JWS that the steps of RFC 7515 make of header and claims", async () => {
  const key = await importKey(secret, { kid: "k" });
  assert.equal(
    await sign({ sub: "1" }, key, { typ: "at+jwt" }),
    forge('{"sub":"1"}', '{"alg":"HS256","typ":"at+jwt","kid":"k"}'),
  );
});

test("RFC 7519 7.2j: a payload with white space or a line break within is refused", async () => {
  const [header = "", payload = ""] = forge('{"sub":"1"}').split(".");
  for (const character of [" ", "\t", "\r", "\n", "\r\n", "=", "\u00a0"]) {
    for (const at of [0, 4, payload.length]) {
      const broken = payload.slice(0, at) + character + payload.slice(at);
      const token = forgeParts(header, broken);
      assert.equal(await verdict(token), "malformed", JSON.stringify(token));
    }
  }
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

/** Claims sets in which a text stands where a StringOrURI must. */
function stringOrUriClaims(text: string) {
  return [{ iss: text }, { sub: text }, { aud: text }, { aud: ["a", text] }];
}
