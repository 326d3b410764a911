/**
 * Secrets that can be guessed by a rule, and random ones, of which none is
 * refused.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isGuessable } from "../../../src/server/guessable.ts";
import { documents } from "../../project/documents.ts";
import { slowTest } from "../../support/slow_test.ts";

test("what people make up instead of a secret can be guessed", () => {
  // deno-fmt-ignore
  const guessable = [
    // jwt.io's, of today and of earlier years.
    "a-string-secret-at-least-256-bits-long",
    "your-256-bit-secret-your-256-bit-secret",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    // Rows of the keyboard.
    "qwertyuiopasdfghjklzxcvbnm123456",
    "QWERTYUIOPASDFGHJKLZXCVBNM!@#$%^",
    "mnbvcxzlkjhgfdsapoiuytrewq098765",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9",
    "1q2w3e4r5t6y7u8i9o0p1q2w3e4r5t6y",
    "qwertzuiopasdfghjklyxcvbnm123456",
    "azertyuiopqsdfghjklmwxcvbn123456",
    // Counting.
    "0123456789abcdef0123456789abcdef",
    "12345678901234567890123456789012",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "00112233445566778899aabbccddeeff",
    "fedcba9876543210fedcba9876543210",
    "aabbccddeeffgghhiijjkkllmmnnoopp",
    "abcdefghijklmnopqrstuvwxyz012345",
    "AbCdEfGhIjKlMnOpQrStUvWxYz012345",
    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6",
    "11111111222222223333333344444444",
    // The same again.
    "abababababababababababababababab",
    "x7Kp9Qz2x7Kp9Qz2x7Kp9Qz2x7Kp9Qz2",
    "x7Kp9Qz2-x7Kp9Qz2_x7Kp9Qz2.x7Kp9Qz2!",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "deadbeefcafebabedeadbeefcafebabe",
    "correct horse battery staple correct horse battery staple",
    // Words.
    "dev-only-do-not-use-in-production-1",
    "dev-secret-for-local-testing-only-0",
    "test-secret-test-secret-test-secret",
    "this-is-a-very-long-and-secure-key-1",
    "this is my local development jwt signing secret",
    "my_jwt_signing_secret_key_production",
    "MySuperLongSecretKeyForJwtTokens2024",
    "my-s3cr3t-t0k3n-f0r-l0cal-t3sting-42",
    "onejot-demo-secret-onejot-demo-0001",
    "please-change-me-please-change-me-0123",
    "hs256-hmac-sha256-signing-key-32-bytes",
    "correct-horse-battery-staple-secret",
    "l0calh0st-d3v3l0pm3nt-s3cr3t-k3y-007",
    "helloworldhelloworld-helloworld2025",
    "prod-jwt-secret-key-2026-01-31-v1",
  ];
  for (const text of guessable) assert.ok(isGuessable(text), text);
});

test("what is random in part is enough where that part is long", () => {
  // deno-fmt-ignore
  const unforeseeable = [
    "prod-jwt-secret-9b1f7c4e2a8d5036f1e7",
    "0123456789abcdef-Zk3v9q8w7X6r5t4P3u2M",
    "test-test-test-q8Zr2vTn6LxW0sYb",
    "550e8400-e29b-41d4-a716-446655440000",
    "plover quench mosaic tundra wicker",
    "fünf Käfer üben nächtens über Öl",
    "梨舟鏡霧紙猫雷橋塩窓笛",
  ];
  for (const text of unforeseeable) assert.ok(!isGuessable(text), text);
});

test("a long text is looked at in no time", () => {
  const start = performance.now();
  for (const part of ["a", "ab", "secret", "0123456789", "x7Kp9Qz2"]) {
    assert.ok(isGuessable(part.repeat(200_000)));
  }
  assert.ok(performance.now() - start < 2000);
});

slowTest("of 100,000 random secrets of each kind none can be guessed", () => {
  const kinds: Readonly<Record<string, () => string>> = {
    "32 bytes in base64url, as onejot key prints": () =>
      toBase64(randomBytes(32)).replaceAll("+", "-").replaceAll("/", "_")
        .replaceAll("=", ""),
    "24 bytes in base64": () => toBase64(randomBytes(24)),
    "16 bytes in hex": () => toHex(randomBytes(16)),
    "32 bytes in hex": () => toHex(randomBytes(32)),
    "six words that nobody knows": () => passphrase(6, unknownWords),
    "ten words that this project uses": () => passphrase(10, knownWords),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    for (let count = 0; count < 100_000; count++) {
      const secret = make();
      assert.ok(!isGuessable(secret), `${kind}: ${secret}`);
    }
  }
});

/** Words of this project's documents, which speak of secrets and of tests. */
const knownWords = [
  ...new Set(
    documents.flatMap(({ text }) => text.match(/\b[a-z]{4,9}\b/g) ?? []),
  ),
];

/** Words of three syllables, such as "kobari". */
const unknownWords = Array.from({ length: 2000 }, () => {
  return [...randomBytes(3)].map((byte) => {
    const consonant = "bdfghjklmnprstvw".charAt(byte >> 4);
    return consonant + "aeiou".charAt(byte % 5);
  }).join("");
});

function passphrase(count: number, words: readonly string[]): string {
  assert.ok(words.length > 900, String(words.length));
  const numbers = crypto.getRandomValues(new Uint32Array(count));
  return [...numbers].map((number) => words[number % words.length]).join(" ");
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
