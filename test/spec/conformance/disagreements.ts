/**
 * The vectors of Wycheproof's json_web_signature_test.json on which onejot
 * disagrees, each with the reason in words and as a proof: assertions on the
 * vectors themselves, by node:crypto. Where the proof does not hold, as in a
 * later edition, there is no disagreement and the vector counts.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** A token, its key in base64url, and what Wycheproof says of it. */
export interface SignatureVector {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid";
  readonly jws: string;
  readonly secret: string;
}

export interface Disagreement {
  readonly tcIds: readonly number[];
  /** What onejot says of these vectors. */
  readonly result: "valid" | "invalid";
  readonly reason: string;
  /** Throws unless the reason holds. `find` gives the vector of a number. */
  prove(vector: SignatureVector, find: (tcId: number) => SignatureVector): void;
}

export const disagreements: readonly Disagreement[] = [
  {
    tcIds: [367, 370],
    result: "valid",
    reason:
      "The comment speaks of padding, but none is in the token: it is the token of vector 357, " +
      "which is valid under the same key, character by character (C2SP/wycheproof issue 236).",
    prove: (vector, find) => {
      const twin = find(357);
      assert.match(vector.comment, /Padding/);
      assert.ok(!vector.jws.includes("="));
      assert.deepEqual([vector.jws, vector.secret], [twin.jws, twin.secret]);
      assert.deepEqual([vector.result, twin.result], ["invalid", "valid"]);
      assert.ok(isCanonical(vector.jws));
      assert.ok(hasTrueMac(vector));
    },
  },
  {
    tcIds: [372, 373],
    result: "invalid",
    reason:
      "A ? was put into the token of vector 357, which RFC 7515 §2 allows in no part, and the " +
      "MAC is not one over the text as it stands (§5.2 step 8); vectors 361, 362 and 371, with a ? " +
      "elsewhere, are invalid.",
    prove: (vector, find) => {
      const original = find(357);
      assert.equal(vector.result, "valid");
      assert.match(vector.comment, /^InvalidCharacterInserted/);
      assert.equal(vector.jws.split("?").length, 2);
      assert.deepEqual([vector.jws.replace("?", ""), vector.secret], [
        original.jws,
        original.secret,
      ]);
      assert.ok(!isCanonical(vector.jws));
      assert.ok(hasTrueMac(original));
      assert.ok(!hasTrueMac(vector));
      for (const other of [361, 362, 371].map(find)) {
        assert.equal(other.result, "invalid");
        assert.equal(
          withoutMac(other.jws.replace("?", "")),
          withoutMac(original.jws),
        );
        assert.equal(other.jws.split("?").length, 2);
      }
    },
  },
];

/**
 * The disagreement on a vector whose reason is proved by these vectors, or
 * null.
 */
export function disagreementOn(
  vector: SignatureVector,
  vectors: readonly SignatureVector[],
): Disagreement | null {
  const found = disagreements.find(({ tcIds }) => tcIds.includes(vector.tcId));
  if (found === undefined) return null;
  try {
    found.prove(vector, (wanted) => {
      const other = vectors.find(({ tcId }) => tcId === wanted);
      assert.ok(other !== undefined, `there is no vector ${wanted}`);
      return other;
    });
    return found;
  } catch (error) {
    if (error instanceof assert.AssertionError) return null;
    throw error;
  }
}

function isCanonical(jws: string): boolean {
  return jws.split(".").every((part) => {
    return Buffer.from(part, "base64url").toString("base64url") === part;
  });
}

/**
 * Whether the third part is the MAC of the first two as they stand (RFC 7515
 * §5.2 step 8).
 */
function hasTrueMac({ jws, secret }: SignatureVector): boolean {
  const input = withoutMac(jws);
  const mac = createHmac("sha256", Buffer.from(secret, "base64url")).update(
    input,
  );
  return mac.digest("base64url") === jws.slice(input.length + 1);
}

function withoutMac(jws: string): string {
  return jws.slice(0, jws.lastIndexOf("."));
}
