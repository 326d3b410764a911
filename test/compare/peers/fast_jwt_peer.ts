/**
 * fast-jwt as the conformance suite and the comparison see it, with the
 * algorithm pinned and without its cache. What an option compares it does not
 * demand, so the claim is required as well, as its documentation says. It has
 * no option for the length.
 */

import {
  createSigner,
  createVerifier,
  TOKEN_ERROR_CODES,
  TokenError,
} from "fast-jwt";
import { Buffer } from "node:buffer";
import type {
  CasePolicy,
  Secret,
} from "../../spec/conformance/implementation.ts";
import type { Limits } from "./peer.ts";
import {
  atTimeOf,
  isUpToEpoch,
  milliseconds,
  type Options,
  optionsOf,
  secretOf,
} from "./question.ts";

export async function verify(
  token: string,
  secret: Secret | string,
  policy: CasePolicy,
): Promise<unknown> {
  const options = optionsOf(policy, {
    issuer: "allowedIss",
    audience: "allowedAud",
    typ: "checkTyp",
    requiredClaims: "requiredClaims",
    maxAgeSeconds: (seconds) => ({ maxAge: milliseconds(seconds) }),
    leewaySeconds: (seconds) => ({ clockTolerance: milliseconds(seconds) }),
    now: (seconds) =>
      isUpToEpoch(seconds) ? {} : { clockTimestamp: milliseconds(seconds) },
  });
  const verifier = createVerifier({
    ...options,
    ...requiredClaims(policy, options),
    key: keyOf(secret),
    algorithms: ["HS256"],
    cache: false,
  });
  return isUpToEpoch(policy.now)
    ? await atTimeOf(policy, () => verifier(token))
    : verifier(token);
}

export function sign(
  claims: Readonly<Record<string, unknown>>,
  secret: Uint8Array | string,
  kid: string | null = null,
): string {
  const signer = createSigner({
    key: keyOf(secret),
    algorithm: "HS256",
    // Or it adds an iat; and with it, removes one.
    noTimestamp: Object(claims).iat === undefined,
    ...(kid === null ? {} : { kid }),
  });
  return signer(claims);
}

export function refusal(error: unknown): string | null {
  return error instanceof TokenError && !misuses.has(error.code)
    ? error.code
    : null;
}

/**
 * It signs whole seconds alone: it refuses other `exp` and `nbf`, and cuts
 * `iat`.
 */
export const limits: Limits = {
  cannotSign: ["a fractional exp", "a fractional nbf and iat"],
  signable: (claims) => {
    const times = Object.entries(claims)
      .filter(([name]) => name === "exp" || name === "nbf" || name === "iat")
      .map(([name, seconds]) => [name, Math.floor(Number(seconds))]);
    return { ...claims, ...Object.fromEntries(times) };
  },
};

const misuses: ReadonlySet<string> = new Set([
  TOKEN_ERROR_CODES.invalidOption,
  TOKEN_ERROR_CODES.invalidKey,
  TOKEN_ERROR_CODES.missingKey,
]);

/**
 * The claims that a policy demands beside those that it names; a list of a
 * wrong type stays.
 */
function requiredClaims(
  policy: CasePolicy,
  { requiredClaims: named = [] }: Options,
): Options {
  if (!Array.isArray(named)) return {};
  const demanded = Object.entries({
    issuer: "iss",
    audience: "aud",
    maxAgeSeconds: "iat",
  })
    .filter(([member]) => Object.hasOwn(policy, member))
    .map(([, claim]) => claim);
  return { requiredClaims: [...named, ...demanded] };
}

function keyOf(secret: Secret | string): Buffer | string {
  const found = secretOf(secret);
  return typeof found === "string" ? found : Buffer.from(found);
}
