/**
 * `@tsndr/cloudflare-worker-jwt` as the conformance suite and the comparison
 * see it, with the algorithm pinned. It has an option for a leeway, and none
 * for the other members of a policy: they are for the application to check.
 */

import {
  sign as signToken,
  verify as verifyToken,
} from "@tsndr/cloudflare-worker-jwt";
import type {
  CasePolicy,
  Secret,
} from "../../spec/conformance/implementation.ts";
import type { Limits } from "./peer.ts";
import { atTimeOf, optionsOf, secretBytesOf, secretOf } from "./question.ts";

export async function verify(
  token: string,
  secret: Secret | string,
  policy: CasePolicy,
): Promise<unknown> {
  const options = optionsOf(policy, {
    leewaySeconds: "clockTolerance",
    now: () => ({}),
  });
  const key = keyOf(secret);
  const verified = await atTimeOf(policy, () => {
    return verifyToken(token, key, {
      ...options,
      algorithm: "HS256",
      throwError: true,
    });
  });
  // Cannot be with throwError.
  if (verified === undefined) throw new Error("INVALID_SIGNATURE");
  return verified.payload;
}

export async function sign(
  claims: Readonly<Record<string, unknown>>,
  secret: Uint8Array | string,
  kid: string | null = null,
): Promise<string> {
  // It writes an iat into claims that have none.
  const own = structuredClone(claims);
  const header = kid === null ? { typ: "JWT" } : { typ: "JWT", kid };
  return await signToken(own, keyOf(secret), { algorithm: "HS256", header });
}

/**
 * Its documented reasons, and what atob and JSON.parse throw at a token, which
 * it hands on.
 */
export function refusal(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (reasons.has(error.message)) return error.message;
  return error.name === "InvalidCharacterError" || error.name === "SyntaxError"
    ? error.name
    : null;
}

const reasons: ReadonlySet<string> = new Set([
  "ALG_MISMATCH",
  "EXPIRED",
  "INVALID_SIGNATURE",
  "NOT_YET_VALID",
  "token must be a string",
  "token must consist of 2 or more parts",
]);

/**
 * It adds an iat to claims without one, so they get one before; and it knows no
 * audience.
 */
export const limits: Limits = {
  cannotSign: ["no claims"],
  signable: (claims) => ({ iat: Math.floor(Date.now() / 1000), ...claims }),
  ignoresAudience: true,
};

/**
 * ASCII goes in as text; of other letters it would take the lowest eight bits
 * for bytes.
 */
function keyOf(
  secret: Secret | string,
): string | { kty: string; alg: string; k: string } {
  const found = secretOf(secret);
  if (typeof found === "string" && /^[\0-\x7f]*$/.test(found)) return found;
  const k = secretBytesOf(secret).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return { kty: "oct", alg: "HS256", k };
}
