/**
 * CVE-2025-30204 (periods), CVE-2025-53864 (nesting): tokens made to cost time
 * or memory. The length is looked at first, and what is short enough costs
 * little whatever is in it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../../support/forge.ts";

test("attack huge token: a text of 32 MB is refused by its length, before it is split or decoded", async () => {
  const texts = [
    ".".repeat(2 ** 25),
    "A".repeat(2 ** 25),
    `${forge("{}")}${"A".repeat(2 ** 25)}`,
  ];
  const { split } = String.prototype;
  let looks = 0;
  Reflect.set(
    String.prototype,
    "split",
    function (this: string, ...args: unknown[]) {
      looks++;
      return Reflect.apply(split, this, args);
    },
  );
  try {
    assert.equal(await verdict(forge("{}")), "accepted");
    assert.equal(looks, 1); // it is by split that a token is taken apart
    for (const text of texts) assert.equal(await verdict(text), "too_long");
    assert.equal(looks, 1);
  } finally {
    Reflect.set(String.prototype, "split", split);
  }
});

test("attack huge token: a good token that is too long is refused, and as long as allowed is not", async () => {
  assert.equal(
    await verdict(forge(`{"a":"${"x".repeat(10_000)}"}`)),
    "too_long",
  );
  assert.equal(await verdict(forge(`{"a":"${"x".repeat(6000)}"}`)), "accepted");
});

test("attack huge token: no 8,192 characters of dots, brackets or digits hang the verifier", async () => {
  const deep = 3000;
  const payloads = [
    [`{"a":${"[".repeat(deep)}${"]".repeat(deep)}}`, "accepted"],
    [`{"exp":${"9".repeat(6000)}}`, "claim_type"],
    [`{"iss":"a:${"b:".repeat(2900)} "}`, "accepted"],
    [`{"iss":"http://${"a@".repeat(2900)}"}`, "accepted"],
    [`{"iss":"http://${"a.".repeat(2900)}:"}`, "accepted"],
    [`{"aud":[${'"a",'.repeat(1400)}"b"]}`, "audience"],
  ] as const;
  for (const [payload, expected] of payloads) {
    assert.equal(await verdict(forge(payload)), expected, payload.slice(0, 20));
  }
  assert.equal(await verdict(".".repeat(8192)), "malformed");
  // A hang ends in the runner's time-out.
  assert.equal(await verdict("[".repeat(8192)), "malformed");
});
