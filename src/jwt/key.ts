/**
 * HMAC keys for HS256: RFC 7518 §3.2, told apart by `kid` (RFC 7515 §4.1.4,
 * §6), and bound to the issuer that holds them, if the caller says so (RFC 8725
 * §3.8).
 *
 * Refused: fewer than 32 bytes, a PEM (a public key is no secret: RFC 8725
 * §2.1), a `kid` that no key has. A `kid` is looked up in a fixed Map and
 * nowhere else (RFC 8725 §3.10).
 */

import { JwtError } from "./error.ts";
import { isBytes, requirePlainObject } from "./given.ts";

/** The length, in bytes, of the shortest secret that is a key. */
const shortestSecret = 32;

/** RFC 8725 §3.1: one key, one algorithm. */
const hmac = { name: "HMAC", hash: "SHA-256" };

/**
 * CryptoKey, for each program that has a type of this name: it comes with the
 * types of a browser or of a runtime, and without them the declarations of this
 * file would not compile.
 */
type WebCryptoKey = typeof globalThis extends
  { readonly CryptoKey: { readonly prototype: infer Key } } ? Key
  : object;

/** A key of WebCrypto, and the one issuer for which it verifies. */
export interface BoundKey {
  readonly cryptoKey: WebCryptoKey;
  /** Null: what it verifies may have any `iss`, or none. */
  readonly issuer: string | null;
}

/** Keys by their names; the one under null has none. */
type KeysByKid = ReadonlyMap<string | null, BoundKey>;

/**
 * An HS256 key, or a ring of several. Only `importKey`, `generateKey` and
 * `keyRing` make one. It is frozen, and shows its name and nothing else.
 */
export class HmacKey {
  /** The name that the tokens it signs carry as `kid`, or null for none. */
  readonly kid: string | null;
  readonly #keys: KeysByKid;
  readonly #keyOfAnyKid: BoundKey | undefined;

