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
 * Makes a verifier with a memory of at most `maxSize` characters, its tokens added up. When half of
 * it is full, what was last used before that half began is forgotten: so a hit costs one look, and
 * nothing is moved. A TypeError for a wrong policy.
 */
export function rememberVerified(key: HmacKey, policy: Policy = {}, maxSize = 4_194_304): Verifier {
  const checked = readPolicy(policy);
  let older = new Map<string, CompactJws>();
  let recent = new Map<string, CompactJws>();
  let characters = 0; // of the recent ones

  function remember(token: string, jws: CompactJws): void {
    if (recent.has(token) || token.length > maxSize / 2) return;
    characters += token.length;
    if (characters > maxSize / 2) {
      [older, recent, characters] = [recent, new Map(), token.length];
    }
    recent.set(token, jws);
  }

  async function verifyUnknown(token: string): Promise<Claims> {
    const jws = readCompact(token, checked.maxLength);
    await checkMac(jws, key);
    const claims = readClaims(jws, checked);
    remember(token, jws);
    return claims;
  }

  return (token) => {
    const known = recent.get(token) ?? older.get(token);
    if (known === undefined) return verifyUnknown(token);
    const claims = readClaims(known, checked);
    remember(token, known);
    return claims;
  };
}
