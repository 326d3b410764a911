/**
 * Makes tokens without the code under test: any header, any payload, a MAC from
 * node:crypto. Nothing here, nor in the files that make the corpus, imports
 * anything from src.
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

export const secret: Uint8Array = new TextEncoder().encode(
  "0123456789abcdef0123456789ABCDEF",
);
export const otherSecret: Uint8Array = new TextEncoder().encode(
  "another key, also of 32 bytes...",
);
export const plainHeader = '{"alg":"HS256","typ":"JWT"}';

/** base64url as Node's Buffer makes it. */
export function encoded(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/**
 * A token of this payload text and this header text, signed whatever they say.
 */
export function forge(
  payload: string | Uint8Array,
  header: string | Uint8Array = plainHeader,
  key: Uint8Array = secret,
): string {
  return forgeParts(encoded(header), encoded(payload), key);
}

/** A token of two parts that stand as they are, and a true MAC over them. */
export function forgeParts(
  header: string,
  payload: string,
  key: Uint8Array = secret,
): string {
  return `${header}.${payload}.${encoded(hmac(`${header}.${payload}`, key))}`;
}

/** The HMAC of a text, with SHA-256 or another hash. */
export function hmac(
  input: string,
  key: Uint8Array = secret,
  hash = "sha256",
): Uint8Array {
  return new Uint8Array(createHmac(hash, key).update(input).digest());
}

/** The token with another third part. */
export function withSignature(
  token: string,
  signature: string | Uint8Array,
): string {
  const text = typeof signature === "string" ? signature : encoded(signature);
  return token.slice(0, token.lastIndexOf(".") + 1) + text;
}
