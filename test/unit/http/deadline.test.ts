/**
 * Waiting no longer than a deadline.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSettledWithin } from "../../../src/http/http.ts";
import { pause } from "../../support/wait.ts";

test("what is settled in time is told from what is not", async () => {
  const never = new Promise(() => {});
  const table: readonly (readonly [number, Promise<unknown>, boolean])[] = [
    [1, Promise.resolve(), true],
    [1, Promise.resolve(false), true],
    [1, pause(20), true],
    [0, Promise.resolve(), true],
    [0.02, pause(500), false],
    [0.02, never, false],
    [0, never, false],
  ];
  for (const [seconds, promise, isInTime] of table) {
    assert.equal(await isSettledWithin(seconds, promise), isInTime);
  }
});

test("the wait ends with the promise, and at the latest with the deadline", async () => {
  const table: readonly (readonly [number, number, number])[] = [
    [5, 20, 15],
    [0.1, 5000, 90],
  ];
  for (const [seconds, milliseconds, least] of table) {
    const start = performance.now();
    await isSettledWithin(seconds, pause(milliseconds));
    const waited = performance.now() - start;
    assert.ok(waited >= least && waited < 1500, String(waited));
  }
});

test("a wait that ends early leaves no timer behind, which would hold up the exit", async () => {
  const { clearTimeout } = globalThis;
  let cleared = 0;
  Reflect.set(globalThis, "clearTimeout", (timer: number) => {
    cleared++;
    clearTimeout(timer);
  });
  try {
    await isSettledWithin(60, Promise.resolve());
    await isSettledWithin(60, Promise.reject(new Error("fault"))).catch(
      () => {},
    );
  } finally {
    Reflect.set(globalThis, "clearTimeout", clearTimeout);
  }
  assert.equal(cleared, 2);
});

test("a promise that fails in time is thrown on", async () => {
  const fault = new Error("fault");
  await assert.rejects(isSettledWithin(1, Promise.reject(fault)), fault);
});
