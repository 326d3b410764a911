/**
 * CVE-2025-30144: an `iss` that is an array with the right issuer in it and the
 * attacker's beside it. `iss` is one string, and the whole string is compared.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../../support/forge.ts";

const good = "https://issuer.example";

test("attack issuer as array: an iss that is no string is refused, with and without a policy", async () => {
  const values = [
    [good],
    ["https://attacker.example", good],
    { 0: good, length: 1 },
    [[good]],
    [],
  ];
  for (const iss of values) {
    const token = forge(JSON.stringify({ iss }));
    assert.equal(await verdict(token, { issuer: good }), "claim_type");
    assert.equal(await verdict(token, { issuer: [good] }), "claim_type");
    assert.equal(await verdict(token), "claim_type");
  }
});

test("attack issuer as array: an iss that begins, ends or resembles the issuer is another one", async () => {
  const others = [
    `${good}/`,
    `${good}.attacker.example`,
    `${good}@attacker.example`,
    "https://issuer",
  ];
  for (
    const iss of [
      ...others,
      "HTTPS://issuer.example",
      "issuer.example",
      `${good}#`,
    ]
  ) {
    assert.equal(
      await verdict(forge(JSON.stringify({ iss })), { issuer: good }),
      "issuer",
      iss,
    );
  }
  assert.equal(
    await verdict(forge(JSON.stringify({ iss: good })), { issuer: good }),
    "accepted",
  );
});
