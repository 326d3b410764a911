/**
 * JSON Web Token, HS256 alone: RFC 7519, with RFC 8725 in mind. The front door
 * of this folder.
 *
 * The order is fixed: length, three parts, header, key, MAC, and only then
 * payload and claims. No option chooses an algorithm or skips a check;
 * unsecured tokens have functions of their own.
 *
 * What is refused is a {@link JwtError} with a code out of a closed table.
 * Misuse by the calling program, such as a short key or an option that does not
 * exist, is a TypeError or a RangeError, "Cannot x: reason". No error holds
 * text of a token, a claim's value or a key.
 *
 * ## What stays as it is
 *
 * The version follows semantic versioning; before 1.0.0, a minor version takes
 * the part of a major one. These are what it promises:
 *
 * - The names that this file exports, their parameters and their results, and
 *   the names of the members of {@link Policy}, {@link SignOptions},
 *   {@link KeyOptions} and {@link RememberOptions}.
 * - The codes of JwtError and what each means. A minor version may add a code
 *   for a refusal that it brings with a new member of a policy, and none else.
 *   Messages are for people, and may be worded better at any time.
 * - The tokens: the same claims, key and options give the same text, and what
 *   one version signs, each later one verifies.
 * - What is accepted and what is refused. A token that a policy lets through,
 *   and a call that is no misuse, may be refused by a new major version only;
 *   the one exception is a fault by which a forged token passed.
 *
 * A minor version may accept what was refused where the RFC has it so, and may
 * add functions and members, each of which asks for nothing while it is absent.
 *
 * @module
 */

import {
  type Claims,
  type Lifetime,
  readClaims,
  stringifyClaims,
} from "./claims.ts";
import { requirePlainObject } from "./given.ts";
import {
  checkMac,
  decodeText,
  encodeHeader,
  encodeJson,
  type JsonObject,
  parseObject,
  readCompact,
  signCompact,
} from "./jws.ts";
import { type HmacKey, requireKey } from "./key.ts";
import { type Policy, readPolicy } from "./policy.ts";

export { decodeBase64url, encodeBase64url } from "./base64url.ts";
export type { Claims } from "./claims.ts";
export { JwtError, type JwtErrorCode } from "./error.ts";
export type { JsonObject } from "./jws.ts";
export {
  generateKey,
  type HmacKey,
  importKey,
  type KeyOptions,
  keyRing,
} from "./key.ts";
export type { Policy } from "./policy.ts";
export {
  type RememberOptions,
  rememberVerified,
  type Verifier,
} from "./remember.ts";
export { decodeUnsecured, encodeUnsecured } from "./unsecured.ts";

/** What `sign` adds to the claims and to the header. */
export interface SignOptions {
  /**
   * Sets `exp` to that many seconds from now, with the fraction that now has,
   * and `iat` to now in whole seconds. Without it, no claim is added.
   */
  readonly lifetimeSeconds?: number;
  /**
   * The header's `typ`, "JWT" by default (RFC 7519 §5.1, RFC 7515 §4.1.9,
   * RFC 8725 §3.11).
   */
  readonly typ?: string;
}

/**
 * Makes a signed token (RFC 7519 §7.1, RFC 7515 §5.1) of at most 8,192
 * characters.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateKey, sign } from "onejot/jwt";
 *
 * const key = await generateKey();
 * const token = await sign({ sub: "1" }, key, { lifetimeSeconds: 900 });
 * assert.match(token, /^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJzdWIiOi/);
 * ```
 *
 * @param claims what the token says; registered claims as RFC 7519 §4 defines
 *   them
 * @param key the key, or a ring whose first key signs; its name becomes the
 *   `kid` (RFC 7515 §6)
 * @param options a lifetime, another `typ`
 * @returns the token
 * @throws {TypeError} JSON changes or loses a claim, such as undefined, NaN, a
 *   Date, a Map or a lone surrogate, at any depth; a registered claim is not
 *   what its definition allows; an option is unknown or of a wrong type; the
 *   key was not made by this library
 * @throws {RangeError} the lifetime is no number above 0, or so short that the
 *   token would be born expired; the token would be too long
 */
