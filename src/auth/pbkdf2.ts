/**
 * PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), by WebCrypto, which works in another
 * thread.
 */

import type { Pbkdf2Cost } from "./password_hash.ts";

/** The hash of a password by PBKDF2-HMAC-SHA256: 32 bytes. */
export async function derivePbkdf2(
  password: Uint8Array<ArrayBuffer>,
  { cost, salt }: {
    readonly cost: Pbkdf2Cost;
    readonly salt: Uint8Array<ArrayBuffer>;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", password, "PBKDF2", false, [
    "deriveBits",
  ]);
  const { iterations } = cost;
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await subtle.deriveBits(pbkdf2, key, 256));
}
