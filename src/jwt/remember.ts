/**
 * A verifier that remembers, by a token's whole text, that its MAC held.
 * Claims are parsed and checked anew on every call, so that expiry and policy
 * always apply.
 *
 * Strangers cannot fill the memory: no token that is refused is taken into it.
 */

import { checkClaims, type Claims, readClaims } from "./claims.ts";
import { requirePlainObject } from "./given.ts";
import { checkMac, readCompact } from "./jws.ts";
import { type HmacKey, requireKey } from "./key.ts";
import { type Policy, readPolicy } from "./policy.ts";

/**
 * Verifies as `verify` does. A token that is remembered is answered, or
 * refused, without a promise.
 */
export type Verifier = (token: string) => Claims | Promise<Claims>;

/** How much a verifier remembers. */
export interface RememberOptions {
  /**
   * The greatest size of the memory: the lengths of its tokens, in characters,
   * added up. 4,194,304 by default; 0 remembers nothing.
   */
  readonly maxCharacters?: number;
}

/**
 * Makes a verifier with a memory. When half of it is full, what was last used
 * before that half began is forgotten.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateKey, rememberVerified, sign } from "onejot/jwt";
 *
 * const key = await generateKey();
 * const verifier = rememberVerified(key, { requiredClaims: ["sub"] });
 * const token = await sign({ sub: "1" }, key);
 * assert.deepEqual(await verifier(token), { sub: "1" });
 * assert.deepEqual(verifier(token), { sub: "1" }); // remembered: no promise
 * ```
 *
 * @param key the key, or a ring of keys told apart by `kid`
 * @param policy what each token must meet; a later change of it does nothing
 * @param options how much is remembered
 * @returns the verifier
 * @throws {TypeError} the key, the policy or an option is not what it must be
 */
export function rememberVerified(
  key: HmacKey,
  policy: Policy = {},
  options: RememberOptions = {},
): Verifier {
  const checked = readPolicy(policy);
  requireKey(key);
  const maxHalf = readMaxCharacters(options) / 2;

  // Two halves of a memory, each from a token to what was proved of it. A token
  // that is used goes into the recent half; when that is full, it becomes the
  // older one, and the older one is forgotten. So a token that is in the recent
  // half costs one look, and nothing is moved.
  let older = new Map<string, Proved>();
  let recent = new Map<string, Proved>();
  let recentCharacters = 0;

  function remember(token: string, proved: Proved): void {
    if (recent.has(token) || token.length > maxHalf) return;
    if (recentCharacters + token.length > maxHalf) startNewHalf();
    recentCharacters += token.length;
    recent.set(copyOf(token), proved);
  }

  function startNewHalf(): void {
    older = recent;
    recent = new Map();
    recentCharacters = 0;
  }

  async function verifyUnknown(token: string): Promise<Claims> {
    const jws = readCompact(token, checked.maxLength);
    const keyIssuer = await checkMac(jws, key);
    const { claims, json } = readClaims(jws, checked, keyIssuer);
    remember(token, { json, keyIssuer });
    return claims;
  }

  return (token) => {
    const provedRecently = recent.get(token);
    const proved = provedRecently ?? older.get(token);
    if (proved === undefined) return verifyUnknown(token);
    // Its header was checked, and its payload found to be an object.
    const parsed: Claims = JSON.parse(proved.json);
    const claims = checkClaims(parsed, checked, proved.keyIssuer);
    if (provedRecently === undefined) remember(token, proved);
    return claims;
  };
}

/** What is remembered of a token whose MAC holds. */
interface Proved {
  /** The JSON of its claims. */
  readonly json: string;
  /** The issuer to which its key is bound; null for none. */
  readonly keyIssuer: string | null;
}

/**
 * A copy of a token, with memory of its own. What is cut out of a text can be
 * no more than a place in it, and holds all of it: a short token out of a long
 * header field then keeps the field, and the limit above would count the token
 * alone. No engine promises which of its texts are places in others. But a text
 * that is decoded from bytes cannot be one, and a token that was verified is
 * ASCII, so that encoding changes nothing. It is done once for each token that
 * is taken into a half, never for one that is found in the recent half.
 */
function copyOf(token: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(token));
}

/** As in a policy, a member that is there and undefined is misuse. */
function readMaxCharacters(options: RememberOptions): number {
  let maxCharacters = 4_194_304;
  for (const name of Reflect.ownKeys(requirePlainObject(options, "options"))) {
    if (name !== "maxCharacters") {
      throw new TypeError(
        "Cannot verify: rememberVerified has no such option.",
      );
    }
    const value: unknown = Reflect.get(options, name);
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      throw new TypeError(
        "Cannot verify: maxCharacters must be a finite number, 0 or more.",
      );
    }
    maxCharacters = value;
  }
  return maxCharacters;
}
