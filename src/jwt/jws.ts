/**
 * JSON Web Signature, HS256 alone, compact form: RFC 7515 §3.1, §7.1; RFC 7518
 * §3.1; RFC 7519 §8. What the three parts are, and how they are put together
 * and taken apart, is known here and nowhere else.
 *
 * Refused: a text that is too long or does not have three parts; a header that
 * is no JSON object; any other `alg` (RFC 8725 §3.2), any `crit`; a wrong MAC
 * (RFC 8725 §3.3).
 */

import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { JwtError, type JwtErrorCode } from "./error.ts";
import { type HmacKey, keyForKid } from "./key.ts";

/** A JSON object as it was decoded: a header, or claims that nobody checked. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A token taken apart: the header decoded, the rest not before the MAC holds
 * (RFC 7519 §11.2).
 */
export interface CompactJws {
  readonly header: JsonObject;
  readonly signingInput: string;
  readonly payload: string;
  readonly signature: string;
}

/** The length, in characters, of the longest token that is made or read. */
export const longestToken = 8192;

/** The length, in characters, of a MAC's 32 bytes in base64url. */
const signatureLength = 43;

/**
 * Where a header or a payload is decoded to bytes and read as text, before
 * anything else can run. New memory for each costs more than the decoding.
 */
const scratch = new Uint8Array(longestToken);

/**
 * The memory of one call of WebCrypto: the bytes of a signing input from the
 * start, and behind them those of a MAC. A token has at most `longestToken`
 * characters, and none of them takes more than three bytes here: so both fit.
 */
type CallBytes = Uint8Array<ArrayBuffer>;

/**
 * Memory that no call of WebCrypto has at present.
 *
 * WebCrypto copies what it is given when it is called, as its specification
 * has it; but what is put between, such as a tracer or a polyfill, may read
 * later, and would then see what the next token has written. So a call owns its
 * memory until its promise is settled, and only then gives it back here; new
 * memory for each call costs more. "what reads the arguments of WebCrypto late
 * still reads this token's", in test/unit/jwt/late_webcrypto.test.ts, fails
 * where one piece of memory serves two calls.
 */
const freeBytes: CallBytes[] = [];

/** As much is kept as many calls in flight have use for: 1.5 MiB. */
const mostFreeBytes = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The header that most tokens have, with its text, which is compared first. */
const plainHeader: JsonObject = { __proto__: null, alg: "HS256", typ: "JWT" };
const plainHeaderText = encodeJson(JSON.stringify(plainHeader));

/**
 * Encodes the header of a signed token (RFC 7515 §3.1).
 *
 * @param typ what kind of token it is
 * @param kid the name of the key, or null for none
 * @returns the first part of the token
 */
export function encodeHeader(typ: string, kid: string | null): string {
  if (typ === "JWT" && kid === null) return plainHeaderText;
  const header = kid === null
    ? { alg: "HS256", typ }
    : { alg: "HS256", typ, kid };
  return encodeJson(JSON.stringify(header));
}

/**
 * Encodes the JSON of a header or a claims set: base64url of UTF-8 (RFC 7515
 * §3.1).
 */
export function encodeJson(json: string): string {
  return encodeBase64url(encoder.encode(json));
}

/**
 * Signs the first two parts of a token and puts the third behind them
 * (RFC 7515 §5.1 steps 5 to 8).
 *
 * @param signingInput the first two parts, with the period between them
 * @param key the key, or a ring whose first key signs
 * @returns the whole token
 * @throws {RangeError} the token would be longer than any that is read
 * @throws {TypeError} the key was not made by this library
 */
export async function signCompact(
  signingInput: string,
  key: HmacKey,
): Promise<string> {
  if (signingInput.length + 1 + signatureLength > longestToken) throw tooLong();
  const { cryptoKey } = keyForKid(key, key.kid);
  const bytes = takeBytes();
  try {
    const input = encode(signingInput, bytes);
    const mac = await crypto.subtle.sign("HMAC", cryptoKey, input);
    return `${signingInput}.${encodeBase64url(new Uint8Array(mac))}`;
  } finally {
    giveBack(bytes);
  }
}

/** The token to be signed is longer than any that is read. */
export function tooLong(): RangeError {
  return new RangeError(
    `Cannot sign: the token would have more than ${longestToken} characters.`,
  );
}

/**
 * Takes a token apart (RFC 7515 §5.2 steps 1 to 3, RFC 7519 §7.2 steps 1 to
 * 4). Nothing is proved yet.
 *
 * @param token what came from anywhere
 * @param maxLength its greatest length in characters
 * @throws {JwtError} `malformed`, `too_long` or `encrypted`
 */
