/**
 * Unsecured JWTs: RFC 7519 §6, §8, RFC 7518 §3.1; apart because nothing here proves anything.
 * Neither `verify` nor anything that it calls imports this file (RFC 7518 §3.6, RFC 8725 §3.2).
 * Refused: any other `alg`, a signature that is not empty, and all that claims.ts refuses.
 */
import { readClaims, stringifyClaims } from "./claims.ts";
import { JwtError } from "./error.ts";
import { encodeJson, readCompact, requireAlgorithm } from "./jws.ts";
import { readPolicy } from "./policy.ts";
/** Makes a token that anybody could have made. A TypeError for claims that `sign` refuses. */
export function encodeUnsecured(claims) {
  return `${encodeJson('{"alg":"none"}')}.${
    encodeJson(stringifyClaims(claims))
  }.`; // RFC 7519 §6.1
}
/**
 * Reads a token that anybody could have made, for where its integrity is protected by other means
 * (RFC 8725 §3.2). A JwtError for a token, a TypeError for a policy that is not what it must be.
 */
export function decodeUnsecured(token, policy = {}) {
  const checked = readPolicy(policy);
  const jws = readCompact(token, checked.maxLength);
  requireAlgorithm(jws.header, "none");
  if (jws.signature !== "") {
    throw new JwtError("signature"); // RFC 7518 §3.6
  }
  return readClaims(jws, checked);
}
