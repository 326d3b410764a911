/**
 * Makes tokens without the code under test: any header, any payload, a MAC from node:crypto.
 * And says how a call ended in one word that a table can hold: "accepted" or a JwtError's code,
 * or the name of the error that a misuse gives.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { importKey, JwtError, type Policy, verify } from "../../src/jwt/jwt.ts";

export const secret: Uint8Array = new TextEncoder().encode("0123456789abcdef0123456789ABCDEF");
export const otherSecret: Uint8Array = new TextEncoder().encode("another key, also of 32 bytes...");
export const plainHeader = '{"alg":"HS256","typ":"JWT"}';

/** base64url as Node's Buffer makes it. */
export function encoded(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/** A token of this payload text and this header text, signed whatever they say. */
export function forge(
  payload: string | Uint8Array,
  header: string | Uint8Array = plainHeader,
  key: Uint8Array = secret,
): string {
  return forgeParts(encoded(header), encoded(payload), key);
}

/** A token of two parts that stand as they are, and a true MAC over them. */
export function forgeParts(header: string, payload: string, key: Uint8Array = secret): string {
  const mac = createHmac("sha256", key).update(`${header}.${payload}`).digest("base64url");
  return `${header}.${payload}.${mac}`;
}

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

/** The name of the error with which a call refuses its caller's mistake, in words of our own. */
export async function misuse(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.match(error.message, /^Cannot (?:sign|verify|import a key|make a key ring|use this)\b/);
    return error.name;
  }
  return "no error";
}

/** Passes a value of a wrong type where the test means to. */
export function asIf<T>(value: unknown): T {
  return value as T;
}
