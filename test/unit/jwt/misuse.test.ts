/**
 * What is no key, no bytes, no text and no options is told where it is given,
 * by each function of the folder: a TypeError or a RangeError that begins with
 * "Cannot", from a promise where the function gives one. Nothing of it passes
 * in silence, and nothing of it is taken for a bad token.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  decodeBase64url,
  decodeUnsecured,
  decodeUnverified,
  encodeBase64url,
  encodeUnsecured,
  generateKey,
  type HmacKey,
  importKey,
  JwtError,
  keyRing,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";

/** Calls a function with what its types do not allow. */
// deno-lint-ignore no-explicit-any
type Loose = (...values: any[]) => unknown;

class Point {
  x = 1;
}

const secret = new Uint8Array(32).fill(7);
const key = await importKey(secret);
const token = await sign({ sub: "1" }, key);

const throwing = new Proxy({}, {
  getPrototypeOf: () => {
    throw new Error("of the caller");
  },
});

/** Things that are neither texts, nor bytes, nor plain objects. */
const others: Readonly<Record<string, unknown>> = {
  null: null,
  "a number": 5,
  NaN: NaN,
  true: true,
  "a bigint": 5n,
  "a symbol": Symbol("x"),
  "a function": () => {},
  "an array": [],
  "a date": new Date(0),
  "a map": new Map(),
  "a class's object": new Point(),
  "a promise": Promise.resolve({}),
};

const noBytes: Readonly<Record<string, unknown>> = {
  ...others,
  undefined: undefined,
  "a text": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  "an ArrayBuffer": new ArrayBuffer(64),
  "a SharedArrayBuffer": new SharedArrayBuffer(64),
  "a DataView": new DataView(new ArrayBuffer(64)),
  "a Uint16Array": new Uint16Array(64),
  "an Int8Array": new Int8Array(64),
  "a Uint8ClampedArray": new Uint8ClampedArray(64),
  "an object that says it is bytes": {
    length: 64,
    [Symbol.toStringTag]: "Uint8Array",
  },
  "an object that inherits from bytes": Object.create(Uint8Array.prototype),
  "a Uint16Array that says it is bytes": Object.defineProperty(
    new Uint16Array(64),
    Symbol.toStringTag,
    { value: "Uint8Array" },
  ),
  "a proxy of bytes": new Proxy(new Uint8Array(64), {}),
};

const noText: Readonly<Record<string, unknown>> = {
  ...others,
  undefined: undefined,
  "a boxed text": Object("text"),
  bytes: new Uint8Array(32),
};

const noKey: Readonly<Record<string, unknown>> = {
  ...others,
  undefined: undefined,
  "a text": "key",
  bytes: secret,
  "an object like a key": { kid: null },
  "a key's prototype": Object.create(Object.getPrototypeOf(key)),
  "a copy of a key": { ...key },
  "a proxy of a key": new Proxy(key, {}),
  "a CryptoKey": await crypto.subtle.importKey(
    "raw",
    secret,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign", "verify"],
  ),
};

/** A function that throws, or whose promise is rejected. */
interface Case {
  readonly call: Loose;
  readonly values: Readonly<Record<string, unknown>>;
  readonly message: RegExp;
}

const atOnce: Readonly<Record<string, Case>> = {
  "encodeBase64url takes no bytes that are none": {
    call: encodeBase64url,
    values: noBytes,
    message: /^Cannot encode: /,
  },
  "decodeBase64url takes no text that is none": {
    call: decodeBase64url,
    values: noText,
    message: /^Cannot decode: /,
  },
  "decodeBase64url takes no text that is none, into bytes that are given": {
    call: (value) => (decodeBase64url as Loose)(value, new Uint8Array(99)),
    values: noText,
    message: /^Cannot decode: base64url is a text/,
  },
  "decodeBase64url decodes into bytes alone": {
    call: (value) => (decodeBase64url as Loose)("AAAA", value),
    values: omit(noBytes, "undefined"),
    message: /^Cannot decode: /,
  },
  "keyRing takes a list": {
    call: keyRing,
    values: { ...omit(others, "an array"), undefined, key, "a text": "key" },
    message: /^Cannot make a key ring: /,
  },
  "keyRing takes keys alone": {
    call: (value) => (keyRing as Loose)([key, value]),
    values: omit(noKey, "an array"),
    message: /^Cannot (?:make a key ring|use this key): /,
  },
  "rememberVerified takes a key": {
    call: rememberVerified as Loose,
    values: noKey,
    message: /^Cannot use this key: /,
  },
  "rememberVerified takes a policy": {
    call: (value) => (rememberVerified as Loose)(key, value),
    values: others,
    message: /^Cannot /,
  },
  "rememberVerified takes options": {
    call: (value) => (rememberVerified as Loose)(key, {}, value),
    values: others,
    message: /^Cannot /,
  },
  "rememberVerified takes a bound that is one": {
    call: (value) =>
      (rememberVerified as Loose)(key, {}, { maxCharacters: value }),
    values: {
      undefined: undefined,
      null: null,
      NaN: NaN,
      infinity: Infinity,
      "a negative number": -1,
      "a text": "1000",
      "a bigint": 1000n,
    },
    message: /^Cannot /,
  },
  "encodeUnsecured takes claims": {
    call: encodeUnsecured as Loose,
    values: { ...others, undefined, "a text": "{}" },
    message: /^Cannot use this claims set: /,
  },
};

