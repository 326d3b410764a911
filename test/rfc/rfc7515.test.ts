/**
 * RFC 7515, JSON Web Signature: the worked example A.1, the bytes of appendix C, and what a
 * verifier does with header parameters and with the compact form.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64url, encodeBase64url, importKey, verify } from "../../src/jwt/jwt.ts";
import { checkMac, readCompact, signCompact } from "../../src/jwt/jws.ts";
import { encoded, forge, outcome, secret, verdict } from "../jwt/forge.ts";

const header = '{"typ":"JWT",\r\n "alg":"HS256"}';
const payload = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}';
const signingInput = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" +
  ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const token = `${signingInput}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
const keyText = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
  "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const importExampleKey = () => importKey(decodeBase64url(keyText));

test("RFC 7515 A.1: the example verifies from its bytes, which are laid out with CRLF", async () => {
  const utf8 = new TextEncoder();
  const parts = [header, payload].map((text) => encodeBase64url(utf8.encode(text)));
  assert.equal(parts.join("."), signingInput);
  const claims = await verify(token, await importExampleKey(), { clock: () => 1300819379 });
  assert.deepEqual(claims, { iss: "joe", exp: 1300819380, "http://example.com/is_root": true });
});

test("RFC 7515 A.1: signing the example's input with its key gives the example", async () => {
  assert.equal(await signCompact(signingInput, await importExampleKey()), token);
});

test("RFC 7515 A.1: the example has expired since, and does not verify with another key", async () => {
  const key = await importExampleKey();
  assert.equal(await outcome(() => verify(token, key)), "expired");
  const other = await importKey(secret);
  assert.equal(await outcome(() => verify(token, other, { clock: () => 0 })), "signature");
});

test("RFC 7515 A.1: the same claims laid out anew do not verify under the example's MAC", async () => {
  const [, , mac = ""] = token.split(".");
  const [newHeader, newPayload] = [header, payload].map((text) =>
    encoded(JSON.stringify(JSON.parse(text)))
  );
  const policy = { clock: () => 0 };
  const key = await importExampleKey();
  const anew = `${newHeader}.${newPayload}.${mac}`;
  assert.equal(await outcome(() => verify(anew, key, policy)), "signature");
});

test("RFC 7515 C: the example's bytes and text are each other's encoding", () => {
  const bytes = new Uint8Array([3, 236, 255, 224, 193]);
  assert.equal(encodeBase64url(bytes), "A-z_4ME");
  assert.deepEqual(decodeBase64url("A-z_4ME"), bytes);
});

test("RFC 7515 4: header names are unique or the last counts, as in JSON.parse", async () => {
  const table = {
    '{"alg":"none","alg":"HS256"}': "accepted",
    '{"alg":"HS256","alg":"none"}': "algorithm",
    '{"alg":"HS256","\\u0061lg":"none"}': "algorithm",
    '{"alg":"HS256","kid":5,"kid":"a"}': "accepted",
    '{"alg":"HS256","kid":"a","kid":5}': "malformed",
  };
  for (const [text, expected] of Object.entries(table)) {
    assert.equal(await verdict(forge("{}", text)), expected, text);
  }
});

test("RFC 7515 4: header parameters that are not understood are ignored", async () => {
  const text = '{"alg":"HS256","x":[{}],"b64":false,"x5t":"a","http://example.com/x":null}';
  assert.equal(await verdict(forge("{}", text)), "accepted");
});

test("RFC 7515 4.1.1: alg must be there and is case-sensitive", async () => {
  for (const text of ["{}", '{"alg":"Hs256"}', '{"Alg":"HS256"}', '{"alg":null}']) {
    assert.equal(await verdict(forge("{}", text)), "algorithm", text);
  }
});

test("RFC 7515 4.1.4: kid must be a case-sensitive string", async () => {
  const key = await importKey(secret, "A");
  const withKid = (kid: string) => forge("{}", `{"alg":"HS256","kid":${kid}}`);
  assert.equal(await outcome(() => verify(withKid('"A"'), key)), "accepted");
  assert.equal(await outcome(() => verify(withKid('"a"'), key)), "unknown_key");
  assert.equal(await outcome(() => verify(withKid('["A"]'), key)), "malformed");
});

test("RFC 7515 4.1.9: typ is compared without case and with application/ left out", async () => {
  for (const typ of ["JWT", "jwt", "application/jwt", "APPLICATION/JWT"]) {
    const made = forge("{}", `{"alg":"HS256","typ":"${typ}"}`);
    assert.equal(await verdict(made, { typ: "JWT" }), "accepted", typ);
  }
  assert.equal(await verdict(forge("{}", '{"alg":"HS256","typ":"JOSE"}'), { typ: "JWT" }), "typ");
});

test("RFC 7515 4.1.11: crit refuses, well-formed or not, known name or not", async () => {
  for (const crit of ['["exp"]', '["b64"]', "[]", '["alg"]', "null", "false", '""', "{}", "[1]"]) {
    const text = `{"alg":"HS256","exp":9e9,"b64":true,"crit":${crit}}`;
    assert.equal(await verdict(forge("{}", text)), "critical", crit);
  }
});

test("RFC 7515 5.2: the MAC is checked over the two parts as received, for any payload", async () => {
  const key = await importKey(secret);
  for (const content of ["", "prose", new Uint8Array([0, 255, 128])]) {
    const jws = readCompact(forge(content));
    assert.equal(await outcome(() => checkMac(jws, key)), "accepted");
    const changed = { ...jws, signingInput: `${jws.signingInput}A` };
    assert.equal(await outcome(() => checkMac(changed, key)), "signature");
  }
});

test("RFC 7515 7.1: the compact form has three parts with two periods between them", async () => {
  const good = forge("{}");
  for (const text of [good.replace(".", ""), `${good}.`, `.${good}`, good.replace(".", "..")]) {
    assert.equal(await verdict(text), "malformed", text);
  }
});

test("RFC 7515 7.2: the JSON serialization is no JWT", async () => {
  const [protectedHeader, body, signature] = forge("{}").split(".");
  const flat = JSON.stringify({ payload: body, protected: protectedHeader, signature });
  assert.equal(await verdict(flat), "malformed");
});
