/**
 * WebCrypto behind something that reads its arguments later than the call: a
 * tracer, a polyfill, a mock. The bytes that one token's call was given are
 * that token's for as long as it takes.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generateKey,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import { forge, outcome, withSignature } from "../../support/forge.ts";

type Wait = () => Promise<unknown>;

/** How late a wrapper reads: after a microtask, several, a timer, its call. */
const waits: Readonly<Record<string, Wait>> = {
  "a microtask": () => Promise.resolve(),
  "ten microtasks": async () => {
    for (let turn = 0; turn < 10; turn++) await null;
  },
  "a timer": () => new Promise((resolve) => setTimeout(resolve, 1)),
  "a random timer": () => {
    return new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
  },
};

/** Runs a test with both calls of WebCrypto reading their arguments late. */
async function readingLate(
  wait: Wait,
  run: () => Promise<void>,
): Promise<void> {
  const { subtle } = crypto;
  const realSign = subtle.sign.bind(subtle);
  const realVerify = subtle.verify.bind(subtle);
  const lateSign: typeof subtle.sign = async (...given) => {
    await wait();
    return await realSign(...given);
  };
  const lateVerify: typeof subtle.verify = async (...given) => {
    await wait();
    return await realVerify(...given);
  };
  Object.assign(subtle, { sign: lateSign, verify: lateVerify });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(subtle, "sign");
    Reflect.deleteProperty(subtle, "verify");
  }
}

test("what reads the arguments of WebCrypto late still reads this token's", async () => {
  const key = await generateKey();
  const good = await sign({ sub: "mallory", admin: false }, key);
  const forged = withSignature(
    forge('{"sub":"root___","admin":true }'),
    "A".repeat(43),
  );
  assert.equal(forged.length, good.length);
  for (const [late, wait] of Object.entries(waits)) {
    await readingLate(wait, async () => {
      const verdicts = await Promise.all([
        outcome(() => verify(forged, key)),
        outcome(() => verify(good, key)),
        outcome(() => rememberVerified(key)(forged)),
        outcome(() => rememberVerified(key)(good)),
      ]);
      const expected = ["signature", "accepted", "signature", "accepted"];
      assert.deepEqual(verdicts, expected, late);
    });
  }
});

test("of many tokens in flight, a WebCrypto that reads late signs and checks each by itself", async () => {
  const key = await generateKey();
  for (const [late, wait] of Object.entries(waits)) {
    await readingLate(wait, async () => {
      // More than are kept memory for, and memory that was used before.
      for (let round = 0; round < 3; round++) {
        const claims = Array.from({ length: 100 }, (_, index) => ({
          jti: `${round}-${index}`.padStart(7),
        }));
        const tokens = await Promise.all(
          claims.map((each) => sign(each, key)),
        );
        const verified = await Promise.all(
          tokens.map((token) => verify(token, key)),
        );
        assert.deepEqual(verified, claims, late);
      }
    });
  }
});

test("a WebCrypto that fails gives its memory back and spoils no later call", async () => {
  const key = await generateKey();
  const token = await sign({ sub: "1" }, key);
  const { subtle } = crypto;
  const refuse = () => Promise.reject(new Error("no WebCrypto today"));
  for (const thrown of [refuse, () => assert.fail("no WebCrypto today")]) {
    Object.assign(subtle, { sign: thrown, verify: thrown });
    try {
      const calls = Array.from({ length: 200 }, () => verify(token, key));
      for (const { status } of await Promise.allSettled(calls)) {
        assert.equal(status, "rejected");
      }
      await assert.rejects(sign({}, key), /no WebCrypto today/);
    } finally {
      Reflect.deleteProperty(subtle, "sign");
      Reflect.deleteProperty(subtle, "verify");
    }
  }
  assert.deepEqual(await verify(token, key), { sub: "1" });
});
