/**
 * Passwords: PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), a salt for each, stored as one
 * text that names its own cost. A failed check costs the same derivation
 * whatever the reason, so that its time tells nothing (OWASP Authentication).
 * Refused as new passwords: fewer than 8 or more than 1,024 bytes, NUL, text
 * that is no Unicode. Refused: whatever comes when too many are waiting (503).
 */

import { timingSafeEqual } from "node:crypto";
import { HttpError } from "../http/http.ts";
import { decodeBase64url, encodeBase64url } from "../jwt/jwt.ts";
import {
  loggedInPlace,
  Queue,
  type QueueLimits,
  type QueuePlace,
} from "./queue.ts";

declare const isPasswordHash: unique symbol;

/** @internal */
type Hashed = { readonly [isPasswordHash]: true };

/**
 * What is stored of a password: `pbkdf2-sha256$<iterations>$<salt>$<hash>`, the
 * last two in base64url.
 */
export type PasswordHash = string & Hashed;

/** What came of checking a password. */
export type PasswordCheck =
  | { readonly ok: false }
  /**
   * `upgraded` is a hash of today's cost where the stored one is cheaper, to be
   * stored instead; else null.
   */
  | { readonly ok: true; readonly upgraded: PasswordHash | null };

/**
 * Says why a text cannot become a password, as a sentence for its user; null
 * where it can.
 */
export function faultOfPassword(password: string): string | null {
  if (!password.isWellFormed()) return "The password is not Unicode text.";
  if (password.includes("\0")) {
    return "The password must not hold a NUL character.";
  }
  const { length } = encodePassword(password);
  if (length < 8 || length > 1024) {
    return "The password must have 8 to 1,024 bytes.";
  }
  return null;
}

/**
 * Makes a hasher that leaves a processor core to everything else.
 *
 * @param iterations the cost of a hash; 600,000 or more (OWASP Password
 * Storage)
 */
export function createPasswordHasher(iterations: number): PasswordHasher {
  // With as many derivations as cores, token checks wait for them (measured: 68
  // ms instead of 0.1).
  const maxActive = Math.max(1, navigator.hardwareConcurrency - 1);
  const maxWaiting = 64 * maxActive;
  return new PasswordHasher(iterations, { maxActive, maxWaiting });
}

/** Hashes and checks passwords, a few at once. */
export class PasswordHasher {
  readonly #iterations: number;
  readonly #queue: Queue;
  /**
   * A failure costs as much as the costliest hash that this process has seen.
   */
  #costliest: number;

  /**
   * Makes a hasher whose hashes cost so many iterations; 600,000 or more (OWASP
   * Password Storage).
   */
  constructor(iterations: number, limits: QueueLimits) {
    this.#iterations = iterations;
    this.#costliest = iterations;
    this.#queue = new Queue(limits);
  }

  /** The number of passwords that wait to be hashed or checked. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /**
   * Makes sure that a check would not be refused now.
   *
   * @throws {HttpError} 503 where too many are waiting, a second later
   */
  requireRoom(place: QueuePlace): Promise<void> {
    return this.#queue.requireRoom(place);
  }

  /**
   * Hashes a new password.
   *
   * @param place where it waits; with those who are logged in, by default
   * @throws {HttpError} 400 where {@link faultOfPassword} finds a fault; 503
   * where too many are waiting
   */
  async hash(
    password: string,
    place: QueuePlace = loggedInPlace,
  ): Promise<PasswordHash> {
    const fault = faultOfPassword(password);
    if (fault !== null) throw new HttpError(400, fault);
    return await this.#queue.run(place, () => {
      return makeHash(password, this.#iterations);
    });
  }

  /**
   * Checks a password against an account's hash, or against null where there is
   * no account.
   *
   * @param place where it waits; with those who are logged in, by default
   * @throws {HttpError} 503 where too many are waiting
   */
  check(
    password: string,
    stored: PasswordHash | null,
    place: QueuePlace = loggedInPlace,
  ): Promise<PasswordCheck> {
    return this.#queue.run(place, async () => {
      if (stored !== null) return await this.#compare(password, stored);
      await derive(password, new Uint8Array(16), this.#costliest);
      return { ok: false };
    });
  }

  async #compare(
    password: string,
    stored: PasswordHash,
  ): Promise<PasswordCheck> {
    const { iterations, salt, hash } = splitHash(stored);
    this.#costliest = Math.max(this.#costliest, iterations);
    const derived = await derive(password, salt, iterations);
    // HMAC pads its key with NULs (RFC 2104 §2): with NULs at its end, another
    // text than the password has the same hash.
    if (timingSafeEqual(derived, hash) && !password.includes("\0")) {
      if (iterations >= this.#iterations) return { ok: true, upgraded: null };
      return { ok: true, upgraded: await makeHash(password, this.#iterations) };
    }
    if (iterations < this.#costliest) {
      await derive(password, salt, this.#costliest - iterations);
    }
    return { ok: false };
  }
}

const scheme = "pbkdf2-sha256";

async function makeHash(
  password: string,
  iterations: number,
): Promise<PasswordHash> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const saltText = encodeBase64url(salt);
  const hashText = encodeBase64url(await derive(password, salt, iterations));
  const text = `${scheme}$${iterations}$${saltText}$${hashText}`;
  // The one place where such a text is made.
  return text as PasswordHash;
}

function splitHash(stored: PasswordHash) {
  const [name, iterationsText, saltText = "", hashText = ""] = stored.split(
    "$",
  );
  const iterations = Number(iterationsText);
  const salt = decodeBase64url(saltText);
  const hash = decodeBase64url(hashText);
  // Not `iterations < 1`, which a NaN would pass.
  if (name !== scheme || !(iterations >= 1) || hash.length !== 32) {
    throw new TypeError(
      "Cannot read a stored password hash: it has another form.",
    );
  }
  return { iterations, salt, hash };
}

/** 32 bytes of PBKDF2-HMAC-SHA256. */
async function derive(
  password: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = encodePassword(password);
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, [
    "deriveBits",
  ]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, key, 256));
}

/**
 * RFC 8265 §4.2.2: keyboards differ in how they compose a letter; NFC makes
 * them agree.
 */
function encodePassword(password: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(password.normalize("NFC"));
}
