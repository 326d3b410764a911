/**
 * What a verifier asks of a token in addition to the RFC's own rules; a policy
 * can only ask for more.
 *
 * Refused, as misuse and never taken for "no check": a member that is unknown,
 * inherited, empty, undefined, null, out of its range or of a wrong type.
 */

import { longestToken } from "./jws.ts";
import { requirePlainObject } from "./given.ts";

/** What a token must meet. A member that is absent asks for nothing. */
export interface Policy {
  /** `iss` must be there and be this issuer, or one of these. */
  readonly issuer?: string | readonly string[];
  /** `aud` must be there and name this audience, or one of these. */
  readonly audience?: string | readonly string[];
  /**
   * The header's `typ`, compared without case and with `application/` implied
   * (RFC 8725 §3.11).
   */
  readonly typ?: string;
  /** The names of claims that must be there. */
  readonly requiredClaims?: readonly string[];
  /**
   * The greatest age in seconds since `iat`, which then must be there and not
   * in the future.
   */
  readonly maxAgeSeconds?: number;
  /**
   * The greatest length of a token in characters; 8,192 by default and at most.
   */
  readonly maxLength?: number;
  /**
   * How far clocks may differ, in seconds: 0 by default, at most 300
   * (RFC 7519 §4.1.4).
   */
  readonly leewaySeconds?: number;
  /**
   * Gives the time in seconds since 1970, with its fraction; the system's by
   * default.
   */
  readonly clock?: () => number;
}

const members = new Map<string | symbol, (value: unknown) => boolean>([
  ["issuer", isTextOrTexts],
  ["audience", isTextOrTexts],
  ["typ", isText],
  ["requiredClaims", isTexts],
  ["maxAgeSeconds", (value) => isUpTo(value, Number.MAX_VALUE)],
  ["maxLength", (value) => isUpTo(value, longestToken)],
  ["leewaySeconds", (value) => isUpTo(value, 300)],
  ["clock", (value) => typeof value === "function"],
]);

/**
 * Reads a policy into a copy that inherits nothing and that nobody else holds.
 *
 * @param policy what the caller gave
 * @returns the copy, lists copied too
 * @throws {TypeError} a member is unknown or wrong
 */
export function readPolicy(policy: Policy): Policy {
  const checked: Policy = Object.create(null);
  for (const name of Reflect.ownKeys(requirePlainObject(policy, "policy"))) {
    // Read once: a getter may change.
    const given: unknown = Reflect.get(policy, name);
    const value = Array.isArray(given) ? [...given] : given;
    const isRight = members.get(name);
    if (isRight === undefined) {
      throw new TypeError("Cannot verify: no policy has such a member.");
    }
    if (!isRight(value)) {
      throw new TypeError(`Cannot verify: ${String(name)} is empty or wrong.`);
    }
    Reflect.set(checked, name, value);
  }
  return checked;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function isTextOrTexts(value: unknown): boolean {
  return isText(value) || isTexts(value);
}

function isUpTo(value: unknown, greatest: number): boolean {
  // Neither comparison holds for NaN.
  return typeof value === "number" && value >= 0 && value <= greatest;
}
