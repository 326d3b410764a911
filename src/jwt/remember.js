/**
 * A verifier that remembers, by a token's whole text, that its MAC held. Claims are parsed and
 * checked anew on every call, so expiry applies. Strangers cannot fill it: it takes no refused token.
 */
import { decodeBase64url } from "./base64url.ts";
import { checkClaims, readClaims } from "./claims.ts";
import { checkMac, readCompact } from "./jws.ts";
import { readPolicy } from "./policy.ts";
/**
 * Makes a verifier with a memory of at most `maxSize` characters, its tokens added up. When half of
 * it is full, what was last used before that half began is forgotten. A TypeError for a wrong policy.
 */
export function rememberVerified(key, policy = {}, maxSize = 4194304) {
  const checked = readPolicy(policy);
  let older = new Map(); // from the token to its claims set as JSON
  let recent = new Map();
  let characters = 0; // of the recent ones
  function remember(token, json) {
    if (recent.has(token) || token.length > maxSize / 2) {
      return;
    }
    characters += token.length;
    if (characters > maxSize / 2) {
      [older, recent, characters] = [recent, new Map(), token.length];
    }
    recent.set(token, json);
  }
  async function verifyUnknown(token) {
    const jws = readCompact(token, checked.maxLength);
    await checkMac(jws, key);
    const claims = readClaims(jws, checked);
    remember(token, new TextDecoder().decode(decodeBase64url(jws.payload)));
    return claims;
  }
  return (token) => {
    const hit = recent.get(token);
    const json = hit ?? older.get(token);
    if (json === undefined) {
      return verifyUnknown(token);
    }
    const claims = checkClaims(JSON.parse(json), checked); // the header has not changed
    if (hit === undefined) {
      remember(token, json);
    }
    return claims;
  };
}
