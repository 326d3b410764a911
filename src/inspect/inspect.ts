/**
 * What can be said of a token: its parts, and three verdicts that are never
 * mixed up: whether it is well-formed, whether its signature holds, whether it
 * would be accepted now. For people who look at tokens; nothing may be decided
 * by it. Where there is no key, nothing looks as if it were checked.
 */

import {
  decodeBase64url,
  decodeUnverified,
  type HmacKey,
  type JsonObject,
  JwtError,
  type JwtErrorCode,
  type Policy,
  verify,
} from "../jwt/jwt.ts";
import { describeRefusal } from "./refusal_words.ts";
import { parseAsWritten } from "./written_number.ts";

/** The answer to one question about a token, and a sentence that gives why. */
export interface Verdict {
  readonly answer: "yes" | "no" | "unknown";
  readonly reason: string;
}

/**
 * What a token holds, whether it is true or not. Each number is a
 * WrittenNumber, with its digits as they stand in the token.
 */
export interface TokenParts {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

/** What can be said of a token. */
export interface Inspection {
  /** As they stand in the token; null where it is not well-formed. */
  readonly parts: TokenParts | null;
  readonly wellFormed: Verdict;
  readonly signature: Verdict;
  readonly accepted: Verdict;
}

/**
 * What `verify` can refuse before it has compared the MAC, and for the MAC
 * itself. With any other code the MAC held, because nothing of the payload is
 * looked at before that. `malformed` can also mean the payload, but not here:
 * `readParts` has decoded that already.
 */
const codesUpToTheMac: readonly JwtErrorCode[] = [
  "malformed",
  "too_long",
  "encrypted",
  "algorithm",
  "critical",
  "unknown_key",
  "signature",
];

/**
 * Inspects a token.
 *
 * @param key null where there is none
 * @throws {TypeError} the policy cannot be used
 */
export async function inspect(
  token: string,
  key: HmacKey | null,
  policy: Policy = {},
): Promise<Inspection> {
  const parts = await resultOrRefusal(() => readParts(token));
  if (parts instanceof JwtError) {
    const reason = describeRefusal(parts, { token, policy });
    const refused = verdict("no", reason);
    return {
      parts: null,
      wellFormed: refused,
      signature: verdict("unknown", "There is nothing to check."),
      accepted: refused,
    };
  }
  const wellFormed = verdict("yes", "It is a JWT in compact form.");
  if (key === null) {
    return {
      parts,
      wellFormed,
      signature: verdict("unknown", "There is no secret to check it with."),
      accepted: verdict("unknown", "The signature was not checked."),
    };
  }
  const made = verdict("yes", "The secret made it.");
  const claims = await resultOrRefusal(() => verify(token, key, policy));
  if (!(claims instanceof JwtError)) {
    return {
      parts,
      wellFormed,
      signature: made,
      accepted: verdict("yes", "Signature, time and claims are right."),
    };
  }
  const reason = describeRefusal(claims, { token, policy });
  const refused = verdict("no", reason);
  return {
    parts,
    wellFormed,
    signature: codesUpToTheMac.includes(claims.code) ? refused : made,
    accepted: refused,
  };
}

function verdict(answer: Verdict["answer"], reason: string): Verdict {
  return { answer, reason };
}

/**
 * Reads what a token holds, of which nothing is checked but the form.
 *
 * @throws {JwtError} it does not have the form of a JWT
 */
export function readParts(token: string): TokenParts {
  decodeUnverified(token); // refuses what the library refuses
  const [header = "", payload = "", signature = ""] = token.split(".");
  decodeBase64url(signature); // of which it was not asked
  return { header: readObject(header), claims: readObject(payload) };
}

/** A part that was found to be a JSON object. */
function readObject(part: string): JsonObject {
  const json = new TextDecoder().decode(decodeBase64url(part));
  return Object(parseAsWritten(json));
}

/**
 * What a call gives, or the JwtError that it throws. Whatever else it throws
 * goes on: a fault of ours is no verdict on a token.
 */
async function resultOrRefusal<Result>(
  call: () => Result | Promise<Result>,
): Promise<Result | JwtError> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof JwtError) return error;
    throw error;
  }
}
