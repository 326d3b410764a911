/**
 * JSON Web Token, HS256 alone: RFC 7519, with RFC 8725 in mind. The front door of this folder.
 * The order is fixed: length, three parts, header, key, MAC, and only then payload and claims.
 * No option chooses an algorithm or skips a check; unsecured tokens have functions of their own.
 */
import { encodeBase64url } from "./base64url.ts";
import { readClaims, stringifyClaims } from "./claims.ts";
import { checkMac, decodeJson, encodeJson, macOf, readCompact } from "./jws.ts";
import { readPolicy, requirePlainObject } from "./policy.ts";
export { decodeBase64url, encodeBase64url } from "./base64url.ts";
export { JwtError } from "./error.ts";
export { generateKey, importKey, keyRing } from "./key.ts";
export { rememberVerified } from "./remember.ts";
export { decodeUnsecured, encodeUnsecured } from "./unsecured.ts";
/**
 * Makes a signed token (RFC 7519 §7.1, RFC 7515 §5.1) of at most 8,192 characters.
 *
 * @param claims what the token says; registered claims as RFC 7519 §4 defines them
 * @param key the key, or a ring whose first key signs; its name becomes the `kid` (RFC 7515 §6)
 * @throws {TypeError} a claim or an option is undefined, unknown or of a wrong type
 * @throws {RangeError} the lifetime is no positive number, or the token would be too long
 */
export async function sign(claims, key, adds = {}) {
  const own = Object.assign(
    Object.create(null),
    requirePlainObject(adds, "options"),
  );
  const { lifetimeSeconds = NaN, typ = "JWT", ...others } = own;
  if (Object.keys(others).length > 0) {
    throw new TypeError("Cannot sign: no such option.");
  }
  if (typeof typ !== "string" || typ === "") {
    throw new TypeError("Cannot sign: typ is no text.");
  }
  const timed = "lifetimeSeconds" in own
    ? withLifetime(claims, lifetimeSeconds)
    : claims;
  const header = JSON.stringify({
    alg: "HS256",
    typ,
    kid: key.kid ?? undefined,
  }); // no kid: no name
  const signingInput = `${encodeJson(header)}.${
    encodeJson(stringifyClaims(timed))
  }`;
  return `${signingInput}.${
    encodeBase64url(new Uint8Array(await macOf(signingInput, key)))
  }`;
}
/**
 * Verifies a token, a text that came from anywhere, and returns its claims (RFC 7519 §7.2).
 *
 * @param key the key, or a ring of keys told apart by `kid`
 * @param policy what the token must meet beyond the RFC's own rules
 * @throws {JwtError} the token is refused; `code` says why
 * @throws {TypeError} the policy or the key is not what it must be
 */
export async function verify(token, key, policy = {}) {
  const checked = readPolicy(policy);
  const jws = readCompact(token, checked.maxLength);
  await checkMac(jws, key);
  return readClaims(jws, checked);
}
/**
 * Shows what a token says without any proof that it is true: for tools that display tokens.
 * Nothing may be decided by what this returns. A JwtError for what has not the form of a JWT.
 */
export function decodeUnverified(token) {
  const jws = readCompact(token);
  return {
    header: { ...jws.header },
    claims: decodeJson(jws.payload, "claims_set"),
  };
}
function withLifetime(claims, lifetimeSeconds) {
  const own = { ...requirePlainObject(claims, "claims set") };
  if ("iat" in own || "exp" in own) {
    throw new TypeError("Cannot sign: iat or exp is there.");
  }
  const isPositive = Number.isFinite(lifetimeSeconds) && lifetimeSeconds > 0;
  if (!isPositive) {
    throw new RangeError(
      "Cannot sign: lifetimeSeconds must be finite and above 0.",
    );
  }
  const iat = Math.floor(Date.now() / 1000);
  return { ...own, iat, exp: iat + lifetimeSeconds };
}
