/**
 * onejot as the conformance suite sees it, and the example of how a module
 * shows itself to it.
 */

import {
  type Claims,
  importKey,
  JwtError,
  keyRing,
  sign as signClaims,
} from "../../../src/jwt/jwt.ts";
import {
  decodeBase64url,
  type HmacKey,
  type Policy,
  verify as verifyToken,
} from "../../../src/jwt/jwt.ts";
import { checkMac, readCompact } from "../../../src/jwt/jws.ts";
import { keyForKid } from "../../../src/jwt/key.ts";
import type { CasePolicy, Secret } from "./implementation.ts";

export async function verify(
  token: string,
  secret: Secret,
  policy: CasePolicy,
): Promise<Claims> {
  return verifyToken(token, await readKey(secret), readPolicy(policy));
}

export async function sign(
  claims: Claims,
  secret: Uint8Array,
): Promise<string> {
  return signClaims(claims, await importKey(secret));
}

export async function verifyJws(
  token: string,
  secret: Uint8Array,
): Promise<Uint8Array> {
  const jws = readCompact(token);
  await checkMac(jws, await importKey(secret));
  return decodeBase64url(jws.payload);
}

export async function mac(
  message: Uint8Array,
  secret: Uint8Array,
): Promise<Uint8Array> {
  const { cryptoKey } = keyForKid(await importKey(secret), null);
  return new Uint8Array(
    await crypto.subtle.sign("HMAC", cryptoKey, new Uint8Array(message)),
  );
}

export function refusal(error: unknown): string | null {
  return error instanceof JwtError ? error.code : null;
}

async function readKey(secret: Secret): Promise<HmacKey> {
  if (secret instanceof Uint8Array) return await importKey(secret);
  return keyRing(
    await Promise.all(secret.map(({ kid, secret }) => importKey(secret, kid))),
  );
}

/** The corpus gives the time as a number, onejot takes a clock. */
function readPolicy(policy: CasePolicy): Policy {
  if (
    typeof policy !== "object" || policy === null ||
    !Object.hasOwn(policy, "now")
  ) return policy;
  const { now, ...others } = policy;
  return { ...others, clock: () => now as number };
}
