/**
 * Unsecured JWTs: RFC 7519 §6, §8, RFC 7518 §3.1; apart from the rest, because
 * nothing here proves anything.
 *
 * Neither `verify` nor anything that it calls imports this file (RFC 7518 §3.6,
 * RFC 8725 §3.2). Refused: any other `alg`, a signature that is not empty, and
 * all that claims.ts refuses.
 */

import { type Claims, readClaims, stringifyClaims } from "./claims.ts";
import { JwtError } from "./error.ts";
import { encodeJson, readCompact, requireAlgorithm } from "./jws.ts";
import { type Policy, readPolicy } from "./policy.ts";

/**
 * Makes a token that anybody could have made (RFC 7519 §6.1).
 *
 * @param claims what the token says
 * @returns the token, with nothing behind its second period
 * @throws {TypeError} claims that `sign` refuses
 */
export function encodeUnsecured(claims: Claims): string {
  const header = encodeJson('{"alg":"none"}');
  const payload = encodeJson(stringifyClaims(claims));
  return `${header}.${payload}.`;
}

/**
 * Reads a token that anybody could have made, for where its integrity is
 * protected by other means (RFC 8725 §3.2).
 *
 * @param token a text that came from anywhere
 * @param policy what the token must meet in addition to the RFC's own rules
 * @returns the claims, of which nothing is proved
 * @throws {JwtError} the token is refused; `code` says why
 * @throws {TypeError} the policy is not what it must be
 */
export function decodeUnsecured(token: string, policy: Policy = {}): Claims {
  const checked = readPolicy(policy);
  const jws = readCompact(token, checked.maxLength);
  requireAlgorithm(jws.header, "none");
  if (jws.signature !== "") throw new JwtError("signature"); // RFC 7518 §3.6
  return readClaims(jws, checked).claims;
}
