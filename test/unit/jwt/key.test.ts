/**
 * Keys: 32 bytes or more and no PEM, copied when they are imported; and which
 * key answers to which `kid`, alone and in a ring.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import type { HmacKey } from "../../../src/jwt/jwt.ts";
import {
  generateKey,
  importKey,
  keyRing,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import { keyForKid } from "../../../src/jwt/key.ts";
import {
  asIf,
  forge,
  misuse,
  otherSecret,
  outcome,
  plainHeader,
  secret,
} from "../../support/forge.ts";

const named = (kid: string, key: Uint8Array): string =>
  forge("{}", JSON.stringify({ alg: "HS256", kid }), key);

test("a secret below 32 bytes is a RangeError and one of 32 bytes or more is a key", async () => {
  for (const length of [0, 1, 16, 31]) {
    assert.equal(
      await misuse(() => importKey(new Uint8Array(length))),
      "RangeError",
      `${length}`,
    );
  }
  for (const length of [32, 33, 64, 65, 1000]) {
    const bytes = new Uint8Array(length).fill(length);
    const key = await importKey(bytes);
    assert.deepEqual(
      await verify(forge("{}", plainHeader, bytes), key),
      {},
      `${length}`,
    );
  }
});

test("a secret that is text, an ArrayBuffer or anything else than bytes is a TypeError", async () => {
  const text = "a text of more than thirty-two characters";
  const others = [
    text,
    new String(text),
    new ArrayBuffer(32),
    new DataView(new ArrayBuffer(32)),
  ];
  const more = [
    new Uint16Array(32),
    new Uint8ClampedArray(32),
    Array(32).fill(1),
    {},
    null,
    undefined,
  ];
  for (const wrong of [...others, ...more, 32, { kty: "oct", k: text }]) {
    assert.equal(
      await misuse(() => importKey(asIf<Uint8Array>(wrong))),
      "TypeError",
    );
  }
});

test("a PEM is refused as a key, also with text before it and for a private or short one", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  const secretPem = privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
  const texts = [
    pem,
    `\n\n${pem}`,
    `Bag Attributes: a\r\n${pem}`,
    `\ufeff${pem}`,
    secretPem,
  ];
  for (
    const text of [
      ...texts,
      `\u0000\u00ff${pem}`,
      "-----BEGIN CERTIFICATE-----".padEnd(40),
    ]
  ) {
    assert.equal(
      await misuse(() => importKey(new TextEncoder().encode(text))),
      "TypeError",
      text,
    );
  }
});

test("a PEM is found behind a preamble of any length and kind", async () => {
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey
    .export({ type: "spki", format: "pem" }).toString();
  // As `openssl rsa -text` and `openssl x509 -text` write it before the PEM.
  const line = "    00:c5:1f:9a:77:3e:40:aa:bb:cc:dd:ee:ff:01:02:03:\n";
  const preambles = [
    "Public-Key: (2048 bit)\nModulus:\n" + line.repeat(17),
    "Certificate:\r\n    Data:\r\n".padEnd(63),
    "x".repeat(64),
    "x".repeat(65),
    "\n".repeat(5000),
    "\u00e4".repeat(100_000),
    "---- BEGIN SSH2 ----\n",
    "-----BEGIN",
  ];
  for (const preamble of preambles) {
    for (const text of [pem, pem.replaceAll("\n", "\r\n"), pem.trim()]) {
      const bytes = new TextEncoder().encode(preamble + text);
      assert.equal(await misuse(() => importKey(bytes)), "TypeError", preamble);
    }
  }
});

test("a key's bytes are those of the view, taken at the call", async () => {
  const buffer = new Uint8Array(64).fill(9);
  buffer.set(secret, 16);
  const view = buffer.subarray(16, 48);
  const importing = importKey(view);
  buffer.fill(0); // before the import has ended
  const key = await importing;
  buffer.fill(1); // and after
  assert.deepEqual(await verify(forge("{}"), key), {});
});

test("a key's name is a text that is not empty, or null", async () => {
  for (const kid of ["", 5, true, [], ["a"], new String("a"), "\ud800"]) {
    assert.equal(
      await misuse(() => importKey(secret, asIf<string>(kid))),
      "TypeError",
    );
  }
  assert.equal((await importKey(secret, "a")).kid, "a");
  assert.equal((await importKey(secret)).kid, null);
  assert.equal((await importKey(secret, null)).kid, null);
});

test("a single unnamed key answers a token with any string as kid, or none", async () => {
  const key = await importKey(secret);
  for (const kid of ["a", "", "__proto__", "../../etc/passwd", "é"]) {
    assert.equal(
      await outcome(() => verify(named(kid, secret), key)),
      "accepted",
      kid,
    );
  }
  assert.equal(await outcome(() => verify(forge("{}"), key)), "accepted");
});

test("a single named key answers its own kid and nothing else", async () => {
  const key = await importKey(secret, "a");
  assert.equal(
    await outcome(() => verify(named("a", secret), key)),
    "accepted",
  );
  for (const kid of ["A", "b", "", "a ", "null"]) {
    assert.equal(
      await outcome(() => verify(named(kid, secret), key)),
      "unknown_key",
      kid,
    );
  }
  assert.equal(await outcome(() => verify(forge("{}"), key)), "unknown_key");
});

test("in a ring each named key answers its own kid alone", async () => {
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret, "b"),
  ]);
  const table: readonly (readonly [string, string])[] = [
    [named("a", secret), "accepted"],
    [named("b", otherSecret), "accepted"],
    [named("a", otherSecret), "signature"],
    [named("b", secret), "signature"],
    [named("c", secret), "unknown_key"],
    [named("", secret), "unknown_key"],
    [forge("{}"), "unknown_key"],
  ];
  for (const [token, expected] of table) {
    assert.equal(await outcome(() => verify(token, ring)), expected);
  }
});

test("in a ring the unnamed key answers only tokens without kid", async () => {
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret),
  ]);
  const table: readonly (readonly [string, string])[] = [
    [forge("{}", plainHeader, otherSecret), "accepted"],
    [forge("{}", plainHeader, secret), "signature"],
    [named("a", secret), "accepted"],
    [named("a", otherSecret), "signature"],
    [named("b", otherSecret), "unknown_key"],
    [named("", otherSecret), "unknown_key"],
    [named("null", otherSecret), "unknown_key"],
  ];
  for (const [token, expected] of table) {
    assert.equal(await outcome(() => verify(token, ring)), expected);
  }
  const alone = keyRing([await importKey(secret)]);
  assert.equal(
    await outcome(() => verify(named("a", secret), alone)),
    "unknown_key",
  );
  assert.equal(await outcome(() => verify(forge("{}"), alone)), "accepted");
});

test("the first key of a ring signs, and its name becomes the token's kid", async () => {
  const [old, fresh] = [
    await importKey(secret, "old"),
    await importKey(otherSecret, "new"),
  ];
  const token = await sign({}, keyRing([fresh, old]));
  assert.equal(await outcome(() => verify(token, fresh)), "accepted");
  assert.equal(
    await outcome(() => verify(token, keyRing([old, fresh]))),
    "accepted",
  );
  assert.equal(await outcome(() => verify(token, old)), "unknown_key");
});

test("a kid named like a member of every object is an unknown key, until a key has that name", async () => {
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret),
  ]);
  for (
    const kid of [
      "__proto__",
      "constructor",
      "toString",
      "size",
      "get",
      "hasOwnProperty",
    ]
  ) {
    assert.equal(
      await outcome(() => verify(named(kid, secret), ring)),
      "unknown_key",
      kid,
    );
    const own = keyRing([await importKey(secret, kid)]);
    assert.equal(
      await outcome(() => verify(named(kid, secret), own)),
      "accepted",
      kid,
    );
  }
});

test("a ring of no key, of one key twice or of two keys with one name is a TypeError", async () => {
  const [key, unnamed] = [
    await importKey(secret, "a"),
    await importKey(secret),
  ];
  const same = await importKey(otherSecret, "a");
  const rings = [[], [key, key], [key, same], [
    unnamed,
    await importKey(otherSecret),
  ]];
  for (const keys of rings) {
    assert.equal(await misuse(() => keyRing(keys)), "TypeError");
  }
  const foreign = [
    { kid: null },
    { kid: "b" },
    {},
    { ...key },
    Object.create(key),
    "key",
  ];
  for (const wrong of foreign.map(asIf<HmacKey>)) {
    assert.equal(await misuse(() => keyRing([wrong])), "TypeError");
    assert.equal(await misuse(() => keyRing([key, wrong])), "TypeError");
  }
});

test("a later change of the list changes nothing in the ring made of it", async () => {
  const keys = [
    await importKey(secret, "a"),
    await importKey(otherSecret, "b"),
  ];
  const ring = keyRing(keys);
  keys.length = 0;
  assert.equal(
    await outcome(() => verify(named("b", otherSecret), ring)),
    "accepted",
  );
  assert.ok(Object.isFrozen(ring));
});

test("an object that importKey did not make is no key: a TypeError for sign and for verify", async () => {
  const raw = await crypto.subtle.importKey(
    "raw",
    new Uint8Array(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  );
  const wrong = [
    {},
    { kid: null },
    { kid: "a", cryptoKey: raw },
    raw,
    secret,
    new Map(),
    [],
  ];
  for (const key of wrong.map(asIf<HmacKey>)) {
    assert.equal(await misuse(() => sign({}, key)), "TypeError");
    assert.equal(await misuse(() => verify(forge("{}"), key)), "TypeError");
  }
});

test("a generated key signs and verifies, has the name it was given and is never the same twice", async () => {
  const [one, two] = [await generateKey("a"), await generateKey("a")];
  const token = await sign({}, one);
  assert.equal(one.kid, "a");
  assert.equal((await generateKey()).kid, null);
  assert.equal(await outcome(() => verify(token, one)), "accepted");
  assert.equal(await outcome(() => verify(token, two)), "signature");
});

test("a key is frozen and shows its name and nothing else", async () => {
  for (const key of [await importKey(secret), await generateKey()]) {
    assert.ok(Object.isFrozen(key));
    assert.deepEqual(Reflect.ownKeys(key), ["kid"]);
    assert.ok(!(keyForKid(key, null).cryptoKey.extractable));
  }
});

test("a key shows nothing of its secret in JSON, in a log or in a clone", async () => {
  const ring = keyRing([
    await importKey(secret, "a"),
    await importKey(otherSecret),
  ]);
  for (const key of [await importKey(secret, "a"), ring]) {
    assert.equal(JSON.stringify(key), '{"kid":"a"}');
    assert.deepEqual({ ...key }, { kid: "a" });
    assert.deepEqual({ ...structuredClone(key) }, { kid: "a" });
    const shown = inspect(key, { depth: 9, showHidden: true });
    assert.match(shown, /^(?:HmacKey )?\{\s*kid: ['"]a['"],?\s*\}$/);
  }
});

test("no member of a key leads to what makes keys, or to the key of WebCrypto", async () => {
  const key = await importKey(secret);
  assert.equal(key.constructor, Object);
  const prototype = Object.getPrototypeOf(key);
  assert.deepEqual(Reflect.ownKeys(prototype), []);
  assert.equal(Object.getPrototypeOf(prototype), Object.prototype);
});

test("what stands before a key, or has its prototype, is no key", async () => {
  const key = await importKey(secret);
  const imitations = [
    new Proxy(key, {}),
    Object.create(key),
    Object.setPrototypeOf({ kid: null }, Object.getPrototypeOf(key)),
    structuredClone(key),
    null,
    undefined,
  ];
  for (const imitation of imitations.map(asIf<HmacKey>)) {
    const call = () => verify(forge("{}"), imitation);
    await assert.rejects(call, {
      name: "TypeError",
      message: "Cannot use this key: importKey did not make it.",
    });
  }
});

test("a key that is text is misuse, and its text is not in the error", async () => {
  const text = "a secret of thirty-two bytes or more";
  const calls = [
    () => sign({}, asIf<HmacKey>(text)),
    () => verify(forge("{}"), asIf<HmacKey>(text)),
    () => Promise.resolve().then(() => keyRing([asIf<HmacKey>(text)])),
  ];
  for (const call of calls) {
    await assert.rejects(call, (error) => {
      return error instanceof TypeError && !error.message.includes(text);
    });
  }
});