  private constructor(
    kid: string | null,
    keys: KeysByKid,
    keyOfAnyKid?: BoundKey,
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
  static single(kid: string | null, key: BoundKey): HmacKey {
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
   * The keys of a key or a ring, by their names.
   *
   * @internal
   */
  static keysOf(key: HmacKey): KeysByKid {
    return requireKey(key).#keys;
  }

  /**
   * The key that answers to a `kid`, or to its absence (null), if there is one.
   *
   * @internal
   */
  static find(key: HmacKey, kid: string | null): BoundKey | undefined {
    requireKey(key);
    return key.#keys.get(kid) ?? key.#keyOfAnyKid;
  }

  /**
   * Says whether a value is a key. The private member is the proof that the
   * constructor made it.
   *
   * @internal
   */
  static isKey(value: unknown): boolean {
    return typeof value === "object" && value !== null && #keys in value;
  }
}

// No member of a key leads to its class, so that nobody makes a key of a
// CryptoKey of their own, or takes the one of WebCrypto out.
Reflect.deleteProperty(HmacKey.prototype, "constructor");

/** What is said of a key in addition to its secret. */
export interface KeyOptions {
  /** The name of the key; null, or absent, for none. */
  readonly kid?: string | null;
  /**
   * The issuer that holds the key: a token that this key verifies is refused
   * unless its `iss` is this (RFC 8725 §3.8). Absent, the key may verify for
   * any issuer.
   */
  readonly issuer?: string;
}

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
 * @param options the name of the key, or its name and the issuer that holds it;
 *   null for neither
 * @returns the key
 * @throws {RangeError} the secret is shorter than 32 bytes
 * @throws {TypeError} the secret is no Uint8Array or holds a PEM; an option is
 *   unknown, empty or no text
 */
export async function importKey(
  secret: Uint8Array,
  options: string | null | KeyOptions = null,
): Promise<HmacKey> {
  if (!isBytes(secret)) {
    throw new TypeError(
      "Cannot import a key: it must be a Uint8Array, not text.",
    );
  }
  const { kid, issuer } = readKeyOptions(options);
  const bytes = new Uint8Array(secret); // one copy, checked and imported
  if (bytes.length < shortestSecret) {
    throw new RangeError("Cannot import a key: it needs 32 bytes or more.");
  }
  if (new TextDecoder().decode(bytes).includes("-----BEGIN ")) {
    // RFC 8725 §2.1: a public key, which everybody knows
    throw new TypeError("Cannot import a key: a PEM is no secret for HMAC.");
  }
  const cryptoKey = await crypto.subtle.importKey("raw", bytes, hmac, false, [
    "sign",
    "verify",
  ]);
  return HmacKey.single(kid, { cryptoKey, issuer });
}

/**
 * Makes a key of 32 random bytes (RFC 7515 §10.1), which never leave WebCrypto
 * (RFC 7515 §10.2): what it signs, this process alone can verify.
 *
 * @param options as for {@link importKey}
 * @returns the key
 * @throws {TypeError} an option is unknown, empty or no text
 */
export function generateKey(
  options: string | null | KeyOptions = null,
): Promise<HmacKey> {
  const secret = crypto.getRandomValues(new Uint8Array(shortestSecret));
  return importKey(secret, options);
}

/** As in a policy, an option that is there and undefined is misuse. */
function readKeyOptions(
  options: string | null | KeyOptions,
): { kid: string | null; issuer: string | null } {
  if (options === null) return { kid: null, issuer: null };
  if (typeof options === "string") {
    return { kid: readText("kid", options), issuer: null };
  }
  let kid: string | null = null;
  let issuer: string | null = null;
  for (const name of Reflect.ownKeys(requirePlainObject(options, "options"))) {
    const value: unknown = Reflect.get(options, name); // once: it may change
    if (name === "kid") kid = value === null ? null : readText("kid", value);
    else if (name === "issuer") issuer = readText("issuer", value);
    else throw new TypeError("Cannot import a key: no such option.");
  }
  return { kid, issuer };
}

function readText(name: string, value: unknown): string {
  // A lone surrogate has no UTF-8: others would read another text.
  if (typeof value === "string" && value !== "" && value.isWellFormed()) {
    return value;
  }
  throw new TypeError(
    `Cannot import a key: ${name} must be a text that is not empty.`,
  );
}

/**
 * Puts keys together, for rotation: the first signs, each verifies the tokens
 * with its own `kid`, and one without a name those without `kid`. Keys of
 * different issuers belong into one ring only if each was imported with its
 * `issuer`: otherwise each issuer could sign for the others (RFC 8725 §3.8).
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
 * @param keys one or more, of which no two have the same name; a ring stands
 *   for all of its keys
 * @returns the ring; later changes of the list do not change it
 * @throws {TypeError} there is no key, two have one name, or one is no key
 */
export function keyRing(keys: readonly HmacKey[]): HmacKey {
  if (!Array.isArray(keys)) {
    throw new TypeError("Cannot make a key ring: it needs an array of keys.");
  }
  const list: readonly HmacKey[] = [...keys];
  const byKid = new Map<string | null, BoundKey>();
  for (const key of list) {
    for (const [kid, boundKey] of HmacKey.keysOf(key)) {
      if (byKid.has(kid)) {
        throw new TypeError(
          "Cannot make a key ring: two keys have the same kid, or none.",
        );
      }
      byKid.set(kid, boundKey);
    }
  }
  const [first] = list;
  if (first === undefined) {
    throw new TypeError("Cannot make a key ring: it needs a key.");
  }
  return HmacKey.ring(first.kid, byKid);
}

/**
 * The key that answers to a token's `kid`, or to its absence (null).
 *
 * @throws {JwtError} `unknown_key`
 * @throws {TypeError} the key is none that this file has made
 */
export function keyForKid(key: HmacKey, kid: string | null): BoundKey {
  const boundKey = HmacKey.find(key, kid);
  if (boundKey === undefined) throw new JwtError("unknown_key");
  return boundKey;
}

/**
 * Passes a key.
 *
 * @throws {TypeError} it is none that this file has made
 */
export function requireKey(key: HmacKey): HmacKey {
  if (HmacKey.isKey(key)) return key;
  throw new TypeError("Cannot use this key: importKey did not make it.");
}
