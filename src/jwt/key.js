/**
 * HMAC keys for HS256: RFC 7518 §3.2, told apart by `kid` (RFC 7515 §4.1.4, §6).
 * Refused: fewer than 32 bytes, a PEM (a public key is no secret: RFC 8725 §2.1), a `kid` that no
 * key has. A `kid` is looked up in a fixed Map and nowhere else (RFC 8725 §3.10).
 */
import { JwtError } from "./error.ts";
const findByKey = new WeakMap(); // out of reach, so that nobody makes a key of another
/**
 * Imports a secret as an HS256 key. A key with a name answers only tokens with that `kid`; a key
 * without one, used by itself, answers tokens with any `kid` or none.
 *
 * @param secret at least 32 bytes that nobody can guess (RFC 7518 §3.2, RFC 8725 §3.5)
 * @throws {RangeError} the secret is shorter than 32 bytes
 * @throws {TypeError} the secret is no Uint8Array or holds a PEM, or the name is empty
 */
export async function importKey(secret, kid = null) {
  const isBytes = secret instanceof Uint8Array;
  if (!isBytes) {
    throw new TypeError(
      "Cannot import a key: it must be a Uint8Array, not text.",
    );
  }
  const isName = kid === null || typeof kid === "string" && kid !== "";
  if (!isName) {
    throw new TypeError(
      "Cannot import a key: kid must be a string that is not empty.",
    );
  }
  const bytes = new Uint8Array(secret); // one copy, checked and imported
  if (bytes.length < 32) {
    throw new RangeError("Cannot import a key: it needs 32 bytes or more.");
  }
  const isPem = new TextDecoder().decode(bytes).includes("-----BEGIN "); // RFC 8725 §2.1
  if (isPem) {
    throw new TypeError("Cannot import a key: a PEM is no secret for HMAC.");
  }
  const hmac = { name: "HMAC", hash: "SHA-256" }; // RFC 8725 §3.1: one key, one algorithm
  const imported = await crypto.subtle.importKey("raw", bytes, hmac, false, [
    "sign",
    "verify",
  ]);
  return makeKey(
    kid,
    (wanted) => kid === null || kid === wanted ? imported : undefined,
  );
}
/** Makes a key of 32 random bytes (RFC 7515 §10.1), which never leave WebCrypto (RFC 7515 §10.2). */
export function generateKey(kid = null) {
  return importKey(crypto.getRandomValues(new Uint8Array(32)), kid);
}
/**
 * Puts keys together, for rotation: the first signs, each verifies the tokens with its own `kid`, and
 * one without a name those without `kid`. A TypeError if there is no key, or two have one name.
 */
export function keyRing(keys) {
  const byKid = new Map(keys.map((key) => [key.kid, keyForKid(key, key.kid)]));
  const [first] = keys;
  if (first === undefined || byKid.size !== keys.length) {
    throw new TypeError(
      "Cannot make a key ring: it needs keys, no two with the same kid.",
    );
  }
  return makeKey(first.kid, (wanted) => byKid.get(wanted));
}
/** The key that answers to a token's `kid`, or to its absence (null). A JwtError `unknown_key`. */
export function keyForKid(key, kid) {
  const find = findByKey.get(key);
  if (find === undefined) {
    throw new TypeError("Cannot use this key: importKey did not make it.");
  }
  const found = find(kid);
  if (found === undefined) {
    throw new JwtError("unknown_key");
  }
  return found;
}
function makeKey(kid, find) {
  const key = Object.freeze({ kid }); // made here and nowhere else
  findByKey.set(key, find);
  return key;
}
