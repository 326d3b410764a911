/**
 * A time that is no finite number: 1e999 parses to Infinity, and comparisons
 * with NaN are all false, so a careless check passes. Each refuses here.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../../support/forge.ts";

test("attack infinite exp: a time beyond all numbers or of another type is refused", async () => {
  const strings = ['"9999999999"', '"Infinity"', '"NaN"', '""'];
  const values = [
    ...strings,
    "1e999",
    "-1e999",
    "9".repeat(400),
    "null",
    "true",
    "[9e9]",
    "{}",
  ];
  for (const name of ["exp", "nbf", "iat"]) {
    for (const value of values) {
      const token = forge(`{"${name}":${value}}`);
      assert.equal(await verdict(token), "claim_type", `${name} ${value}`);
      assert.equal(
        await verdict(token, { leewaySeconds: 300 }),
        "claim_type",
        `${name} ${value}`,
      );
    }
  }
});

test("attack infinite exp: NaN and Infinity are no JSON", async () => {
  for (
    const value of [
      "NaN",
      "Infinity",
      "-Infinity",
      "undefined",
      "0x7fffffff",
      "1_000",
    ]
  ) {
    assert.equal(await verdict(forge(`{"exp":${value}}`)), "claims_set", value);
  }
});

test("attack infinite exp: the greatest finite times are times", async () => {
  assert.equal(await verdict(forge('{"exp":1.7e308}')), "accepted");
  assert.equal(await verdict(forge('{"exp":-1.7e308}')), "expired");
  assert.equal(await verdict(forge('{"nbf":1.7e308}')), "not_yet_valid");
  assert.equal(
    await verdict(forge('{"exp":-0}'), { clock: () => 0 }),
    "expired",
  );
});
