/**
 * A verifier that remembers, by a token's whole text, that its MAC held. Claims are parsed and
 * checked anew on every call, so expiry always applies. A token that is refused is not remembered:
 * strangers cannot fill the memory.
 */

import { type Claims, readClaims } from "./claims.ts";
import { checkMac, type CompactJws, readCompact } from "./jws.ts";
import type { HmacKey } from "./key.ts";
import { type Policy, readPolicy } from "./policy.ts";

/** Verifies as `verify` does. A remembered token is answered, or refused, without a promise. */
export type Verifier = (token: string) => Claims | Promise<Claims>;

/**
 * Makes a verifier with a memory of at most `maxCharacters`, the lengths of its tokens added up.
 * The least recently used token is forgotten first. A TypeError for a wrong policy.
 */
export function rememberVerified(
  key: HmacKey,
  policy: Policy = {},
  maxCharacters = 4_194_304,
): Verifier {
  const checked = readPolicy(policy);
  const remembered = new Map<string, CompactJws>(); // the least recently used first
  let characters = 0;

  async function verifyUnknown(token: string): Promise<Claims> {
    const jws = readCompact(token, checked.maxLength);
    await checkMac(jws, key);
    const claims = readClaims(jws, checked);
    if (!remembered.has(token)) characters += token.length; // a second call may have been faster
    remembered.set(token, jws);
    for (const oldest of remembered.keys()) {
      if (characters <= maxCharacters) break;
      remembered.delete(oldest);
      characters -= oldest.length;
    }
    return claims;
  }

  return (token) => {
    const known = remembered.get(token);
    if (known === undefined) return verifyUnknown(token);
    const claims = readClaims(known, checked);
    remembered.delete(token); // and back as the most recently used
    remembered.set(token, known);
    return claims;
  };
}
