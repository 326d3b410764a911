/**
 * The claims of a token whose MAC holds: RFC 7519 §4, §7.2. Unknown ones are handed on.
 * Refused: a nested token, a payload that is no JSON object, a registered claim of a wrong type, a
 * token outside its time, an `aud` for which the policy names no audience; and what it asks beyond.
 */
import { JwtError } from "./error.ts";
import { decodeJson } from "./jws.ts";
import { requirePlainObject } from "./policy.ts";
/** The JSON of claims that may be signed. A TypeError for a claim that JSON loses or that is wrong. */
export function stringifyClaims(claims) {
  const own = { ...requirePlainObject(claims, "claims set") };
  const json = JSON.stringify(own);
  const isPlain = Object.values(own).every((it) =>
    typeof it === "string" || Number.isFinite(it)
  );
  const read = isPlain ? own : JSON.parse(json); // checked is what goes out
  const isWhole = Object.keys(own).every((name) => Object.hasOwn(read, name));
  if (!isWhole) {
    throw new TypeError(
      "Cannot sign: JSON loses a claim, such as an undefined one.",
    );
  }
  const wrong = wrongRegisteredClaim(read);
  if (wrong !== null) {
    throw new TypeError(`Cannot sign: ${wrong} is not what RFC 7519 allows.`);
  }
  return json;
}
/** Reads claims whose MAC holds. A JwtError, `malformed` or from `nested` on; a RangeError. */
export function readClaims({ header, payload }, policy) {
  if (mediaType(header["cty"]) === "application/jwt") {
    throw new JwtError("nested"); // §5.2
  }
  const typ = mediaType(policy.typ); // RFC 8725 §3.11
  if (typ !== null && mediaType(header["typ"]) !== typ) {
    throw new JwtError("typ");
  }
  return checkClaims(decodeJson(payload, "claims_set"), policy); // §3, §7.2 step 10
}
/** Holds parsed claims against a policy and the time. A JwtError from `claim_type` on; a RangeError. */
export function checkClaims(claims, policy) {
  if (wrongRegisteredClaim(claims) !== null) {
    throw new JwtError("claim_type");
  }
  const [iss, aud] = [own(claims, "iss"), own(claims, "aud")];
  const [exp, nbf, iat] = [
    own(claims, "exp"),
    own(claims, "nbf"),
    own(claims, "iat"),
  ];
  const {
    issuer,
    audience,
    requiredClaims = [],
    maxAgeSeconds,
    leewaySeconds = 0,
  } = policy;
  const isComplete = requiredClaims.every((name) =>
    Object.hasOwn(claims, name)
  ); // RFC 7519 §4
  if (!isComplete) {
    throw new JwtError("missing_claim");
  }
  if (issuer !== undefined) { // §4.1.1, RFC 8725 §3.8
    if (iss === undefined) {
      throw new JwtError("missing_claim");
    }
    if (!namesOneOf(iss, issuer)) {
      throw new JwtError("issuer");
    }
  }
  if (aud === undefined && audience !== undefined) {
    throw new JwtError("missing_claim"); // RFC 8725 §3.9
  }
  const isMeant = aud === undefined || namesOneOf(aud, audience ?? []);
  if (!isMeant) {
    throw new JwtError("audience"); // §4.1.3: also when the policy names no audience
  }
  const now = policy.clock === undefined ? Date.now() / 1000 : policy.clock();
  if (!Number.isFinite(now)) {
    throw new RangeError("Cannot verify: the clock gives no number.");
  }
  if (exp !== undefined && now - leewaySeconds >= exp) {
    throw new JwtError("expired"); // §4.1.4
  }
  if (nbf !== undefined && now + leewaySeconds < nbf) {
    throw new JwtError("not_yet_valid"); // §4.1.5
  }
  if (maxAgeSeconds !== undefined) {
    if (iat === undefined) {
      throw new JwtError("missing_claim"); // §4.1.6: it gives the age
    }
    if (now + leewaySeconds < iat) {
      throw new JwtError("issued_in_future");
    }
    if (now - leewaySeconds - iat > maxAgeSeconds) {
      throw new JwtError("too_old");
    }
  }
  return claims;
}
/** A claim, if it is there; what the claims set inherits is not. */
function own(claims, name) {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}
/** RFC 7519 §7.3: whole strings, compared as they are. */
function namesOneOf(found, wanted) {
  return [found].flat().some((name) => [wanted].flat().includes(name));
}
/** The first registered claim that is not what it must be, or null. */
function wrongRegisteredClaim(claims) {
  for (const [name, isRight] of registeredClaims) {
    if (Object.hasOwn(claims, name) && !isRight(claims[name])) {
      return name;
    }
  }
  return null;
}
const registeredClaims = [
  ["iss", isStringOrUri], // RFC 7519 §4.1.1
  ["sub", isStringOrUri], // §4.1.2
  ["aud", (value) => [value].flat().every(isStringOrUri)], // §4.1.3: one, or an array of them
  ["exp", Number.isFinite], // §2, §4.1.4; 1e999 parses to Infinity
  ["nbf", Number.isFinite], // §4.1.5
  ["iat", Number.isFinite], // §4.1.6
  ["jti", (value) => typeof value === "string"], // §4.1.7
];
/** RFC 7515 §2, RFC 7519 §2: any string, but one with a colon must be a URI (RFC 3986). */
function isStringOrUri(value) {
  return typeof value === "string" && (!value.includes(":") || uri.test(value));
}
const uri = // scheme, then "//" and user, host and port, or no "//"; path and query; fragment
  /^[a-z][a-z\d+.-]*:(?:\/\/(?:(?:[\w.~!$&'()*+,;=:-]|%[\da-f]{2})*@)?(?:\[(?:[\da-f:.]+|v[\da-f]+\.[\w.~!$&'()*+,;=:-]+)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?(?=[/?#]|$)|(?!\/\/))(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?$/i;
/** RFC 7515 §4.1.9, §4.1.10: compared without case; `application/` may be left out. */
function mediaType(value) {
  if (typeof value !== "string") {
    return null;
  }
  const lower = value.replace(/[A-Z]/g, (letter) => letter.toLowerCase()); // ASCII letters alone
  return lower.includes("/") ? lower : `application/${lower}`;
}