export async function sign(
  claims: Claims,
  key: HmacKey,
  options: SignOptions = {},
): Promise<string> {
  const { kid } = requireKey(key);
  const { typ, lifetime } = readSignOptions(options);
  if (lifetime !== null) requireNoLifetime(claims);
  const header = encodeHeader(typ, kid);
  const payload = encodeJson(stringifyClaims(claims, lifetime));
  return await signCompact(`${header}.${payload}`, key);
}

/**
 * Verifies a token and returns its claims (RFC 7519 §7.2).
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { importKey, JwtError, sign, verify } from "onejot/jwt";
 *
 * const key = await importKey(crypto.getRandomValues(new Uint8Array(32)));
 * const token = await sign({ iss: "https://example.com", sub: "1" }, key);
 *
 * const claims = await verify(token, key, { issuer: "https://example.com" });
 * assert.equal(claims.sub, "1");
 *
 * try {
 *   await verify(token, key, { requiredClaims: ["exp"] });
 * } catch (error) {
 *   if (!(error instanceof JwtError)) throw error;
 *   assert.equal(error.code, "missing_claim");
 *   assert.equal(error.claim, "exp");
 * }
 * ```
 *
 * @param token a text that came from anywhere
 * @param key the key, or a ring of keys told apart by `kid`
 * @param policy what the token must meet in addition to the RFC's own rules
 * @returns the claims as the token has them, unknown ones too
 * @throws {JwtError} the token is refused; `code` says why, and `claim` which
 *   claim is at fault
 * @throws {TypeError} the policy or the key is not what it must be
 * @throws {RangeError} the policy's clock gives no number
 */
export async function verify(
  token: string,
  key: HmacKey,
  policy: Policy = {},
): Promise<Claims> {
  const checked = readPolicy(policy);
  requireKey(key);
  const jws = readCompact(token, checked.maxLength);
  const issuer = await checkMac(jws, key);
  return readClaims(jws, checked, issuer).claims;
}

/**
 * Shows what a token says without any proof that it is true: for tools that
 * display tokens. Nothing may be decided by what this returns.
 *
 * @param token a text that came from anywhere
 * @returns the header and the claims, of which nothing was checked
 * @throws {JwtError} the token does not have the form of a JWT
 */
export function decodeUnverified(
  token: string,
): { header: JsonObject; claims: JsonObject } {
  const jws = readCompact(token);
  const json = decodeText(jws.payload, "claims_set");
  return {
    header: { ...jws.header },
    claims: parseObject(json, "claims_set"),
  };
}

/** As in a policy, an option that is there and undefined is misuse. */
function readSignOptions(
  options: SignOptions,
): { typ: string; lifetime: Lifetime | null } {
  let typ = "JWT";
  let lifetime: Lifetime | null = null;
  for (const name of Reflect.ownKeys(requirePlainObject(options, "options"))) {
    const value: unknown = Reflect.get(options, name); // once, as in a policy
    if (name === "typ") typ = readTyp(value);
    else if (name === "lifetimeSeconds") lifetime = readLifetime(value);
    else throw new TypeError("Cannot sign: no such option.");
  }
  return { typ, lifetime };
}

function readTyp(value: unknown): string {
  // A lone surrogate has no UTF-8: others would read another text.
  if (typeof value === "string" && value !== "" && value.isWellFormed()) {
    return value;
  }
  throw new TypeError("Cannot sign: typ is no text.");
}

/** Ends when the lifetime does, whatever part of a second it is now. */
function readLifetime(value: unknown): Lifetime {
  const now = Date.now();
  const exp = typeof value === "number" ? (now + value * 1000) / 1000 : NaN;
  // A lifetime that is too short for a number to show is born expired.
  if (Number.isFinite(exp) && exp > now / 1000) {
    return { iat: Math.floor(now / 1000), exp };
  }
  throw new RangeError(
    "Cannot sign: lifetimeSeconds must be finite, and put exp after now.",
  );
}

/** A lifetime is no second opinion on claims that are there. */
function requireNoLifetime(claims: Claims): void {
  const given = requirePlainObject(claims, "claims set");
  if ("iat" in given || "exp" in given) {
    throw new TypeError("Cannot sign: iat or exp is there.");
  }
}
