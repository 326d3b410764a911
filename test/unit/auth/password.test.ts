/**
 * Passwords: the stored form against node:crypto's PBKDF2, the equal work of
 * every failure, and what may become a password.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import {
  faultOfPassword,
  type PasswordHash,
  PasswordHasher,
} from "../../../src/auth/auth.ts";

const limits = { maxActive: 1, maxWaiting: 8 };

test("a hash is PBKDF2-HMAC-SHA256 over a salt of its own, and names its cost", async () => {
  const hasher = new PasswordHasher(1000, limits);
  const hashes = [
    await hasher.hash("pass phräse"),
    await hasher.hash("pass phräse"),
  ];
  assert.notEqual(hashes[0], hashes[1]);
  for (const hash of hashes) {
    const [scheme, iterations, salt = "", key = ""] = hash.split("$");
    assert.equal(scheme, "pbkdf2-sha256");
    assert.equal(iterations, "1000");
    const saltBytes = Buffer.from(salt, "base64url");
    assert.equal(saltBytes.length, 16);
    const expected = pbkdf2Sync("pass phräse", saltBytes, 1000, 32, "sha256");
    assert.equal(key, expected.toString("base64url"));
  }
});

test("a password is checked against its hash, however its letters are composed", async () => {
  const hasher = new PasswordHasher(1000, limits);
  const stored = await hasher.hash("caf\u00e9 au lait");
  assert.deepEqual(await hasher.check("cafe\u0301 au lait", stored), {
    ok: true,
    upgraded: null,
  });
  for (
    const wrong of [
      "cafe au lait",
      "Caf\u00e9 au lait",
      "caf\u00e9 au lait ",
      "",
    ]
  ) {
    assert.deepEqual(await hasher.check(wrong, stored), { ok: false });
  }
  assert.deepEqual(await hasher.check("caf\u00e9 au lait", null), {
    ok: false,
  });
});

test("NULs behind a password, with which HMAC would pad it anyway, make it a wrong one", async () => {
  const hasher = new PasswordHasher(1000, limits);
  const stored = await hasher.hash("password");
  for (const wrong of ["password\0", "password\0\0\0"]) {
    assert.deepEqual(await hasher.check(wrong, stored), { ok: false });
  }
  assert.equal(
    faultOfPassword("password\0"),
    "The password must not hold a NUL character.",
  );
});

test("a hash that is cheaper than today's is upgraded at a good login, a dearer one is kept", async () => {
  const [cheap, dear] = [
    new PasswordHasher(1000, limits),
    new PasswordHasher(3000, limits),
  ];
  const upgrade = await dear.check("password", await cheap.hash("password"));
  assert.ok(upgrade.ok && upgrade.upgraded?.startsWith("pbkdf2-sha256$3000$"));
  assert.deepEqual(await dear.check("password", upgrade.upgraded), {
    ok: true,
    upgraded: null,
  });
  const kept = await cheap.check("password", await dear.hash("password"));
  assert.deepEqual(kept, { ok: true, upgraded: null });
});

test("every failure derives the same number of iterations, whatever the reason", async () => {
  const hasher = new PasswordHasher(2000, limits);
  const cheap = await new PasswordHasher(1000, limits).hash("password");
  const today = await hasher.hash("password");
  const dear = await new PasswordHasher(5000, limits).hash("password");
  for (const stored of [null, cheap, today]) {
    assert.equal(
      await iterationsOf(() => hasher.check("wrong", stored)),
      2000,
      String(stored),
    );
  }
  // From now on failures cost what the dearest hash costs.
  await hasher.check("password", dear);
  for (const stored of [null, cheap, today, dear]) {
    assert.equal(
      await iterationsOf(() => hasher.check("wrong", stored)),
      5000,
      String(stored),
    );
  }
});

test("a stored text that is no hash is an error, never a login", async () => {
  const hasher = new PasswordHasher(1000, limits);
  const good = await hasher.hash("password");
  const [, , salt, key] = good.split("$");
  const texts = [
    "",
    "password",
    `sha1$1000$${salt}$${key}`,
    `pbkdf2-sha256$0$${salt}$${key}`,
    `pbkdf2-sha256$x$${salt}$${key}`,
    `pbkdf2-sha256$1000$${salt}$`,
    `${good}A`,
  ];
  for (const text of texts) {
    await assert.rejects(
      hasher.check("password", text as PasswordHash),
      `accepted: ${text}`,
    );
  }
});

test("hashing a new password waits its turn as well", async () => {
  const hasher = new PasswordHasher(100_000, { maxActive: 1, maxWaiting: 0 });
  const first = hasher.hash("password");
  await assert.rejects(hasher.hash("password"), {
    name: "HttpError",
    status: 503,
  });
  assert.match(await first, /^pbkdf2-sha256/);
});

test("a compatibility form is another password", async () => {
  const hasher = new PasswordHasher(1000, limits);
  const stored = await hasher.hash("\ufb01ne words");
  assert.deepEqual(await hasher.check("fine words", stored), { ok: false });
});

test("a new password has 8 to 1,024 bytes of Unicode text", () => {
  for (const good of ["12345678", "éééé", "x".repeat(1024), "        "]) {
    assert.equal(faultOfPassword(good), null);
  }
  for (
    const bad of ["", "1234567", "ééé1", "x".repeat(1025), "é".repeat(513)]
  ) {
    assert.equal(
      faultOfPassword(bad),
      "The password must have 8 to 1,024 bytes.",
    );
  }
  assert.equal(
    faultOfPassword("lone \ud800 surrogate"),
    "The password is not Unicode text.",
  );
});

test("what cannot become a password is never hashed", async () => {
  const hasher = new PasswordHasher(1000, limits);
  for (
    const bad of [
      "1234567",
      "x".repeat(1025),
      "password\0",
      "lone \ud800 surrogate",
    ]
  ) {
    const refusal = {
      name: "HttpError",
      status: 400,
      message: faultOfPassword(bad),
    };
    assert.equal(
      await iterationsOf(() => assert.rejects(hasher.hash(bad), refusal)),
      0,
    );
  }
});

/** How many PBKDF2 iterations WebCrypto is asked for while a function runs. */
async function iterationsOf(run: () => Promise<unknown>): Promise<number> {
  const { subtle } = crypto;
  const original = subtle.deriveBits;
  let iterations = 0;
  subtle.deriveBits = (algorithm, key, length) => {
    iterations += Number(Reflect.get(Object(algorithm), "iterations"));
    return original.call(subtle, algorithm, key, length ?? null);
  };
  try {
    await run();
  } finally {
    subtle.deriveBits = original;
  }
  return iterations;
}
