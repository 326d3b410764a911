/**
 * hono/jwt as the conformance suite and the comparison see it, with the
 * algorithm pinned. It has no option for several issuers, required claims, an
 * age, a leeway, the length and the time; its key sets hold public keys alone.
 */

import { sign as signToken, verify as verifyToken } from "hono/jwt";
import {
  type CasePolicy,
  type Secret,
  Unsupported,
} from "../../spec/conformance/implementation.ts";
import { atTimeOf, optionsOf, secretBytesOf, secretOf } from "./question.ts";

export async function verify(
  token: string,
  secret: Secret | string,
  policy: CasePolicy,
): Promise<unknown> {
  const options = optionsOf(policy, {
    issuer,
    audience: "aud",
    typ: "typ",
    now: () => ({}),
  });
  const key = await keyOf(secret);
  return await atTimeOf(
    policy,
    () => verifyToken(token, key, { ...options, alg: "HS256" }),
  );
}

export async function sign(
  claims: Readonly<Record<string, unknown>>,
  secret: Uint8Array | string,
  kid: string | null = null,
): Promise<string> {
  if (kid === null) {
    return await signToken(claims, await keyOf(secret), "HS256");
  }
  const k = secretBytesOf(secret).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return await signToken(claims, { kty: "oct", alg: "HS256", k, kid }, "HS256");
}

export function refusal(error: unknown): string | null {
  if (!(error instanceof Error) || misuses.has(error.name)) return null;
  return error.name.startsWith("Jwt") ? error.name : null;
}

const misuses: ReadonlySet<string> = new Set([
  "JwtAlgorithmRequired",
  "JwtAlgorithmNotImplemented",
]);

function issuer(value: unknown): { iss: unknown } {
  if (Array.isArray(value)) throw new Unsupported("several issuers");
  return { iss: value };
}

/** A text goes in as it is, other bytes as a CryptoKey. */
async function keyOf(secret: Secret | string): Promise<string | CryptoKey> {
  const found = secretOf(secret);
  if (typeof found === "string") return found;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const usages = ["sign", "verify"] as const;
  return await crypto.subtle.importKey(
    "raw",
    secretBytesOf(found),
    hmac,
    false,
    usages,
  );
}
