/**
 * RFC 7515, JSON Web Signature: the worked example A.1, the bytes of appendix
 * C, and what a verifier does with header parameters and with the compact form.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeBase64url,
  encodeBase64url,
  importKey,
  verify,
} from "../../../src/jwt/jwt.ts";
import { decodeUnverified, generateKey, sign } from "../../../src/jwt/jwt.ts";
import { checkMac, readCompact, signCompact } from "../../../src/jwt/jws.ts";
import { keyForKid } from "../../../src/jwt/key.ts";
import {
  encoded,
  forge,
  outcome,
  secret,
  verdict,
  withSignature,
} from "../../support/forge.ts";

const header = '{"typ":"JWT",\r\n "alg":"HS256"}';
const payload =
  '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}';
const signingInput = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" +
  ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const token = `${signingInput}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
const keyText = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
  "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const importExampleKey = () => importKey(decodeBase64url(keyText));

test("RFC 7515 A.1: the example verifies from its bytes, which are laid out with CRLF", async () => {
  const utf8 = new TextEncoder();
  const parts = [header, payload].map((text) =>
    encodeBase64url(utf8.encode(text))
  );
  assert.equal(parts.join("."), signingInput);
  const claims = await verify(token, await importExampleKey(), {
    clock: () => 1300819379,
  });
  assert.deepEqual(claims, {
    iss: "joe",
    exp: 1300819380,
    "http://example.com/is_root": true,
  });
});

test("RFC 7515 A.1: signing the example's input with its key gives the example", async () => {
  assert.equal(
    await signCompact(signingInput, await importExampleKey()),
    token,
  );
});

test("RFC 7515 A.1: the example has expired since, and does not verify with another key", async () => {
  const key = await importExampleKey();
  assert.equal(await outcome(() => verify(token, key)), "expired");
  const other = await importKey(secret);
  assert.equal(
    await outcome(() => verify(token, other, { clock: () => 0 })),
    "signature",
  );
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

test("RFC 7515 4b: header names are unique or the last counts, as in JSON.parse", async () => {
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

test("RFC 7515 5.2k: the MAC is checked over the two parts as received, for any payload", async () => {
  const key = await importKey(secret);
  for (const content of ["", "prose", new Uint8Array([0, 255, 128])]) {
    const jws = readCompact(forge(content));
    assert.equal(await outcome(() => checkMac(jws, key)), "accepted");
    const changed = { ...jws, signingInput: `${jws.signingInput}A` };
    assert.equal(await outcome(() => checkMac(changed, key)), "signature");
  }
});

test("RFC 7515 4.1.9c: sign leaves application/ out of the typ that it writes", async () => {
  const { header } = decodeUnverified(await sign({}, await importKey(secret)));
  assert.equal(header["typ"], "JWT");
});

test("RFC 7515 6b: sign writes the kid of a key that has a name", async () => {
  const { header } = decodeUnverified(
    await sign({}, await importKey(secret, "2026-11")),
  );
  assert.deepEqual({ ...header }, { alg: "HS256", typ: "JWT", kid: "2026-11" });
});

test("RFC 7515 10.1: generated keys are 32 bytes from the random source, never twice the same", async () => {
  const { getRandomValues } = crypto;
  const lengths: number[] = [];
  Reflect.set(crypto, "getRandomValues", (bytes: Uint8Array<ArrayBuffer>) => {
    lengths.push(bytes.length);
    return getRandomValues.call(crypto, bytes);
  });
  try {
    const tokens = await Promise.all(
      [1, 2, 3].map(async () => sign({}, await generateKey())),
    );
    assert.equal(new Set(tokens).size, 3);
    assert.deepEqual(lengths, [32, 32, 32]);
  } finally {
    Reflect.deleteProperty(crypto, "getRandomValues");
  }
});

test("RFC 7515 10.2: the bytes of a key cannot be read back from it", async () => {
  for (const key of [await importKey(secret), await generateKey()]) {
    const hmac = keyForKid(key, null).cryptoKey;
    assert.equal(hmac.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("raw", hmac));
    assert.deepEqual(Reflect.ownKeys(key), ["kid"]);
  }
});

test("RFC 7515 10.9: one call of crypto.subtle.verify decides, for a good MAC and a bad one", async () => {
  const token = forge("{}");
  const bad = [0, 5, 31].map((index) => {
    const mac = decodeBase64url(token.slice(token.lastIndexOf(".") + 1));
    return withSignature(
      token,
      mac.map((byte, at) => at === index ? byte ^ 1 : byte),
    );
  });
  for (
    const text of [
      token,
      ...bad,
      withSignature(token, ""),
      withSignature(token, "AAAA"),
    ]
  ) {
    assert.deepEqual(await cryptoCalls(() => verdict(text)), [
      "importKey",
      "verify",
    ]);
  }
});

test("RFC 7515 10.12c: sign writes no name twice, in the header or among the claims", async () => {
  const claims = JSON.parse('{"sub":"1","sub":"2","__proto__":{"sub":"3"}}');
  const token = await sign(claims, await importKey(secret, "a"), {
    lifetimeSeconds: 60,
  });
  for (const part of token.split(".").slice(0, 2)) {
    const json = new TextDecoder().decode(decodeBase64url(part));
    // This a repeated name would not survive.
    assert.equal(JSON.stringify(JSON.parse(json)), json);
  }
});

/** The names of the functions of crypto.subtle that a call leads to. */
async function cryptoCalls(call: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = [];
  const names = ["importKey", "verify", "sign", "digest"] as const;
  const originals = names.map((name) => crypto.subtle[name]);
  for (const [index, name] of names.entries()) {
    Reflect.set(crypto.subtle, name, (...args: unknown[]) => {
      calls.push(name);
      return Reflect.apply(
        originals[index] ?? assert.fail,
        crypto.subtle,
        args,
      );
    });
  }
  try {
    await call();
  } finally {
    for (const name of names) Reflect.deleteProperty(crypto.subtle, name);
  }
  return calls;
}
