/**
 * CVE-2018-0114: a token that brings its own key, or says where to fetch it.
 * Such header parameters are never followed: the key is the caller's, and
 * nothing is fetched.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, forge, otherSecret, verdict } from "../../support/forge.ts";

const k = encoded(otherSecret);
const parameters = [
  `"jwk":{"kty":"oct","k":"${k}"}`,
  `"jwk":{"kty":"oct","k":"${k}","alg":"HS256"},"kid":"a"`,
  '"jku":"https://attacker.example/keys.json"',
  '"x5u":"https://attacker.example/chain.pem"',
  `"x5c":["${k}"]`,
];

test("attack embedded jwk: a token signed with the key that it brings is refused", async () => {
  for (const parameter of parameters) {
    const token = forge(
      '{"sub":"admin"}',
      `{"alg":"HS256",${parameter}}`,
      otherSecret,
    );
    assert.equal(await verdict(token), "signature", parameter);
  }
});

test("attack embedded jwk: nothing is fetched for a token that names a place", async () => {
  const { fetch } = globalThis;
  let calls = 0;
  globalThis.fetch = asFetch(() => calls++);
  try {
    for (const parameter of parameters) {
      const token = forge("{}", `{"alg":"HS256",${parameter}}`);
      assert.equal(
        await verdict(token),
        "accepted",
        "by our own key, as if it were not there",
      );
    }
    assert.equal(calls, 0);
  } finally {
    globalThis.fetch = fetch;
  }
});

function asFetch(count: () => void): typeof fetch {
  const refuse: unknown = () => {
    count();
    return Promise.reject(new Error("fetched"));
  };
  return refuse as typeof fetch;
}
