/**
 * Says how a call ended in one word that a table can hold: "accepted" or a
 * JwtError's code, or the name of the error that a misuse gives. And hands on
 * what makes tokens without the code under test.
 */

import assert from "node:assert/strict";
import { importKey, JwtError, type Policy, verify } from "../../src/jwt/jwt.ts";
import { secret } from "../spec/vectors/forge.ts";

export {
  encoded,
  forge,
  forgeParts,
  otherSecret,
  plainHeader,
  secret,
  withSignature,
} from "../spec/vectors/forge.ts";

/** "accepted", or the code of the JwtError with which the call ends. */
export async function outcome(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    assert.equal(error.name, "JwtError");
    return error.code;
  }
  return "accepted";
}

/** How `verify` answers to this token with the key made of {@link secret}. */
export function verdict(token: string, policy: Policy = {}): Promise<string> {
  return outcome(async () => verify(token, await importKey(secret), policy));
}

/**
 * The name of the error with which a call refuses its caller's mistake, in
 * words of our own.
 */
export async function misuse(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    assert.ok(
      error instanceof TypeError || error instanceof RangeError,
      String(error),
    );
    assert.match(
      error.message,
      /^Cannot (?:sign|verify|import a key|make a key ring|use this)\b/,
    );
    return error.name;
  }
  return "no error";
}

/** Passes a value of a wrong type where the test means to. */
export function asIf<T>(value: unknown): T {
  return value as T;
}
