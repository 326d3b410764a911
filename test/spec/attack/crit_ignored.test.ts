/**
 * CVE-2025-59420, CVE-2026-32597: an extension that the token says must be
 * understood, and that the verifier passes over. None is understood here, so
 * each `crit` refuses.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../../support/forge.ts";

test("attack crit ignored: a token that demands an extension is refused, by any name", async () => {
  const demands = [
    '["bork"],"bork":"x"',
    '["b64"],"b64":false',
    '["exp"],"exp":9e9',
    '["cnf"]',
  ];
  for (
    const crit of [
      ...demands,
      "[]",
      "null",
      '["__proto__"]',
      "0",
      '"bork"',
      '["alg","kid"]',
    ]
  ) {
    const header = `{"alg":"HS256","crit":${crit}}`;
    assert.equal(await verdict(forge("{}", header)), "critical", header);
  }
});

test("attack crit ignored: a crit among the claims, or in other letters, demands nothing", async () => {
  assert.equal(await verdict(forge('{"crit":["x"]}')), "accepted");
  assert.equal(
    await verdict(forge("{}", '{"alg":"HS256","Crit":["x"]}')),
    "accepted",
  );
});
