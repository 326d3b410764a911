/**
 * Why a token is refused, in words for whoever looks at it: which claim is at
 * fault, which algorithm its header names, how long it is, which issuer or
 * audience was asked for.
 *
 * Of the token, nothing is told but its length and the header's `alg`, cut and
 * escaped: no claim's value, and no name that the token alone knows.
 */

import {
  decodeUnverified,
  type JsonObject,
  JwtError,
  type JwtErrorCode,
  type Policy,
} from "../jwt/jwt.ts";
import { printable } from "./printable.ts";

/** What a token was refused by. */
export interface Refused {
  readonly token: string;
  readonly policy: Policy;
}

/** One sentence that says why a token is refused. */
export function describeRefusal(error: JwtError, refused: Refused): string {
  const describe = words[error.code];
  return describe === undefined ? error.message : describe(refused, error);
}

type Describe = (refused: Refused, error: JwtError) => string;

/** A code that is not here is told in the words of the error itself. */
const words: Readonly<Partial<Record<JwtErrorCode, Describe>>> = {
  malformed: describeForm,
  too_long: describeLength,
  algorithm: describeAlgorithm,
  unknown_key: describeKid,
  typ: describeTyp,
  claim_type: describeType,
  missing_claim: describeAbsence,
  issuer: describeIssuer,
  audience: describeAudience,
};

/** A `kid` that is no text makes a token malformed, and little else shows it. */
function describeForm({ token }: Refused, { message }: JwtError): string {
  const header = headerOf(token);
  if (header === null || !Object.hasOwn(header, "kid")) return message;
  // Three parts are looked for before the header is.
  const isOther = typeof header["kid"] === "string" ||
    token.split(".", 4).length !== 3;
  return isOther ? message : "The header parameter kid must be a text.";
}

/** The length, in characters, of the longest token that is read. */
const longestToken = 8192;

function describeLength({ token, policy }: Refused): string {
  const format = new Intl.NumberFormat("en");
  const limit = format.format(policy.maxLength ?? longestToken);
  const length = format.format(token.length);
  return `The token has ${length} characters: more than ${limit} are not read.`;
}

/** So much of an `alg` is shown, in characters: real ones have 18 at most. */
const longestShown = 32;

function describeAlgorithm({ token }: Refused, { message }: JwtError): string {
  const header = headerOf(token);
  if (header === null) return message;
  const { alg } = header;
  const only = `only "HS256" is accepted`;
  if (alg === undefined) return `The header has no alg: ${only}.`;
  if (typeof alg !== "string") {
    return `The header parameter alg must be a text: ${only}.`;
  }
  const isLong = alg.length > longestShown;
  const shown = isLong ? `${alg.slice(0, longestShown)}…` : alg;
  return `The header parameter alg is ${printable(shown)}: ${only}.`;
}

function describeKid({ token }: Refused, { message }: JwtError): string {
  const header = headerOf(token);
  if (header === null) return message;
  const isThere = Object.hasOwn(header, "kid");
  if (isThere) return "No key has the name in the header parameter kid.";
  return "The header has no kid, and each key here has a name.";
}

function describeTyp({ policy }: Refused, { message }: JwtError): string {
  if (policy.typ === undefined) return message;
  return `The header parameter typ must be ${anyOf(policy.typ)}.`;
}

/** What the registered claims must be: RFC 7519 §4.1. */
const types: ReadonlyMap<string, string> = new Map([
  ["iss", "a text"],
  ["sub", "a text"],
  ["aud", "a text, or a list of texts"],
  ["exp", "a number of seconds"],
  ["nbf", "a number of seconds"],
  ["iat", "a number of seconds"],
  ["jti", "a text"],
]);

function describeType(_refused: Refused, error: JwtError): string {
  const claim = error.claim ?? "";
  const type = types.get(claim);
  if (type === undefined) return error.message;
  return `The claim ${printable(claim)} must be ${type}.`;
}

function describeAbsence({ policy }: Refused, error: JwtError): string {
  const { claim, message } = error;
  if (claim === null) return message;
  const missing = `The claim ${printable(claim)} is missing`;
  if (claim === "iss" && policy.issuer !== undefined) {
    return `${missing}: it must be ${anyOf(policy.issuer)}.`;
  }
  if (claim === "aud" && policy.audience !== undefined) {
    return `${missing}: it must name ${anyOf(policy.audience)}.`;
  }
  return `${missing}, which is required.`;
}

function describeIssuer({ policy }: Refused, { message }: JwtError): string {
  if (policy.issuer === undefined) return message; // it is the key's that counts
  return 'The token comes from another issuer: the claim "iss" must be ' +
    `${anyOf(policy.issuer)}.`;
}

function describeAudience({ policy: { audience } }: Refused): string {
  if (audience === undefined) {
    return 'The token is meant for an audience, in the claim "aud": ' +
      "say which one you are.";
  }
  return 'The token is meant for another audience: the claim "aud" must name ' +
    `${anyOf(audience)}.`;
}

/** What the caller asked for: `"a"`, or `"a" or "b"`. */
function anyOf(texts: string | readonly string[]): string {
  return [texts].flat().map((text) => printable(text)).join(" or ");
}

/**
 * The header, by the library's own rules; null where it cannot be read. The
 * other two parts are not looked at, because they may be wrong as well.
 */
function headerOf(token: string): JsonObject | null {
  const [header = ""] = token.split(".", 1);
  const noClaims = "e30";
  try {
    return decodeUnverified(`${header}.${noClaims}.`).header;
  } catch (error) {
    if (error instanceof JwtError) return null;
    throw error;
  }
}
