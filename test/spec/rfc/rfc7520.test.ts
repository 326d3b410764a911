/**
 * RFC 7520, examples of JOSE: section 4.4, an HMAC-SHA-256 signature over
 * prose. The values are those of Project Wycheproof's
 * json_web_signature_test.json, test 348.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMac, readCompact, signCompact } from "../../../src/jwt/jws.ts";
import {
  decodeBase64url,
  importKey,
  keyRing,
  verify,
} from "../../../src/jwt/jwt.ts";
import { outcome } from "../../support/forge.ts";

const kid = "018c0ae5-4d9b-471b-bfd6-eef314bc7037";
const secret = decodeBase64url("hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg");
const token =
  "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9" +
  ".SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250" +
  "byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hl" +
  "cmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4" +
  ".s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";

test("the JWS over prose in RFC 7520 4.4 verifies as a JWS, by its kid too", async () => {
  const jws = readCompact(token);
  assert.match(
    new TextDecoder().decode(decodeBase64url(jws.payload)),
    /^It’s a dangerous business/,
  );
  const [named, other] = [
    await importKey(secret, kid),
    await importKey(secret, "other"),
  ];
  assert.equal(await outcome(() => checkMac(jws, named)), "accepted");
  assert.equal(
    await outcome(() => checkMac(jws, keyRing([other, named]))),
    "accepted",
  );
  assert.equal(await outcome(() => checkMac(jws, other)), "unknown_key");
  assert.equal(await signCompact(jws.signingInput, named), token);
});

test("the JWS over prose in RFC 7520 4.4 is no JWT, because its payload is no claims set", async () => {
  const key = await importKey(secret);
  assert.equal(await outcome(() => verify(token, key)), "claims_set");
});
