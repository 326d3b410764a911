/**
 * CVE-2025-30204 (periods), CVE-2025-53864 (nesting): tokens made to cost time or memory. The length is
 * looked at first, and what is short enough costs little whatever is in it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../jwt/forge.ts";

test("attack huge token: a text of 32 MB is refused by its length within moments", async () => {
  const texts = [".".repeat(2 ** 25), "A".repeat(2 ** 25), `${forge("{}")}${"A".repeat(2 ** 25)}`];
  const started = performance.now();
  for (const text of texts) {
    for (let round = 0; round < 100; round++) assert.equal(await verdict(text), "too_long");
  }
  assert.ok(performance.now() - started < 2000); // decoding 9.6 GB would take far longer
});

test("attack huge token: a good token that is too long is refused, and as long as allowed is not", async () => {
  assert.equal(await verdict(forge(`{"a":"${"x".repeat(10_000)}"}`)), "too_long");
  assert.equal(await verdict(forge(`{"a":"${"x".repeat(6000)}"}`)), "accepted");
});

test("attack huge token: 8,192 characters of dots, brackets or digits cost little", async () => {
  const deep = 3000;
  const payloads = [
    [`{"a":${"[".repeat(deep)}${"]".repeat(deep)}}`, "accepted"],
    [`{"exp":${"9".repeat(6000)}}`, "claim_type"],
    [`{"iss":"a:${"b:".repeat(2900)} "}`, "claim_type"],
    [`{"iss":"http://${"a@".repeat(2900)}"}`, "claim_type"],
    [`{"iss":"http://${"a.".repeat(2900)}:"}`, "accepted"],
    [`{"aud":[${'"a",'.repeat(1400)}"b"]}`, "audience"],
  ] as const;
  const started = performance.now();
  for (const [payload, expected] of payloads) {
    assert.equal(await verdict(forge(payload)), expected, payload.slice(0, 20));
  }
  assert.equal(await verdict(".".repeat(8192)), "malformed");
  assert.equal(await verdict("[".repeat(8192)), "malformed");
  assert.ok(performance.now() - started < 2000);
});