export function readCompact(
  token: unknown,
  maxLength: number = longestToken,
): CompactJws {
  if (typeof token !== "string") throw new JwtError("malformed");
  if (token.length > maxLength) throw new JwtError("too_long");
  // One part more than a JWE has, so that a text of periods makes no long list.
  const parts = token.split(".", 6);
  // RFC 7519 §7.2 step 7: five parts are a JWE.
  if (parts.length === 5) throw new JwtError("encrypted");
  // RFC 7515 §5.2 step 1, §7.1, §7.2: a JWS has three.
  if (parts.length !== 3) throw new JwtError("malformed");
  const [headerText = "", payload = "", signature = ""] = parts;
  const signingInput = token.slice(0, headerText.length + 1 + payload.length);
  return { header: decodeHeader(headerText), signingInput, payload, signature };
}

/**
 * Checks header and MAC, the MAC in constant time (RFC 7515 §5.2, §10.9,
 * RFC 7518 §3.2).
 *
 * @returns the issuer to which the key is bound; null for none
 * @throws {JwtError} `algorithm`, `critical`, `malformed`, `unknown_key` or
 *   `signature`
 * @throws {TypeError} the key was not made by this library
 */
export async function checkMac(
  jws: CompactJws,
  key: HmacKey,
): Promise<string | null> {
  requireAlgorithm(jws.header, "HS256");
  // The parameters that bring a key or lead to one are never looked at: jku,
  // jwk, x5u, x5c, x5t, x5t#S256 (§4.1.2, §4.1.3, §4.1.5 to §4.1.8), nor is any
  // other that need not be understood (RFC 7519 §5).
  const { kid } = jws.header;
  if (kid !== undefined && typeof kid !== "string") {
    throw new JwtError("malformed"); // §4.1.4
  }
  // §6, RFC 8725 §3.10: one of the caller's keys, or none.
  const { cryptoKey, issuer } = keyForKid(key, kid ?? null);
  const bytes = takeBytes();
  try {
    const input = encode(jws.signingInput, bytes);
    const mac = decodeBase64url(jws.signature, bytes.subarray(input.length));
    if (await crypto.subtle.verify("HMAC", cryptoKey, mac, input)) {
      return issuer;
    }
  } finally {
    giveBack(bytes);
  }
  throw new JwtError("signature");
}

/**
 * Demands one algorithm (§10.7, RFC 8725 §3.1) and no extension.
 *
 * @throws {JwtError} `algorithm` or `critical`
 */
export function requireAlgorithm(
  header: JsonObject,
  algorithm: "HS256" | "none",
): void {
  // §4.1.1, §5.3, RFC 7518 §3.6: this text, compared with case.
  if (header["alg"] !== algorithm) throw new JwtError("algorithm");
  // §4.1.11: no extension is known here. Other parameters are ignored: §4.
  if ("crit" in header) throw new JwtError("critical");
}

/**
 * Decodes a header or a payload to text: UTF-8 (RFC 8725 §3.7) without a BOM.
 *
 * @param part base64url
 * @param refusal the code for bytes that are no UTF-8
 * @throws {JwtError} `malformed` if it is no base64url, or the code given
 */
export function decodeText(part: string, refusal: JwtErrorCode): string {
  const bytes = decodeBase64url(part, scratch);
  try {
    return decoder.decode(bytes);
  } catch {
    throw new JwtError(refusal);
  }
}

/**
 * Parses one JSON object, strictly (§3, §10.12, §10.13). Of two equal names
 * the last counts (RFC 7519 §4, RFC 7515 §4).
 *
 * @param json the decoded text of a header or a payload
 * @param refusal the code for a text that is no JSON, or another value
 * @throws {JwtError} the code given
 */
export function parseObject(json: string, refusal: JwtErrorCode): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as JsonObject;
    }
  } catch {
    // No JSON: nothing but the parser can throw in this block.
  }
  throw new JwtError(refusal);
}

function decodeHeader(text: string): JsonObject {
  if (text === plainHeaderText) return plainHeader;
  const header = parseObject(decodeText(text, "malformed"), "malformed");
  return { __proto__: null, ...header }; // what it inherits is not there
}

function takeBytes(): CallBytes {
  return freeBytes.pop() ?? new Uint8Array(3 * longestToken);
}

function giveBack(bytes: CallBytes): void {
  if (freeBytes.length < mostFreeBytes) freeBytes.push(bytes);
}

/** The bytes of a signing input, in the memory of one call. */
function encode(signingInput: string, bytes: CallBytes): CallBytes {
  return bytes.subarray(0, encoder.encodeInto(signingInput, bytes).written);
}