const byPromise: Readonly<Record<string, Case>> = {
  "importKey takes no secret that is no bytes": {
    call: importKey as Loose,
    values: noBytes,
    message: /^Cannot import a key: /,
  },
  "importKey takes a name or options": {
    call: (value) => (importKey as Loose)(secret, value),
    values: omit(others, "null"),
    message: /^Cannot (?:import a key|use this options): /,
  },
  "importKey takes a kid that is a text": {
    call: (value) => (importKey as Loose)(secret, { kid: value }),
    values: { ...omit(noText, "null"), "an empty text": "", half: "\ud800" },
    message: /^Cannot import a key: kid /,
  },
  "importKey takes an issuer that is a text": {
    call: (value) => (importKey as Loose)(secret, { issuer: value }),
    values: { ...noText, "an empty text": "", half: "\udc00" },
    message: /^Cannot import a key: issuer /,
  },
  "generateKey takes what importKey does": {
    call: generateKey as Loose,
    values: { ...omit(others, "null"), "an empty text": "" },
    message: /^Cannot (?:import a key|use this options): /,
  },
  "sign takes claims": {
    call: (value) => (sign as Loose)(value, key),
    values: { ...others, undefined, "a text": "{}" },
    message: /^Cannot use this claims set: /,
  },
  "sign takes a key": {
    call: (value) => (sign as Loose)({}, value),
    values: noKey,
    message: /^Cannot use this key: /,
  },
  "sign takes options": {
    call: (value) => (sign as Loose)({}, key, value),
    values: others,
    message: /^Cannot use this options: /,
  },
  "sign takes a lifetime that is one": {
    call: (value) => (sign as Loose)({}, key, { lifetimeSeconds: value }),
    values: {
      ...omit(others, "a number"),
      undefined: undefined,
      "a text": "900",
      zero: 0,
      "a negative number": -1,
      "the least of all numbers": Number.MIN_VALUE,
      infinity: Infinity,
      "the greatest of all numbers": Number.MAX_VALUE,
    },
    message: /^Cannot sign: lifetimeSeconds /,
  },
  "sign takes a typ that is a text": {
    call: (value) => (sign as Loose)({}, key, { typ: value }),
    values: { ...noText, "an empty text": "", half: "\ud800" },
    message: /^Cannot sign: typ /,
  },
  "verify takes a key": {
    call: (value) => (verify as Loose)(token, value),
    values: noKey,
    message: /^Cannot use this key: /,
  },
  "verify looks at the key before it looks at the token": {
    call: (value) => (verify as Loose)("a.b.c", value),
    values: noKey,
    message: /^Cannot use this key: /,
  },
  "verify takes a policy": {
    call: (value) => (verify as Loose)(token, key, value),
    values: others,
    message: /^Cannot /,
  },
};

for (const [name, { call, values, message }] of Object.entries(atOnce)) {
  test(`misuse: ${name}`, () => {
    for (const [what, value] of Object.entries(values)) {
      assert.throws(() => call(value), isMisuse(message), what);
    }
  });
}

for (const [name, { call, values, message }] of Object.entries(byPromise)) {
  test(`misuse: ${name}, and a promise says so`, async () => {
    for (const [what, value] of Object.entries(values)) {
      const promise = call(value);
      assert.ok(promise instanceof Promise, what);
      await assert.rejects(promise, isMisuse(message), what);
    }
  });
}

