/**
 * RFC 8725, best current practices: those that no case of the corpus can show,
 * because they are about how keys are made and what a caller can ask for.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import {
  decodeUnsecured,
  encodeUnsecured,
  generateKey,
} from "../../../src/jwt/jwt.ts";
import { importKey, sign, verify } from "../../../src/jwt/jwt.ts";
import { keyForKid } from "../../../src/jwt/key.ts";
import {
  forge,
  misuse,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

test("RFC 8725 2.1: the PEM of a public key or a certificate is refused as a secret", async () => {
  for (const type of ["rsa", "ec"] as const) {
    const pem = type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey
      : generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const text = pem.export({ type: "spki", format: "pem" }).toString();
    for (
      const secret of [
        text,
        text.replace("PUBLIC KEY", "CERTIFICATE"),
        ` ${text}`,
      ]
    ) {
      assert.equal(
        await misuse(() => importKey(new TextEncoder().encode(secret))),
        "TypeError",
      );
    }
  }
});

test("RFC 8725 3.1b: a key is bound to HMAC with SHA-256 and to nothing else", async () => {
  for (const key of [await importKey(secret), await generateKey()]) {
    const { algorithm, usages, type } = keyForKid(key, null).cryptoKey;
    const { name, hash } = Object(algorithm);
    assert.deepEqual([name, hash.name, type], ["HMAC", "SHA-256", "secret"]);
    assert.deepEqual([...usages].sort(), ["sign", "verify"]);
  }
});

test("RFC 8725 3.2b: none is read by a function of its own name, and by no other", async () => {
  assert.equal(
    await outcome(() => decodeUnsecured(encodeUnsecured({}))),
    "accepted",
  );
  assert.equal(await verdict(encodeUnsecured({})), "algorithm");
  assert.equal(await outcome(() => decodeUnsecured(forge("{}"))), "algorithm");
});

test("RFC 8725 3.5a: a generated key has 256 bits, and a short secret is no key", async () => {
  const key = await generateKey();
  const { length } = Object(keyForKid(key, null).cryptoKey.algorithm);
  assert.equal(length, 256);
  assert.equal(
    await misuse(() => importKey(new TextEncoder().encode("secret"))),
    "RangeError",
  );
  assert.equal(await misuse(() => importKey(new Uint8Array(31))), "RangeError");
});

test("RFC 8725 3.7: text is written as UTF-8 and read as UTF-8", async () => {
  const key = await importKey(secret, "clé 鍵");
  const claims = { name: "Zoë \u{1f600}" };
  assert.deepEqual(await verify(await sign(claims, key), key), claims);
});
