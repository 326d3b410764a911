/**
 * RFC 8725 section 2.1: a token that says it needs no signature. Every spelling
 * is refused, with and without a MAC that would hold.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { importKey, rememberVerified } from "../../../src/jwt/jwt.ts";
import {
  encoded,
  forge,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

const spellings = [
  ..."none None NONE nOnE n\\u006fne HS256,none".split(" "),
  " none",
  "none ",
  "",
];

test("attack alg none: every spelling is refused with an empty signature and with a true MAC", async () => {
  const payload = '{"sub":"admin"}';
  const verifier = rememberVerified(await importKey(secret));
  for (
    const alg of [
      ...spellings.map((text) => `"${text}"`),
      "null",
      "[]",
      '["none","HS256"]',
    ]
  ) {
    const header = `{"alg":${alg},"typ":"JWT"}`;
    for (
      const token of [
        `${encoded(header)}.${encoded(payload)}.`,
        forge(payload, header),
      ]
    ) {
      assert.equal(await verdict(token), "algorithm", header);
      assert.equal(await outcome(() => verifier(token)), "algorithm", header);
    }
  }
});

test("attack alg none: a good token whose signature was cut off is refused", async () => {
  const token = forge('{"sub":"admin"}');
  const cut = token.slice(0, token.lastIndexOf("."));
  assert.equal(await verdict(cut), "malformed");
  assert.equal(await verdict(`${cut}.`), "signature");
});
