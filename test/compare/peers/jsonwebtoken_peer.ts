/**
 * jsonwebtoken as the conformance suite and the comparison see it, with the
 * algorithm pinned. It has no option for `typ`, required claims and the length;
 * its keys from a callback are for the caller to choose.
 */

import jsonwebtoken, {
  type SignOptions,
  type VerifyOptions,
} from "jsonwebtoken";
import { Buffer } from "node:buffer";
import type {
  CasePolicy,
  Secret,
} from "../../spec/conformance/implementation.ts";
import type { Limits } from "./peer.ts";
import { atTimeOf, isUpToEpoch, optionsOf, secretOf } from "./question.ts";

export async function verify(
  token: string,
  secret: Secret | string,
  policy: CasePolicy,
): Promise<unknown> {
  const key = keyOf(secret);
  const options: VerifyOptions = optionsOf(policy, {
    issuer: "issuer",
    audience: "audience",
    maxAgeSeconds: "maxAge",
    leewaySeconds: "clockTolerance",
    now: (seconds) => isUpToEpoch(seconds) ? {} : { clockTimestamp: seconds },
  });
  const run = () =>
    jsonwebtoken.verify(token, key, { ...options, algorithms: ["HS256"] });
  return isUpToEpoch(policy.now) ? await atTimeOf(policy, run) : run();
}

export function sign(
  claims: Readonly<Record<string, unknown>>,
  secret: Uint8Array | string,
  kid: string | null = null,
): string {
  const options: SignOptions = {
    algorithm: "HS256",
    ...(kid === null ? {} : { keyid: kid }),
  };
  const isTimestamped = typeof claims !== "object" ||
    Object.hasOwn(Object(claims), "iat");
  // without noTimestamp it adds an iat, with it it removes one, and beside a
  // text it refuses it
  return jsonwebtoken.sign(claims, keyOf(secret), {
    ...options,
    ...(isTimestamped ? {} : { noTimestamp: true }),
  });
}

export function refusal(error: unknown): string | null {
  if (error instanceof jsonwebtoken.JsonWebTokenError) return error.name;
  // It hands on what JSON.parse throws.
  return error instanceof SyntaxError ? error.name : null;
}

/** Its jws writes the header's letters as Latin-1. */
export const limits: Limits = { cannotSign: ["with a kid beyond ASCII"] };

function keyOf(secret: Secret | string): Buffer | string {
  const found = secretOf(secret);
  return typeof found === "string" ? found : Buffer.from(found);
}
