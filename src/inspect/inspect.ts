/**
 * What can be said of a token: its parts, and three verdicts that are never mixed up: whether it is
 * well-formed, whether its signature holds, whether it would be accepted now. For people who look at
 * tokens; nothing may be decided by it. Where there is no key, nothing looks as if it were checked.
 */

import {
  decodeBase64url,
  decodeUnverified,
  type HmacKey,
  type JsonObject,
} from "../jwt/jwt.ts";
import {
  JwtError,
  type JwtErrorCode,
  type Policy,
  verify,
} from "../jwt/jwt.ts";

/** The answer to one question about a token, and a sentence that gives the reason. */
export interface Verdict {
  readonly answer: "yes" | "no" | "unknown";
  readonly reason: string;
}

/** What can be said of a token. */
export interface Inspection {
  /** As they stand in the token, whether they are true or not; null where it is not well-formed. */
  readonly parts:
    | { readonly header: JsonObject; readonly claims: JsonObject }
    | null;
  readonly wellFormed: Verdict;
  readonly signature: Verdict;
  readonly accepted: Verdict;
}

/** A claim that is a time, and in words how far away it is. */
export interface ClaimTime {
  readonly utc: string;
  readonly words: string;
}

/** What the registered claims (RFC 7519 §4.1) and onejot's own are called. */
export const claimNames: Readonly<Record<string, string>> = {
  iss: "issuer",
  sub: "subject",
  aud: "audience",
  exp: "expiration time",
  nbf: "not before",
  iat: "issued at",
  jti: "JWT ID",
  user_id: "onejot's user",
  sid: "onejot's session",
};

const codesBeforeTheMac: readonly JwtErrorCode[] = [
  ...["malformed", "too_long", "encrypted", "algorithm", "critical"] as const,
  ...["unknown_key", "signature"] as const,
];

/** Inspects a token; the key is null where there is none. A TypeError for a wrong policy. */
export async function inspect(
  token: string,
  key: HmacKey | null,
  policy: Policy = {},
): Promise<Inspection> {
  const parts = await orRefusal(() => {
    decodeBase64url(token.slice(token.lastIndexOf(".") + 1)); // which decodeUnverified leaves alone
    return decodeUnverified(token);
  });
  if (parts instanceof JwtError) {
    const no = verdict("no", parts.message);
    const signature = verdict("unknown", "There is nothing to check.");
    return { parts: null, wellFormed: no, signature, accepted: no };
  }
  const wellFormed = verdict("yes", "It is a JWT in compact form.");
  if (key === null) {
    const signature = verdict(
      "unknown",
      "There is no secret to check it with.",
    );
    return {
      parts,
      wellFormed,
      signature,
      accepted: verdict("unknown", "The signature was not checked."),
    };
  }
  const verified = await orRefusal(() => verify(token, key, policy));
  const made = verdict("yes", "The secret made it.");
  if (!(verified instanceof JwtError)) {
    const accepted = verdict("yes", "Signature, time and claims are right.");
    return { parts, wellFormed, signature: made, accepted };
  }
  const no = verdict("no", verified.message);
  const signature = codesBeforeTheMac.includes(verified.code) ? no : made;
  return { parts, wellFormed, signature, accepted: no };
}

function verdict(answer: Verdict["answer"], reason: string): Verdict {
  return { answer, reason };
}

/** A time claim in UTC and in words; null for what is no such claim. */
export function claimTime(
  name: string,
  value: unknown,
  now: number,
): ClaimTime | null {
  if (!["exp", "nbf", "iat"].includes(name) || typeof value !== "number") {
    return null;
  }
  const date = new Date(value * 1000);
  if (Number.isNaN(date.getTime())) return null; // beyond what a Date can hold
  const distance = relativeTime(value - now);
  const verbs: Readonly<
    Record<string, readonly [past: string, future: string]>
  > = {
    exp: ["expired", "expires"],
    nbf: ["valid since", "valid"],
    iat: ["issued", "issued"],
  };
  const [past, future] = verbs[name] ?? ["", ""];
  const utc = date.toISOString().replace("T", " ").replace(
    /(?:\.000)?Z$/,
    " UTC",
  );
  return { utc, words: `${value <= now ? past : future} ${distance}` };
}

/** A value as JSON, laid out by so many spaces, in which nothing can act on a terminal. */
export function printable(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[^\P{C}\n]|[\u2028\u2029]/gu,
    (character) => {
      return Array.from({ length: character.length }, (_, index) => {
        return `\\u${
          character.charCodeAt(index).toString(16).padStart(4, "0")
        }`;
      }).join("");
    },
  );
}

/** "in 14 minutes", "3 days ago". */
function relativeTime(seconds: number): string {
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const;
  const [unit, size] =
    units.find(([, size]) => Math.abs(seconds) >= 2 * size) ?? ["second", 1];
  return format.format(Math.round(seconds / size), unit);
}

async function orRefusal<T>(call: () => T | Promise<T>): Promise<T | JwtError> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof JwtError) return error;
    throw error;
  }
}
