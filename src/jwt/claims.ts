/**
 * The claims of a token whose MAC holds: RFC 7519 §4, §7.2. Unknown ones are
 * handed on.
 *
 * Refused: a nested token, a payload that is no JSON object, a registered claim
 * of a wrong type, an `iss` other than the key's, a token outside its time, an
 * `aud` for which the policy names no audience; and whatever the policy asks in
 * addition. Not signed: what JSON changes, and a text that RFC 7519 §2 does not
 * allow in `iss`, `sub` or `aud`.
 */

import { JwtError } from "./error.ts";
import { requirePlainObject } from "./given.ts";
import { copyForJson } from "./json_copy.ts";
import { type CompactJws, decodeText, parseObject } from "./jws.ts";
import type { Policy } from "./policy.ts";
import { isStringOrUri } from "./uri.ts";

/**
 * A JWT Claims Set: the registered claims (RFC 7519 §4) and any others. `iss`,
 * `sub` and `aud` are texts, in what is signed StringOrURIs (§2): with a colon,
 * they are URIs. `exp`, `nbf` and `iat` are seconds since 1970, with or without
 * a fraction.
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

/** The claims that give a token its lifetime. */
export interface Lifetime {
  readonly iat: number;
  readonly exp: number;
}

/**
 * The JSON of claims that may be signed. What is signed is what was meant:
 * claims that JSON would change or lose are refused.
 *
 * @param lifetime what is put behind the claims; null for nothing
 * @throws {TypeError} JSON would change or lose a claim, or a registered claim
 *   is not what RFC 7519 has its producer write
 * @throws {RangeError} no token has room for so many objects and arrays, or one
 *   is within itself
 */
export function stringifyClaims(
  claims: Claims,
  lifetime: Lifetime | null = null,
): string {
  const { copy, isKept } = copyForJson(
    requirePlainObject(claims, "claims set"),
  );
  const wrong = wrongRegisteredClaim(copy, producersRules);
  if (wrong !== null) {
    throw new TypeError(`Cannot sign: ${wrong} is not what RFC 7519 allows.`);
  }
  if (!isKept) {
    throw new TypeError(
      "Cannot sign: JSON changes or loses a claim, such as undefined or NaN.",
    );
  }
  return JSON.stringify(Object.assign(copy, lifetime));
}

/** What was read: the claims, and the JSON of which they were parsed. */
export interface ReadClaims {
  readonly claims: Claims;
  readonly json: string;
}

/**
 * Reads the claims of a token whose MAC holds.
 *
 * @param keyIssuer the issuer to which the key is bound; null for none
 * @throws {JwtError} `malformed`, or one of the codes from `nested` on
 * @throws {RangeError} the policy's clock gives no number
 */
export function readClaims(
  { header, payload }: CompactJws,
  policy: Policy,
  keyIssuer: string | null = null,
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
  return { claims: checkClaims(claims, policy, keyIssuer), json };
}

/**
 * Holds parsed claims against the RFC, a policy and the time.
 *
 * @param keyIssuer the issuer to which the key is bound; null for none
 * @returns the same claims
 * @throws {JwtError} one of the codes from `claim_type` on
 * @throws {RangeError} the policy's clock gives no number
 */
export function checkClaims(
  claims: Claims,
  policy: Policy,
  keyIssuer: string | null,
): Claims {
  const wrong = wrongRegisteredClaim(claims, verifiersRules);
  if (wrong !== null) throw new JwtError("claim_type", wrong);
  for (const name of policy.requiredClaims ?? []) {
    if (Object.hasOwn(claims, name)) continue; // §4
    throw new JwtError("missing_claim", name);
  }
  // RFC 8725 §3.8: the key belongs to the issuer of the token.
  if (keyIssuer !== null) checkIssuer(claims, keyIssuer);
  // §4.1.1: the issuer is one that the policy names, if it names one.
  if (policy.issuer !== undefined) checkIssuer(claims, policy.issuer);
  checkAudience(claims, policy);
  checkTime(claims, policy);
  return claims;
}

/** The issuer is this, or one of these. */
function checkIssuer(claims: Claims, issuer: string | readonly string[]): void {
  const iss = ownClaim(claims, "iss");
  if (iss === undefined) throw new JwtError("missing_claim", "iss");
  if (!haveCommonText(iss, issuer)) throw new JwtError("issuer");
}

/** §4.1.3, RFC 8725 §3.9: a token that is meant for others is refused. */
function checkAudience(claims: Claims, { audience }: Policy): void {
  const aud = ownClaim(claims, "aud");
  if (aud === undefined) {
    if (audience !== undefined) throw new JwtError("missing_claim", "aud");
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
  if (iat === undefined) throw new JwtError("missing_claim", "iat"); // §4.1.6
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

/** What the registered claims must be, by their names. */
type Rules = readonly (readonly [string, (value: unknown) => boolean])[];

/** The first registered claim that is not what the rules say, or null. */
function wrongRegisteredClaim(claims: Claims, rules: Rules): string | null {
  for (const [name, isRight] of rules) {
    if (Object.hasOwn(claims, name) && !isRight(claims[name])) return name;
  }
  return null;
}

/** What the registered claims must be, if their texts must be of this kind. */
function rulesFor(isText: (value: unknown) => boolean): Rules {
  // deno-fmt-ignore
  return [
    ["iss", isText],                               // RFC 7519 §4.1.1
    ["sub", isText],                               // §4.1.2
    ["aud", (value) => isOneOrAll(value, isText)], // §4.1.3
    ["exp", Number.isFinite],                      // §4.1.4; 1e999 is Infinity
    ["nbf", Number.isFinite],                      // §4.1.5
    ["iat", Number.isFinite],                      // §4.1.6
    ["jti", isString],                             // §4.1.7
  ];
}

/**
 * That a text with a colon is a URI, RFC 7519 §2 asks of whoever makes a token,
 * and §7.2 tells no verifier to look. Issuers that many people have to do with
 * write others: Auth0 has `oauth2|name|1:23` as a `sub`, Matrix
 * `@alice:example.org:DEVICE`. So this folder writes none, and reads them.
 */
const producersRules = rulesFor(isStringOrUri);
const verifiersRules = rulesFor(isString);

/** A value of a kind, or an array of such. */
function isOneOrAll(
  value: unknown,
  isOfKind: (value: unknown) => boolean,
): boolean {
  return Array.isArray(value) ? value.every(isOfKind) : isOfKind(value);
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
