/**
 * Passwords: PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), a salt for each, stored as one text that names its
 * own cost. A failed check costs the same derivation whatever the reason, so that its time tells
 * nothing (OWASP Authentication). Refused as new passwords: fewer than 8 or more than 1,024 bytes,
 * NUL, text that is no Unicode. Refused: whatever comes when too many are waiting (503).
 */
import { timingSafeEqual } from "node:crypto";
import { HttpError } from "../http/http.ts";
import { decodeBase64url, encodeBase64url } from "../jwt/jwt.ts";
/** Why a text cannot become a password, as a sentence for its user; null where it can. */
export function faultOfPassword(password) {
  if (!password.isWellFormed()) {
    return "The password is not Unicode text.";
  }
  if (password.includes("\0")) {
    return "The password must not hold a NUL character.";
  }
  const { length } = encodePassword(password);
  return length < 8 || length > 1024
    ? "The password must have 8 to 1,024 bytes."
    : null;
}
/**
 * Runs jobs that fill a processor core, in the order in which they came.
 * @internal
 */
export class Queue {
  #limits;
  #waiting = [];
  #active = 0;
  /** Makes an empty queue. */
  constructor(limits) {
    this.#limits = limits;
  }
  /** How many jobs wait. */
  get waiting() {
    return this.#waiting.length;
  }
  /** Throws an HttpError 503 when too many are waiting, a second later: so a flood comes slowly. */
  async requireRoom() {
    const refusal = this.#refusal();
    if (refusal === null) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    throw refusal;
  }
  /** Runs a job when its turn comes. Throws an HttpError 503, at once, when too many are waiting. */
  async run(job) {
    const refusal = this.#refusal();
    if (refusal !== null) {
      throw refusal;
    }
    if (this.#active < this.#limits.maxActive) {
      this.#active++;
    } else {
      await new Promise((resolve) => this.#waiting.push(resolve)); // the place is handed on
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#active--;
      } else {
        next();
      }
    }
  }
  #refusal() {
    const { maxActive, maxWaiting } = this.#limits;
    const isFull = this.#active >= maxActive &&
      this.#waiting.length >= maxWaiting;
    return isFull
      ? new HttpError(503, undefined, { "retry-after": "5" })
      : null;
  }
}
/** Hashes and checks passwords, a few at once. */
export class PasswordHasher extends Queue {
  #iterations;
  #costliest; // a failure costs as much as the costliest hash that this process has seen
  /** Makes one whose hashes cost so many iterations; 600,000 or more (OWASP Password Storage). */
  constructor(iterations, limits) {
    super(limits);
    this.#iterations = iterations;
    this.#costliest = iterations;
  }
  /** Hashes a new password. Throws an HttpError 400 where {@link faultOfPassword} finds a fault. */
  async hash(password) {
    const fault = faultOfPassword(password);
    if (fault !== null) {
      throw new HttpError(400, fault);
    }
    return await this.run(() => makeHash(password, this.#iterations));
  }
  /** Checks a password against an account's hash, or against null where there is no account. */
  check(password, stored) {
    return this.run(async () => {
      if (stored === null) {
        await derive(password, new Uint8Array(16), this.#costliest);
        return { ok: false };
      }
      const { iterations, salt, hash } = splitHash(stored);
      this.#costliest = Math.max(this.#costliest, iterations);
      const isEqual = timingSafeEqual(
        await derive(password, salt, iterations),
        hash,
      );
      if (isEqual && !password.includes("\0")) { // HMAC pads its key with NULs (RFC 2104 §2)
        const isCheap = iterations < this.#iterations;
        return {
          ok: true,
          upgraded: isCheap ? await makeHash(password, this.#iterations) : null,
        };
      }
      if (iterations < this.#costliest) {
        await derive(password, salt, this.#costliest - iterations);
      }
      return { ok: false };
    });
  }
}
const scheme = "pbkdf2-sha256";
async function makeHash(password, iterations) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = encodeBase64url(await derive(password, salt, iterations));
  return `${scheme}$${iterations}$${encodeBase64url(salt)}$${hash}`;
}
function splitHash(stored) {
  const [name, iterationsText, saltText = "", hashText = ""] = stored.split(
    "$",
  );
  const iterations = Number(iterationsText);
  const salt = decodeBase64url(saltText);
  const hash = decodeBase64url(hashText);
  if (name !== scheme || !(iterations >= 1) || hash.length !== 32) {
    throw new TypeError(
      "Cannot read a stored password hash: it has another form.",
    );
  }
  return { iterations, salt, hash };
}
async function derive(password, salt, iterations) {
  const secret = encodePassword(password);
  const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, [
    "deriveBits",
  ]);
  const pbkdf2 = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(pbkdf2, key, 256));
}
/** RFC 8265 §4.2.2: keyboards differ in how they compose a letter; NFC makes them agree. */
function encodePassword(password) {
  return new TextEncoder().encode(password.normalize("NFC"));
}
