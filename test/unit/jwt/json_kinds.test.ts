/**
 * What is signed is what was meant: each kind of value that JSON changes or
 * loses is refused, at any depth, in a registered claim or another; and what it
 * keeps comes back from `verify` as it was.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Claims,
  encodeUnsecured,
  importKey,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";

const key = await importKey(new Uint8Array(32).fill(7));

class Point {
  x = 1;
}

function withSymbol(target: object): object {
  return Object.defineProperty(target, Symbol("x"), {
    value: 1,
    enumerable: true,
  });
}

function hidden(target: object): object {
  return Object.defineProperty(target, "x", { value: 1, enumerable: false });
}

function circle(): object {
  const inner: Record<string, unknown> = {};
  inner["self"] = { inner };
  return inner;
}

function circularList(): unknown[] {
  const list: unknown[] = [];
  list.push([list]);
  return list;
}

/** A new value each time, so that no test changes another's. */
const changed: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  "a function": () => () => {},
  "a symbol": () => Symbol("x"),
  "a bigint": () => 1n,
  NaN: () => NaN,
  infinity: () => Infinity,
  "minus infinity": () => -Infinity,
  "minus zero": () => -0,
  "half a surrogate pair": () => "\ud800",
  "the other half": () => "a\udc00b",
  "two halves in the wrong order": () => "\udc00\ud800",
  "a date": () => new Date(0),
  "a map": () => new Map([["a", 1]]),
  "a set": () => new Set([1]),
  "a regular expression": () => /x/,
  "an error": () => new Error("x"),
  "a promise": () => Promise.resolve(1),
  "bytes": () => new Uint8Array(2),
  "an ArrayBuffer": () => new ArrayBuffer(2),
  "a boxed number": () => Object(1),
  "a boxed text": () => Object("x"),
  "a boxed bigint": () => Object(1n),
  "a class's object": () => new Point(),
  "an object with a prototype of its own": () => Object.create({ x: 1 }),
  "a list of a class of its own that has toJSON": () =>
    Object.assign([1], { toJSON: () => [2] }),
  "an object with toJSON": () => ({ toJSON: () => 1 }),
  "an object with a symbol for a name": () => withSymbol({}),
  "an object with a hidden member": () => hidden({}),
  "an object whose member's name is half a surrogate pair": () => ({
    "\ud800": 1,
  }),
  "a list with a hole": () => [1, , 2],
  "a list with holes at its end": () => new Array(3),
  "a list with a member that is no element": () => Object.assign([1], { x: 1 }),
  "a list with a symbol for a name": () => withSymbol([1]),
  "a list with a hidden member": () => hidden([1]),
  "a getter that gives undefined": () => ({
    get x() {
      return undefined;
    },
  }),
  "an object within itself": circle,
  "a list within itself": circularList,
};

/** Where a value stands. */
const places: Readonly<Record<string, (value: unknown) => Claims>> = {
  "in a claim": (value) => ({ a: value }),
  "in a list": (value) => ({ a: [1, value] }),
  "in an object": (value) => ({ a: { b: value, c: 1 } }),
  "five levels below": (value) => ({ a: [{ b: [[{ c: value }]] }] }),
  "in the claim aud's list": (value) =>
    ({ aud: ["x", value] }) as unknown as Claims,
  "in the claim jti": (value) => ({ jti: value }) as unknown as Claims,
  "in the claim exp": (value) => ({ exp: value }) as unknown as Claims,
};

for (const [place, put] of Object.entries(places)) {
  test(`what JSON changes or loses is not signed ${place}`, async () => {
    for (const [kind, make] of Object.entries(changed)) {
      const isRefused = (error: unknown) => {
        assert.ok(
          error instanceof TypeError || error instanceof RangeError,
          kind,
        );
        assert.match(error.message, /^Cannot sign: /, kind);
        return true;
      };
      await assert.rejects(sign(put(make()), key), isRefused, kind);
      assert.throws(() => encodeUnsecured(put(make())), isRefused, kind);
    }
  });
}

test("what JSON keeps is signed at any depth, and comes back as it was", async () => {
  const shared = { x: [1] };
  const kept: Readonly<Record<string, unknown>> = {
    "an empty text": "",
    "a pair of surrogates": "\ud83d\ude00",
    U0000: "\0\u2028\ufeff\ufffd",
    zero: 0,
    "a fraction": 0.1,
    "the least of all numbers": Number.MIN_VALUE,
    "the greatest of all numbers": Number.MAX_VALUE,
    "a number beyond the safe ones": Number.MAX_SAFE_INTEGER + 1,
    true: true,
    false: false,
    null: null,
    "an empty list": [],
    "an empty object": {},
    "an object without a prototype": Object.assign(Object.create(null), {
      x: 1,
    }),
    "a frozen list": Object.freeze([1]),
    "an object that is there twice": [shared, shared],
    "a member called __proto__": JSON.parse('{"__proto__":{"x":1}}'),
    "a member called toJSON that is no function": { toJSON: 1 },
    "a getter": {
      get x() {
        return 1;
      },
    },
  };
  for (const [kind, value] of Object.entries(kept)) {
    const claims = [
      { a: value },
      { a: [1, value] },
      { a: { b: value } },
      { a: [{ b: [[{ c: value }]] }] },
    ];
    for (const given of claims) {
      const back = await verify(await sign(given, key), key);
      assert.equal(JSON.stringify(back), JSON.stringify(given), kind);
    }
  }
});

test("a getter is asked once, so that what was checked is what is signed", async () => {
  for (const make of [(inner: object) => inner, (inner: object) => [inner]]) {
    let asked = 0;
    const claims = {
      a: make({
        get x() {
          return asked++ === 0 ? 1 : NaN;
        },
      }),
    };
    const back = await verify(await sign(claims, key), key);
    assert.deepEqual(back, { a: make({ x: 1 }) });
    assert.equal(asked, 1);
  }
});

test("a toJSON that somebody has put on all objects or lists lets nothing be signed", async () => {
  for (const prototype of [Object.prototype, Array.prototype]) {
    Object.defineProperty(prototype, "toJSON", {
      value: () => ({ sub: "another" }),
      configurable: true,
    });
    try {
      for (const claims of [{ sub: "1", a: [1] }, { sub: "1" }]) {
        // An object is no list: what stands on those does not concern it.
        if (prototype === Array.prototype && !("a" in claims)) continue;
        await assert.rejects(sign(claims, key), {
          name: "TypeError",
          message: /^Cannot sign: /,
        });
      }
    } finally {
      Reflect.deleteProperty(prototype, "toJSON");
    }
  }
});

test("3,072 objects and lists are looked at, and one more is too many", async () => {
  // A token has no room for as many; what is asked is which error comes.
  const lists = (count: number) => ({
    a: Array.from({ length: count }, () => []),
  });
  await assert.rejects(sign(lists(3070), key), {
    name: "RangeError",
    message: /^Cannot sign: /,
  });
  assert.throws(() => encodeUnsecured(lists(3071)), RangeError);
  const deep = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return value;
  };
  const nested = { a: deep(3000) };
  assert.deepEqual(
    JSON.stringify(await verify(await sign(nested, key), key)),
    JSON.stringify(nested),
  );
  await assert.rejects(sign({ a: deep(100_000) }, key), RangeError);
});
