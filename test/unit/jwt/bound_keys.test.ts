/**
 * A key that is bound to its issuer (RFC 8725 §3.8) verifies nobody else's
 * tokens, by itself, in a ring, in a ring of rings and from memory, whatever
 * issuers the policy names; and the key of one issuer signs for no other.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  generateKey,
  type HmacKey,
  importKey,
  keyRing,
  type Policy,
  rememberVerified,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import { forge } from "../../spec/vectors/forge.ts";

const secrets = {
  a: crypto.getRandomValues(new Uint8Array(32)),
  b: crypto.getRandomValues(new Uint8Array(32)),
};
const keyOfA = await importKey(secrets.a, { kid: "a", issuer: "A" });
const keyOfB = await importKey(secrets.b, { kid: "b", issuer: "B" });

/** All that can be done with the keys of two issuers. */
const rings: Readonly<Record<string, HmacKey>> = {
  "a ring": keyRing([keyOfA, keyOfB]),
  "a ring in another order": keyRing([keyOfB, keyOfA]),
  "a ring of rings": keyRing([keyRing([keyOfA]), keyRing([keyOfB])]),
};

const policies: Readonly<Record<string, Policy>> = {
  "that names none": {},
  "that names both": { issuer: ["A", "B"] },
};

/** A token as whoever holds a secret can make one. */
function made(payload: string, kid: "a" | "b"): string {
  return forge(payload, `{"alg":"HS256","kid":"${kid}"}`, secrets[kid]);
}

for (const [ringName, ring] of Object.entries(rings)) {
  for (const [policyName, policy] of Object.entries(policies)) {
    test(`in ${ringName}, no issuer signs for the other under a policy ${policyName}`, async () => {
      const verifier = rememberVerified(ring, policy);
      const verifiers = [
        (token: string) => verify(token, ring, policy),
        async (token: string) => await verifier(token),
        // The second time it is remembered that the MAC holds.
        async (token: string) => await verifier(token),
      ];
      const rows: readonly (readonly [string, string | null])[] = [
        ['{"iss":"A"}', "a"],
        ['{"iss":"B"}', "b"],
        ['{"iss":"\\u0041"}', "a"],
      ];
      for (const kid of ["a", "b"] as const) {
        for (const [payload, owner] of rows) {
          for (const verifyOne of verifiers) {
            const verified = verifyOne(made(payload, kid));
            if (owner === kid) {
              assert.equal((await verified).iss, kid.toUpperCase());
            } else {
              await assert.rejects(verified, { code: "issuer", claim: "iss" });
            }
          }
        }
        for (const payload of ["{}", '{"__proto__":{"iss":"A"}}']) {
          for (const verifyOne of verifiers) {
            await assert.rejects(verifyOne(made(payload, kid)), {
              code: "missing_claim",
              claim: "iss",
            });
          }
        }
        for (const payload of ['{"iss":["A","B"]}', '{"iss":1}']) {
          for (const verifyOne of verifiers) {
            await assert.rejects(verifyOne(made(payload, kid)), {
              code: "claim_type",
              claim: "iss",
            });
          }
        }
        for (const iss of ["a", "A ", "", "AB", "C"]) {
          for (const verifyOne of verifiers) {
            const token = made(JSON.stringify({ iss }), kid);
            await assert.rejects(verifyOne(token), { code: "issuer" });
          }
        }
      }
    });
  }
}

test("a policy that names one issuer refuses the other's tokens, whosever key it is", async () => {
  const ring = keyRing([keyOfA, keyOfB]);
  const policy = { issuer: "A" };
  assert.equal((await verify(made('{"iss":"A"}', "a"), ring, policy)).iss, "A");
  for (
    const [payload, kid] of [['{"iss":"B"}', "b"], [
      '{"iss":"A"}',
      "b",
    ]] as const
  ) {
    await assert.rejects(verify(made(payload, kid), ring, policy), {
      code: "issuer",
    });
  }
});

test("a key of one issuer without a name is bound as well", async () => {
  for (
    const key of [
      await importKey(secrets.a, { issuer: "A" }),
      await importKey(secrets.a, { kid: null, issuer: "A" }),
    ]
  ) {
    const ring = keyRing([key, keyOfB]);
    for (const one of [key, ring]) {
      const header = '{"alg":"HS256"}';
      const good = forge('{"iss":"A"}', header, secrets.a);
      assert.equal((await verify(good, one)).iss, "A");
      await assert.rejects(
        verify(forge('{"iss":"B"}', header, secrets.a), one),
        { code: "issuer" },
      );
    }
  }
});

test("a key that is bound to nobody verifies as before, beside one that is", async () => {
  const free = await importKey(secrets.b, "b");
  const ring = keyRing([keyOfA, free]);
  for (const payload of ["{}", '{"iss":"A"}', '{"iss":"C"}']) {
    await verify(made(payload, "b"), ring);
  }
});

test("a generated key is bound to the issuer that it was given", async () => {
  const key = await generateKey({ issuer: "A" });
  assert.equal((await verify(await sign({ iss: "A" }, key), key)).iss, "A");
  await assert.rejects(verify(await sign({ iss: "B" }, key), key), {
    code: "issuer",
  });
});
