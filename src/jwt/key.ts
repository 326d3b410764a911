/**
 * HMAC keys for HS256: RFC 7518 §3.2, told apart by `kid` (RFC 7515 §4.1.4,
 * §6).
 *
 * Refused: fewer than 32 bytes, a PEM (a public key is no secret: RFC 8725
 * §2.1), a `kid` that no key has. A `kid` is looked up in a fixed Map and
 * nowhere else (RFC 8725 §3.10).
 */

import { JwtError } from "./error.ts";

/** The length, in bytes, of the shortest secret that is a key. */
const shortestSecret = 32;

/** RFC 8725 §3.1: one key, one algorithm. */
const hmac = { name: "HMAC", hash: "SHA-256" };

/** The keys of WebCrypto by name; the one under null has none. */
type KeysByKid = ReadonlyMap<string | null, CryptoKey>;

/**
 * An HS256 key, or a ring of several. Only `importKey`, `generateKey` and
 * `keyRing` make one. It is frozen, and shows its name and nothing else.
 */
export class HmacKey {
  /** The name that the tokens it signs carry as `kid`, or null for none. */
  readonly kid: string | null;
  readonly #keys: KeysByKid;
  readonly #keyOfAnyKid: CryptoKey | undefined;

  private constructor(
    kid: string | null,
    keys: KeysByKid,
    keyOfAnyKid?: CryptoKey,
  ) {
    this.kid = kid;
    this.#keys = keys;
    this.#keyOfAnyKid = keyOfAnyKid;
    Object.freeze(this);
  }

  /**
   * Makes one key: with a name for tokens with that `kid`, without one for
   * tokens with any `kid` or none.
   *
   * @internal
   */
  static single(kid: string | null, key: CryptoKey): HmacKey {
    const keys = new Map([[kid, key]]);
    return kid === null ? new HmacKey(kid, keys, key) : new HmacKey(kid, keys);
  }

  /**
   * Makes a ring, in which each key answers its own name alone.
   *
   * @internal
   */
  static ring(kid: string | null, keys: KeysByKid): HmacKey {
    return new HmacKey(kid, keys);
  }

  /**
   * The key that answers to a `kid`, or to its absence (null), if there is one.
   *
   * @internal
   */
  static find(key: HmacKey, kid: string | null): CryptoKey | undefined {
    // The private member is the proof that the constructor made it.
    if (typeof key !== "object" || key === null || !(#keys in key)) {
      throw new TypeError("Cannot use this key: importKey did not make it.");
    }
    return key.#keys.get(kid) ?? key.#keyOfAnyKid;
  }
}

// No member of a key leads to its class, so that nobody makes a key of a
// CryptoKey of their own, or takes the one of WebCrypto out.
Reflect.deleteProperty(HmacKey.prototype, "constructor");

/**
 * Imports a secret as an HS256 key. A key with a name answers only tokens with
 * that `kid`; a key without one, used by itself, answers tokens with any `kid`
 * or none.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { importKey, sign, verify } from "onejot/jwt";
 *
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const key = await importKey(secret, "2024-06");
 * const token = await sign({ sub: "1" }, key); // its header names the key
 * assert.deepEqual(await verify(token, key), { sub: "1" });
 * ```
 *
 * @param secret at least 32 bytes that nobody can guess (RFC 7518 §3.2,
 *   RFC 8725 §3.5); they are copied at the call
 * @param kid the name of the key, or null for none
 * @returns the key
 * @throws {RangeError} the secret is shorter than 32 bytes
 * @throws {TypeError} the secret is no Uint8Array or holds a PEM, or the name
 *   is empty
 */
export async function importKey(
  secret: Uint8Array,
  kid: string | null = null,
): Promise<HmacKey> {
  if (!(secret instanceof Uint8Array)) {
    throw new TypeError(
      "Cannot import a key: it must be a Uint8Array, not text.",
    );
  }
  if (kid !== null && (typeof kid !== "string" || kid === "")) {
    throw new TypeError(
      "Cannot import a key: kid must be a string that is not empty.",
    );
  }
  const bytes = new Uint8Array(secret); // one copy, checked and imported
  if (bytes.length < shortestSecret) {
    throw new RangeError("Cannot import a key: it needs 32 bytes or more.");
  }
  if (new TextDecoder().decode(bytes).includes("-----BEGIN ")) {
    // RFC 8725 §2.1: a public key, which everybody knows
    throw new TypeError("Cannot import a key: a PEM is no secret for HMAC.");
  }
  const key = await crypto.subtle.importKey("raw", bytes, hmac, false, [
    "sign",
    "verify",
  ]);
  return HmacKey.single(kid, key);
}

/**
 * Makes a key of 32 random bytes (RFC 7515 §10.1), which never leave WebCrypto
 * (RFC 7515 §10.2): what it signs, this process alone can verify.
 *
 * @param kid the name of the key, or null for none
 * @returns the key
 * @throws {TypeError} the name is empty
 */
export function generateKey(kid: string | null = null): Promise<HmacKey> {
  return importKey(crypto.getRandomValues(new Uint8Array(shortestSecret)), kid);
}

/**
 * Puts keys together, for rotation: the first signs, each verifies the tokens
 * with its own `kid`, and one without a name those without `kid`.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateKey, keyRing, sign, verify } from "onejot/jwt";
 *
 * const old = await generateKey("2024-01");
 * const token = await sign({ sub: "1" }, old);
 *
 * // From now on the new key signs, and what the old one has signed is good.
 * const ring = keyRing([await generateKey("2024-06"), old]);
 * assert.deepEqual(await verify(token, ring), { sub: "1" });
 * ```
 *
 * @param keys one or more, of which no two have the same name; of a ring, the
 *   key that signs
 * @returns the ring; later changes of the list do not change it
 * @throws {TypeError} there is no key, two have one name, or one is no key
 */
export function keyRing(keys: readonly HmacKey[]): HmacKey {
  const byKid = new Map(keys.map((key) => [key.kid, keyForKid(key, key.kid)]));
  const [first] = keys;
  if (first === undefined || byKid.size !== keys.length) {
    throw new TypeError(
      "Cannot make a key ring: it needs keys, no two with the same kid.",
    );
  }
  return HmacKey.ring(first.kid, byKid);
}

/**
 * The key that answers to a token's `kid`, or to its absence (null).
 *
 * @throws {JwtError} `unknown_key`
 * @throws {TypeError} the key is none that this file has made
 */
export function keyForKid(key: HmacKey, kid: string | null): CryptoKey {
  const cryptoKey = HmacKey.find(key, kid);
  if (cryptoKey === undefined) throw new JwtError("unknown_key");
  return cryptoKey;
}
