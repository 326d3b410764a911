/**
 * RFC 8725 section 3.10: a `kid` that is a path, a query or a member name, so
 * that the key becomes an empty file or a text of the attacker's. Here it is
 * looked up in a Map and nowhere else.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { importKey, keyRing, verify } from "../../../src/jwt/jwt.ts";
import { forge, otherSecret, outcome, secret } from "../../support/forge.ts";

const names = [
  "../../../../../../dev/null",
  "/dev/null",
  "/proc/sys/kernel/randomize_va_space",
  "' UNION SELECT 'secret' --",
  "key.pem|whoami",
  "http://attacker.example/key",
  "__proto__",
  "constructor",
  "a\u0000",
  "",
];

test("attack kid injection: a kid that no key has is refused, whatever the MAC was made with", async () => {
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret),
  ]);
  for (const kid of names) {
    const header = JSON.stringify({ alg: "HS256", kid });
    for (
      const key of [
        new Uint8Array(0),
        new TextEncoder().encode("secret"),
        otherSecret,
        secret,
      ]
    ) {
      const token = forge('{"sub":"admin"}', header, key);
      assert.equal(
        await outcome(() => verify(token, ring)),
        "unknown_key",
        kid,
      );
    }
  }
});

test("attack kid injection: with a single key, a kid never leads to another key", async () => {
  const key = await importKey(secret);
  for (const kid of names) {
    const token = forge(
      "{}",
      JSON.stringify({ alg: "HS256", kid }),
      new Uint8Array(0),
    );
    assert.equal(await outcome(() => verify(token, key)), "signature", kid);
  }
});
