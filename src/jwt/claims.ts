/**
 * The claims of a token whose MAC holds: RFC 7519 §4, §7.2. Unknown ones are
 * handed on.
 *
 * Refused: a nested token, a payload that is no JSON object, a registered claim
 * of a wrong type, a token outside its time, an `aud` for which the policy
 * names no audience; and whatever the policy asks in addition.
 */

import { JwtError } from "./error.ts";
import { type CompactJws, decodeText, parseObject } from "./jws.ts";
import { requirePlainObject } from "./plain_object.ts";
import type { Policy } from "./policy.ts";
import { isStringOrUri } from "./uri.ts";

/**
 * A JWT Claims Set: the registered claims (RFC 7519 §4) and any others. `iss`,
 * `sub` and `aud` are StringOrURIs; `exp`, `nbf` and `iat` are seconds since
 * 1970, with or without a fraction.
 */
export interface Claims {
  /** The issuer (§4.1.1). */
  readonly iss?: string;
  /** The subject (§4.1.2). */
  readonly sub?: string;
  /** The audience (§4.1.3). */
  readonly aud?: string | readonly string[];
  /** The expiration time (§4.1.4). */
  readonly exp?: number;
  /** Not before (§4.1.5). */
  readonly nbf?: number;
  /** Issued at (§4.1.6). */
  readonly iat?: number;
  /** The id of the token (§4.1.7). */
  readonly jti?: string;
  /** Any other claim. */
  readonly [name: string]: unknown;
}

/**
 * The JSON of claims that may be signed.
 *
 * @throws {TypeError} JSON loses a claim, or a registered claim is not what
 *   RFC 7519 allows
 */
export function stringifyClaims(claims: Claims): string {
  const given = { ...requirePlainObject(claims, "claims set") };
  const json = JSON.stringify(given);
  // What is checked is what goes out. JSON keeps texts and finite numbers as
  // they are: a claims set of these alone, as most are, is not parsed again.
  const sent: Claims = Object.values(given).every(isTextOrFiniteNumber)
    ? given
    : JSON.parse(json);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(sent, name)) {
      throw new TypeError(
        "Cannot sign: JSON loses a claim, such as an undefined one.",
      );
    }
  }
  const wrong = wrongRegisteredClaim(sent);
  if (wrong !== null) {
    throw new TypeError(`Cannot sign: ${wrong} is not what RFC 7519 allows.`);
  }
  return json;
}

function isTextOrFiniteNumber(value: unknown): boolean {
  return typeof value === "string" || Number.isFinite(value);
}

/** What was read: the claims, and the JSON of which they were parsed. */
export interface ReadClaims {
  readonly claims: Claims;
  readonly json: string;
}

/**
 * Reads the claims of a token whose MAC holds.
 *
 * @throws {JwtError} `malformed`, or one of the codes from `nested` on
 * @throws {RangeError} the policy's clock gives no number
 */
export function readClaims(
  { header, payload }: CompactJws,
  policy: Policy,
): ReadClaims {
  if (mediaType(header["cty"]) === "application/jwt") {
    throw new JwtError("nested"); // §5.2
  }
  const typ = mediaType(policy.typ); // RFC 8725 §3.11
  if (typ !== null && mediaType(header["typ"]) !== typ) {
    throw new JwtError("typ");
  }
  const json = decodeText(payload, "claims_set");
  const claims = parseObject(json, "claims_set"); // §3, §7.2 step 10
  return { claims: checkClaims(claims, policy), json };
}

/**
 * Holds parsed claims against the RFC, a policy and the time.
 *
 * @returns the same claims
 * @throws {JwtError} one of the codes from `claim_type` on
 * @throws {RangeError} the policy's clock gives no number
 */
export function checkClaims(claims: Claims, policy: Policy): Claims {
  if (wrongRegisteredClaim(claims) !== null) throw new JwtError("claim_type");
  for (const name of policy.requiredClaims ?? []) {
    if (!Object.hasOwn(claims, name)) throw new JwtError("missing_claim"); // §4
  }
  checkIssuer(claims, policy);
  checkAudience(claims, policy);
  checkTime(claims, policy);
  return claims;
}

