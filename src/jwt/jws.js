/**
 * JSON Web Signature, HS256 alone, compact form: RFC 7515 §3.1, §7.1; RFC 7518 §3.1; RFC 7519 §8.
 * Refused: a text that is too long or has not three parts; a header that is no JSON object; any
 * other `alg` (RFC 8725 §3.2), any `crit`; a wrong MAC (RFC 8725 §3.3).
 */
import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { JwtError } from "./error.ts";
import { keyForKid } from "./key.ts";
import { longestToken } from "./policy.ts";
// Filled anew and read before anything waits: WebCrypto copies at its call, and new ones cost more.
const scratch = new Uint8Array(3 * longestToken); // a character has three bytes at most
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const plainHeader = { __proto__: null, alg: "HS256", typ: "JWT" };
const plainHeaderJson = JSON.stringify(plainHeader);
const plainHeaderText = encodeBase64url(encoder.encode(plainHeaderJson));
/**
 * Takes a token of at most that many characters apart (RFC 7515 §5.2 steps 1 to 3, RFC 7519 §7.2
 * steps 1 to 4); nothing is proved yet. A JwtError `malformed`, `too_long` or `encrypted`.
 */
export function readCompact(token, maxLength = longestToken) {
  if (typeof token !== "string") {
    throw new JwtError("malformed");
  }
  if (token.length > maxLength) {
    throw new JwtError("too_long");
  }
  const parts = token.split(".", 6);
  if (parts.length === 5) {
    throw new JwtError("encrypted"); // RFC 7519 §7.2 step 7: five are a JWE
  }
  if (parts.length !== 3) {
    throw new JwtError("malformed"); // §5.2 step 1, §7.1, §7.2: two periods
  }
  const [headerText = "", payload = "", signature = ""] = parts;
  const signingInput = token.slice(0, headerText.length + 1 + payload.length);
  return { header: decodeHeader(headerText), signingInput, payload, signature };
}
/** Checks header and MAC, in constant time: RFC 7515 §5.2, §10.9, RFC 7518 §3.2. A JwtError if not. */
export async function checkMac(jws, key) {
  requireAlgorithm(jws.header, "HS256");
  const { kid } = jws.header; // §4.1.2, §4.1.3, §4.1.5 to §4.1.8, RFC 7519 §5: and no other
  if (kid !== undefined && typeof kid !== "string") {
    throw new JwtError("malformed"); // §4.1.4
  }
  const hmac = keyForKid(key, kid ?? null); // §6, RFC 8725 §3.10: among those of the caller
  const input = encode(jws.signingInput);
  const mac = decodeBase64url(jws.signature, scratch.subarray(input.length));
  if (!await crypto.subtle.verify("HMAC", hmac, mac, input)) {
    throw new JwtError("signature");
  }
}
/** Demands this algorithm (§10.7, RFC 8725 §3.1) and no extension. A JwtError otherwise. */
export function requireAlgorithm(header, algorithm) {
  if (header["alg"] !== algorithm) {
    throw new JwtError("algorithm"); // §4.1.1, §5.3, RFC 7518 §3.6
  }
  if ("crit" in header) {
    throw new JwtError("critical"); // §4.1.11; others are ignored: §4
  }
}
/** The MAC of the first two parts of a token (RFC 7515 §5.1 steps 5 and 6). */
export function macOf(signingInput, key) {
  const isLong = signingInput.length + 44 > longestToken; // a period and 43 characters follow
  if (isLong) {
    throw new RangeError(
      "Cannot sign: the token would have more than 8192 characters.",
    );
  }
  return crypto.subtle.sign(
    "HMAC",
    keyForKid(key, key.kid),
    encode(signingInput),
  );
}
/** Encodes the JSON of a header or a claims set: base64url of UTF-8 (RFC 7515 §3.1). */
export function encodeJson(json) {
  return json === plainHeaderJson
    ? plainHeaderText
    : encodeBase64url(encoder.encode(json));
}
/**
 * Decodes a header or a claims set: one JSON object in UTF-8 (RFC 8725 §3.7) without a BOM. Of two
 * equal names the last counts (RFC 7519 §4, RFC 7515 §4). A JwtError `malformed` or of the code given.
 */
export function decodeJson(text, otherwise) {
  const bytes = decodeBase64url(text, scratch);
  try {
    const value = JSON.parse(decoder.decode(bytes)); // §3, §10.12, §10.13: strict JSON
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    if (isObject) {
      return value;
    }
  } catch {
    // no UTF-8 or no JSON: nothing but the decoder and the parser stands in this block
  }
  throw new JwtError(otherwise);
}
function decodeHeader(text) {
  if (text === plainHeaderText) {
    return plainHeader; // most tokens' header, compared as text
  }
  return { __proto__: null, ...decodeJson(text, "malformed") }; // what it inherits is not there
}
function encode(signingInput) {
  return scratch.subarray(0, encoder.encodeInto(signingInput, scratch).written);
}