test("misuse: an option that there is not is refused by each function that takes options", async () => {
  for (const name of ["alg", "exp", "Kid", "toString", "__proto__", ""]) {
    const options = Object.fromEntries([[name, "x"]]);
    const symbol = { [Symbol.iterator]: "x" };
    for (const given of [options, symbol]) {
      const calls: (() => unknown)[] = [
        () => (sign as Loose)({}, key, given),
        () => (importKey as Loose)(secret, given),
        () => (generateKey as Loose)(given),
        () => (verify as Loose)(token, key, given),
        async () => await (rememberVerified as Loose)(key, given),
        async () => await (rememberVerified as Loose)(key, {}, given),
      ];
      for (const call of calls) {
        await assert.rejects(async () => await call(), isMisuse(/^Cannot /));
      }
    }
  }
});

test("a token that is no text is refused as a token, and by no other error", async () => {
  for (const [what, value] of Object.entries(noText)) {
    const verifier = rememberVerified(key);
    const calls: Loose[] = [
      (value) => (verify as Loose)(value, key),
      async (value) => await (verifier as Loose)(value),
      async (value) => await (decodeUnverified as Loose)(value),
      async (value) => await (decodeUnsecured as Loose)(value),
    ];
    for (const call of calls) {
      await assert.rejects(
        async () => await call(value),
        (error) => error instanceof JwtError && error.code === "malformed",
        what,
      );
    }
  }
});

test("an error that the caller's own object throws is the caller's, and comes as a promise", async () => {
  const calls = [
    () => (sign as Loose)(throwing, key),
    () => (sign as Loose)({}, key, throwing),
    () => (verify as Loose)(token, key, throwing),
    () => (importKey as Loose)(secret, throwing),
  ];
  for (const call of calls) {
    const promise = call();
    assert.ok(promise instanceof Promise);
    await assert.rejects(promise, { message: "of the caller" });
  }
});

test("bytes of any kind that are a Uint8Array are taken, whatever memory is under them", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(32));
  const middle = new Uint8Array(new ArrayBuffer(64), 16, 32);
  for (const bytes of [Buffer.alloc(32), shared, middle, new Uint8Array(32)]) {
    const other = await (importKey as Loose)(bytes) as HmacKey;
    assert.equal(
      await sign({ sub: "1" }, other),
      await sign({ sub: "1" }, await importKey(new Uint8Array(32))),
    );
    assert.equal(encodeBase64url(bytes), "A".repeat(43));
  }
});

test("a name of a key that is empty or half a text is told as its kid", async () => {
  for (const kid of ["", "\ud800"]) {
    for (const given of [kid, { kid }]) {
      const message =
        "Cannot import a key: kid must be a text that is not empty.";
      await assert.rejects(importKey(secret, given), { message });
      await assert.rejects(generateKey(given), { message });
    }
  }
});

test("bytes into which a text does not fit are refused, and those into which it does are used", () => {
  for (let length = 0; length < 12; length++) {
    const bytes = new Uint8Array(length).fill(9);
    const text = encodeBase64url(bytes);
    for (let room = 0; room < 16; room++) {
      const target = new Uint8Array(room);
      if (room < length) {
        assert.throws(() => decodeBase64url(text, target), {
          name: "RangeError",
          message: "Cannot decode: the Uint8Array is too short.",
        });
        assert.deepEqual(target, new Uint8Array(room));
      } else {
        const decoded = decodeBase64url(text, target);
        assert.deepEqual(decoded, bytes);
        assert.equal(decoded.buffer, target.buffer);
      }
    }
  }
});

test("a ring has all the keys of the rings that are put into it, and their first one signs", async () => {
  const keys = await Promise.all(
    ["a", "b", "c"].map((kid) =>
      importKey(crypto.getRandomValues(new Uint8Array(32)), kid)
    ),
  );
  const [a, b, c] = keys as [HmacKey, HmacKey, HmacKey];
  const rings = [
    keyRing([keyRing([a, b]), c]),
    keyRing([a, keyRing([b, c])]),
    keyRing([keyRing([keyRing([a]), keyRing([b])]), c]),
  ];
  for (const ring of rings) {
    for (const one of keys) {
      const claims = await verify(await sign({ sub: "1" }, one), ring);
      assert.deepEqual(claims, { sub: "1" });
    }
    await verify(await sign({}, ring), a);
  }
  for (const twice of [[a, keyRing([b, a])], [keyRing([a]), keyRing([a])]]) {
    assert.throws(() => keyRing(twice), isMisuse(/^Cannot make a key ring: /));
  }
});

function isMisuse(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(
      error instanceof TypeError || error instanceof RangeError,
      String(error),
    );
    assert.match(error.message, message);
    return true;
  };
}

function omit(
  values: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const { [name]: _omitted, ...rest } = values;
  return rest;
}