/** §4.1.1, RFC 8725 §3.8: the issuer that the policy names, if it names one. */
function checkIssuer(claims: Claims, { issuer }: Policy): void {
  if (issuer === undefined) return;
  const iss = ownClaim(claims, "iss");
  if (iss === undefined) throw new JwtError("missing_claim");
  if (!haveCommonText(iss, issuer)) throw new JwtError("issuer");
}

/** §4.1.3, RFC 8725 §3.9: a token that is meant for others is refused. */
function checkAudience(claims: Claims, { audience }: Policy): void {
  const aud = ownClaim(claims, "aud");
  if (aud === undefined) {
    if (audience !== undefined) throw new JwtError("missing_claim");
    return;
  }
  // A verifier for which the policy names no audience finds itself in none.
  if (audience === undefined || !haveCommonText(aud, audience)) {
    throw new JwtError("audience");
  }
}

/**
 * §4.1.4 to §4.1.6: expired, not yet valid, or older than the policy allows.
 */
function checkTime(claims: Claims, policy: Policy): void {
  // The clock is the caller's code. It is called by itself, not as a method of
  // the policy, so that it cannot change what is checked next.
  const { clock, maxAgeSeconds, leewaySeconds = 0 } = policy;
  const now = clock === undefined ? Date.now() / 1000 : clock();
  if (!Number.isFinite(now)) {
    throw new RangeError("Cannot verify: the clock gives no number.");
  }

  const exp = ownClaim(claims, "exp");
  if (exp !== undefined && now - leewaySeconds >= exp) {
    throw new JwtError("expired"); // §4.1.4: "on or after" is too late
  }

  const nbf = ownClaim(claims, "nbf");
  if (nbf !== undefined && now + leewaySeconds < nbf) {
    throw new JwtError("not_yet_valid"); // §4.1.5: "before" is too early
  }

  if (maxAgeSeconds === undefined) return;
  const iat = ownClaim(claims, "iat");
  if (iat === undefined) throw new JwtError("missing_claim"); // §4.1.6: the age
  if (now + leewaySeconds < iat) throw new JwtError("issued_in_future");
  if (now - leewaySeconds - iat > maxAgeSeconds) throw new JwtError("too_old");
}

/** A claim, if it is there; what the claims set inherits is not. */
function ownClaim<Name extends string>(
  claims: Claims,
  name: Name,
): Claims[Name] | undefined {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** RFC 7515 §2, RFC 7519 §2, §7.3: whole strings, compared as they are. */
function haveCommonText(
  one: string | readonly string[],
  other: string | readonly string[],
): boolean {
  const texts = typeof one === "string" ? [one] : one;
  const otherTexts = typeof other === "string" ? [other] : other;
  return texts.some((text) => otherTexts.includes(text));
}

/** The first registered claim that is not what it must be, or null. */
function wrongRegisteredClaim(claims: Claims): string | null {
  for (const [name, isRight] of registeredClaims) {
    if (Object.hasOwn(claims, name) && !isRight(claims[name])) return name;
  }
  return null;
}

// deno-fmt-ignore
const registeredClaims:
  readonly (readonly [string, (value: unknown) => boolean])[] = [
    ["iss", isStringOrUri],   // RFC 7519 §4.1.1
    ["sub", isStringOrUri],   // §4.1.2
    ["aud", isAudience],      // §4.1.3
    ["exp", Number.isFinite], // §2, §4.1.4; 1e999 parses to Infinity
    ["nbf", Number.isFinite], // §4.1.5
    ["iat", Number.isFinite], // §4.1.6
    ["jti", isString],        // §4.1.7
  ];

/** One StringOrURI, or an array of them. */
function isAudience(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isStringOrUri);
  return isStringOrUri(value);
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

/**
 * RFC 7515 §4.1.9, §4.1.10: compared without case; `application/` may be left
 * out. Null for what is no string.
 */
function mediaType(value: unknown): string | null {
  if (typeof value !== "string") return null;
  // ASCII letters alone: to Unicode, the Kelvin sign is a capital k.
  const lower = value.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.includes("/") ? lower : `application/${lower}`;
}
