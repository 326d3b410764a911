/**
 * Passwords: PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), a salt for each, stored as one text that names its
 * own cost. Refused as new passwords: fewer than 8 or more than 1,024 bytes, NUL, text that is no
 * Unicode. A failed check costs the same derivation whatever the reason, so that its time tells
 * nothing (OWASP Authentication).
 */

import { timingSafeEqual } from "node:crypto";
import { decodeBase64url, encodeBase64url } from "../jwt/jwt.ts";
import { Queue, type QueueLimits } from "./queue.ts";

declare const isPasswordHash: unique symbol;

/** `pbkdf2-sha256$<iterations>$<salt>$<hash>`, the last two in base64url. */
export type PasswordHash = string & { readonly [isPasswordHash]: true };

/** What came of checking a password. */
export type PasswordCheck =
  | { readonly ok: false }
  /** `upgraded` is a hash of today's cost where the stored one is cheaper, to be stored instead. */
  | { readonly ok: true; readonly upgraded: PasswordHash | null };

/** Why a text cannot become a password, as a sentence for its user; null where it can. */
export function faultOfPassword(password: string): string | null {
  if (!password.isWellFormed()) return "The password is not Unicode text.";
  if (password.includes("\0")) return "The password must not hold a NUL character.";
  const { length } = encodePassword(password);
  return length < 8 || length > 1024 ? "The password must have 8 to 1,024 bytes." : null;
}

/** Hashes and checks passwords, a few at once. */
export class PasswordHasher {
  readonly #iterations: number;
  readonly #queue: Queue;
  #costliest: number; // a failure costs as much as the costliest hash that this process has seen

  /**
   * Makes a hasher.
   *
   * @param iterations the cost of a hash; 600,000 or more (OWASP Password Storage)
   */
  constructor(iterations: number, limits: QueueLimits) {
    this.#iterations = iterations;
    this.#costliest = iterations;
    this.#queue = new Queue(limits);
  }

  /** Throws an HttpError 503 when too many are waiting, a second later. */
  requireRoom(): Promise<void> {
    return this.#queue.requireRoom();
  }

  /**
   * Hashes a new password.
   *
   * @throws {HttpError} 503 when too many are waiting
   */
  hash(password: string): Promise<PasswordHash> {
    return this.#queue.run(() => this.#hash(password));
  }

  /**
   * Checks a password.
   *
   * @param stored the account's hash, or null where there is no such account
   * @throws {HttpError} 503 when too many are waiting
   */
  check(password: string, stored: PasswordHash | null): Promise<PasswordCheck> {
    return this.#queue.run(() => this.#check(password, stored));
  }

  async #hash(password: string): Promise<PasswordHash> {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const hash = encodeBase64url(await derive(password, salt, this.#iterations));
    return `${scheme}$${this.#iterations}$${encodeBase64url(salt)}$${hash}` as PasswordHash;
  }

  async #check(password: string, stored: PasswordHash | null): Promise<PasswordCheck> {
    if (stored === null) {
      await derive(password, new Uint8Array(16), this.#costliest);
      return { ok: false };
    }
    const { iterations, salt, hash } = splitHash(stored);
    this.#costliest = Math.max(this.#costliest, iterations);
    const isEqual = timingSafeEqual(await derive(password, salt, iterations), hash);
    if (isEqual && !password.includes("\0")) { // HMAC pads its key with NULs (RFC 2104 §2)
      const isCheap = iterations < this.#iterations;
      return { ok: true, upgraded: isCheap ? await this.#hash(password) : null };
    }
    if (iterations < this.#costliest) await derive(password, salt, this.#costliest - iterations);
    return { ok: false };
  }
}

const scheme = "pbkdf2-sha256";

function splitHash(stored: PasswordHash) {
  const [name, iterationsText, saltText = "", hashText = ""] = stored.split("$");
  const iterations = Number(iterationsText);
  const salt = decodeBase64url(saltText);
  const hash = decodeBase64url(hashText);
  if (name !== scheme || !(iterations >= 1) || hash.length !== 32) {
    throw new TypeError("Cannot read a stored password hash: it has another form.");
  }
  return { iterations, salt, hash };
}

async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array> {
  const secret = encodePassword(password);
  const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, key, 256));
}

/** RFC 8265 §4.2.2: keyboards differ in how they compose a letter; NFC makes them agree. */
function encodePassword(password: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(password.normalize("NFC"));
}
