/**
 * What comes from another realm is what it is: bytes, claims, options and
 * policies of `node:vm`, as in Jest's tests, and copies such as a worker's
 * message.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import {
  encodeBase64url,
  encodeUnsecured,
  importKey,
  keyRing,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";

/** What an expression gives in a realm of its own. */
function elsewhere<T>(expression: string): T {
  return runInNewContext(expression) as T;
}

const secret = elsewhere<Uint8Array<ArrayBuffer>>("new Uint8Array(32).fill(7)");
const key = await importKey(new Uint8Array(32).fill(7), "a");

test("the values of these tests are of another realm", () => {
  assert.equal(secret instanceof Uint8Array, false);
  assert.equal(elsewhere<object>("({})") instanceof Object, false);
  assert.equal(elsewhere<object>("[]") instanceof Array, false);
});

test("bytes of another realm are a secret, and can be encoded", async () => {
  const same = await importKey(secret, elsewhere("({ kid: 'a' })"));
  const token = await sign({ sub: "1" }, same);
  assert.equal(token, await sign({ sub: "1" }, key));
  assert.equal(
    encodeBase64url(secret),
    encodeBase64url(new Uint8Array(32).fill(7)),
  );
});

test("claims of another realm are signed as those of this one, at any depth", async () => {
  const text = '{"sub":"1","a":{"b":[{"c":[1,null,true]}]}}';
  for (
    const claims of [
      elsewhere<object>(`(${text})`),
      elsewhere<object>(`Object.assign(Object.create(null), ${text})`),
      elsewhere<object>(`JSON.parse(${JSON.stringify(text)})`),
      structuredClone(JSON.parse(text)),
      { sub: "1", a: elsewhere<object>('({"b":[{"c":[1,null,true]}]})') },
    ]
  ) {
    const token = await sign(claims, key);
    assert.equal(token, await sign(JSON.parse(text), key));
    assert.deepEqual(await verify(token, key), JSON.parse(text));
    assert.equal(encodeUnsecured(claims), encodeUnsecured(JSON.parse(text)));
  }
});

test("policies, options and lists of another realm are read as those of this one", async () => {
  const token = await sign(
    { iss: "b", aud: "c" },
    key,
    elsewhere("({ lifetimeSeconds: 60, typ: 'at+jwt' })"),
  );
  const policy = elsewhere<object>(
    "({ issuer: ['a', 'b'], audience: 'c', requiredClaims: ['exp'], typ: 'at+jwt' })",
  );
  const list = elsewhere<<T>(key: T) => T[]>("(key) => [key]");
  const ring = keyRing(list(key));
  const options = elsewhere<object>("({ maxCharacters: 1000 })");
  const verifier = rememberVerified(ring, policy, options);
  assert.equal((await verifier(token)).iss, "b");
  assert.equal((await verifier(token)).iss, "b");
  await assert.rejects(
    verify(token, ring, elsewhere("({ issuer: ['a'], audience: 'c' })")),
    { code: "issuer" },
  );
});

test("what is no plain object and no bytes in its realm is none here", async () => {
  const objects = [
    "new (class Point { x = 1 })()",
    "new Map()",
    "new Date(0)",
    "Object.create({ sub: '1' })",
    "Object.create(Object.prototype.constructor)",
    "(Object.prototype.sub = '1', {})",
    "(() => {})",
    "Object('x')",
    "Object.create(Object.create(null))",
    "Object.create(Object.assign(Object.create(null), { isPrototypeOf: 1 }))",
  ];
  for (const expression of objects) {
    await assert.rejects(
      sign(elsewhere(expression), key),
      TypeError,
      expression,
    );
    await assert.rejects(
      verify("a.b.c", key, elsewhere(expression)),
      TypeError,
      expression,
    );
  }
  const bytes = [
    "new ArrayBuffer(32)",
    "new Uint16Array(32)",
    "new DataView(new ArrayBuffer(32))",
    "Object.create(Uint8Array.prototype)",
    "({ length: 32, [Symbol.toStringTag]: 'Uint8Array' })",
  ];
  for (const expression of bytes) {
    await assert.rejects(
      importKey(elsewhere(expression)),
      TypeError,
      expression,
    );
  }
});

test("what looks like another realm's Object.prototype in one way alone is none", async () => {
  const named = { value: () => false, enumerable: false };
  const withParent = Object.defineProperty({}, "isPrototypeOf", named);
  const callable = Object.defineProperty(() => {}, "isPrototypeOf", named);
  Object.setPrototypeOf(callable, null);
  const bare = Object.create(null);
  const shown = Object.assign(Object.create(null), { x: 1 });
  Object.defineProperty(shown, "isPrototypeOf", named);
  for (const prototype of [withParent, callable, bare, shown]) {
    const claims = Object.assign(Object.create(prototype), { sub: "1" });
    await assert.rejects(sign(claims, key), TypeError);
  }
});

test("a member that somebody has put on this realm's Object.prototype is no claim, and refuses none", async () => {
  Object.defineProperty(Object.prototype, "role", {
    value: "admin",
    enumerable: true,
    configurable: true,
  });
  try {
    const token = await sign({ sub: "1" }, key);
    assert.deepEqual(Object.keys(await verify(token, key)), ["sub"]);
  } finally {
    Reflect.deleteProperty(Object.prototype, "role");
  }
});
