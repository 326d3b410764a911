/**
 * The order of the checks: a token that is wrong in two ways is refused for the
 * one that comes first. What comes before the MAC is of the header and the key;
 * nothing of the payload is looked at before that.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  importKey,
  JwtError,
  type JwtErrorCode,
  keyRing,
  type Policy,
  rememberVerified,
  verify,
} from "../../../src/jwt/jwt.ts";
import { forge, otherSecret, secret } from "../../spec/vectors/forge.ts";

/** A token in the making, and what it is held against. */
interface Draft {
  readonly header: Record<string, unknown>;
  readonly claims: Record<string, unknown>;
  headerText: string | null;
  payloadText: string | null;
  secret: Uint8Array;
  behind: string;
  readonly policy: { -readonly [Name in keyof Policy]: Policy[Name] };
}

type Fault = (draft: Draft) => void;

/** Each way to be wrong, in the order in which they are looked at. */
const faults: readonly (readonly [JwtErrorCode, string, Fault])[] = [
  ["too_long", "", ({ policy }) => policy.maxLength = 20],
  ["encrypted", "", (draft) => draft.behind = ".x.y"],
  ["malformed", "", (draft) => draft.headerText = "{"],
  ["algorithm", "", ({ header }) => header["alg"] = "HS512"],
  ["critical", "", ({ header }) => header["crit"] = ["exp"]],
  ["unknown_key", "", ({ header }) => header["kid"] = "other"],
  ["signature", "", (draft) => draft.secret = otherSecret],
  ["nested", "", ({ header }) => header["cty"] = "JWT"],
  ["typ", "", ({ policy }) => policy.typ = "at+jwt"],
  ["claims_set", "", (draft) => draft.payloadText = "[]"],
  ["claim_type", "sub", ({ claims }) => claims["sub"] = 1],
  ["missing_claim", "role", ({ policy }) => policy.requiredClaims = ["role"]],
  ["issuer", "iss", ({ claims }) => claims["iss"] = "another"],
  ["audience", "aud", ({ claims }) => claims["aud"] = "another"],
  ["expired", "exp", ({ claims }) => claims["exp"] = 1],
  ["not_yet_valid", "nbf", ({ claims }) => claims["nbf"] = 1e12],
  ["too_old", "iat", ({ claims, policy }) => {
    claims["iat"] = 1;
    policy.maxAgeSeconds = 10;
  }],
];

const key = keyRing([
  await importKey(secret, { kid: "a", issuer: "an issuer" }),
  await importKey(otherSecret, "b"),
]);

function makeDraft(): Draft {
  return {
    header: { alg: "HS256", kid: "a" },
    claims: { iss: "an issuer" },
    headerText: null,
    payloadText: null,
    secret,
    behind: "",
    policy: { clock: () => 1_000_000 },
  };
}

function tokenOf(draft: Draft): string {
  const token = forge(
    draft.payloadText ?? JSON.stringify(draft.claims),
    draft.headerText ?? JSON.stringify(draft.header),
    draft.secret,
  );
  return token + draft.behind;
}

test("without a fault the token of these tests is accepted", async () => {
  const draft = makeDraft();
  assert.deepEqual(await verify(tokenOf(draft), key, draft.policy), {
    iss: "an issuer",
  });
});

test("of two faults of a token, the one that is looked at first is told", async () => {
  for (const [index, [code, claim, makeWrong]] of faults.entries()) {
    for (const [, , makeWrongToo] of faults.slice(index)) {
      const draft = makeDraft();
      makeWrongToo(draft);
      makeWrong(draft);
      const token = tokenOf(draft);
      const isFirst = (error: unknown) => {
        assert.ok(error instanceof JwtError, String(error));
        assert.equal(error.code, code);
        assert.equal(error.claim ?? "", claim, code);
        return true;
      };
      await assert.rejects(verify(token, key, draft.policy), isFirst);
      const verifier = rememberVerified(key, draft.policy);
      for (let time = 0; time < 2; time++) {
        await assert.rejects(async () => await verifier(token), isFirst);
      }
    }
  }
});

test("a kid that is no text and an alg that is another are told before the key is looked for", async () => {
  const headers: readonly (readonly [string, JwtErrorCode])[] = [
    ['{"alg":"none","kid":"other"}', "algorithm"],
    ['{"kid":"other","crit":[],"alg":"HS256"}', "critical"],
    ['{"kid":1,"alg":"HS256"}', "malformed"],
    ['{"alg":"HS256","kid":"other"}', "unknown_key"],
    ['{"alg":"HS256"}', "unknown_key"],
  ];
  for (const [header, code] of headers) {
    await assert.rejects(verify(forge("[]", header, otherSecret), key), {
      code,
    });
  }
});
