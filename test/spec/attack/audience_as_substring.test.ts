/**
 * CVE-2024-53861: an issuer, or here an audience, compared by containment, so
 * that a part of the name, or a name around it, passes. Whole strings are
 * compared here.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { forge, verdict } from "../../support/forge.ts";

const audience = "api.example";

test("attack audience as substring: a part of the name, or a name around it, is another audience", async () => {
  const others = [
    "",
    "a",
    "api",
    ".example",
    "api.exampl",
    "api.example.attacker",
    "xapi.example",
  ];
  for (
    const aud of [
      ...others,
      "API.example",
      " api.example",
      "api.example,x",
      "*",
      ".*",
    ]
  ) {
    for (const value of [aud, [aud], [...aud]]) {
      const token = forge(JSON.stringify({ aud: value }));
      assert.equal(await verdict(token, { audience }), "audience", aud);
      assert.equal(
        await verdict(token, { audience: [audience, "x.example"] }),
        "audience",
        aud,
      );
    }
  }
});

test("attack audience as substring: an aud of numbers, objects or arrays within is refused", async () => {
  for (
    const aud of [
      "1",
      "[1]",
      "{}",
      '{"0":"1"}',
      '[["1"]]',
      "[null]",
      "true",
      '["1",1]',
    ]
  ) {
    assert.equal(
      await verdict(forge(`{"aud":${aud}}`), { audience: "1" }),
      "claim_type",
      aud,
    );
  }
  assert.equal(
    await verdict(forge('{"aud":["1"]}'), { audience: "1" }),
    "accepted",
  );
});

test("attack audience as substring: an issuer is no part of the issuer either", async () => {
  for (const iss of ["", "acm", "e", "acme2", "Acme"]) {
    assert.equal(
      await verdict(forge(JSON.stringify({ iss })), { issuer: "acme" }),
      "issuer",
      iss,
    );
  }
});
