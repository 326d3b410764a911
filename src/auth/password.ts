/**
 * Passwords: Argon2id (RFC 9106) or PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), a salt
 * for each. A failed check derives the same whatever the reason, so that its
 * time tells nothing (OWASP Authentication). Whether a text is good for a new
 * password is asked in new_password.ts.
 * Refused: a text that can be no password. Refused: whatever comes when too
 * many are waiting (503).
 */

import { timingSafeEqual } from "node:crypto";
import { HttpError } from "../http/http.ts";
import { deriveArgon2id } from "./argon2.ts";
import { faultOfLength, leastPasswordLength } from "./new_password.ts";
import {
  type HashCost,
  type PasswordHash,
  readPasswordHash,
  writePasswordHash,
} from "./password_hash.ts";
import { faultOfText, normalizePassword } from "./password_text.ts";
import { derivePbkdf2 } from "./pbkdf2.ts";
import {
  loggedInPlace,
  Queue,
  type QueueLimits,
  type QueuePlace,
} from "./queue.ts";
import type { Account } from "./store.ts";
import { type HashStore, StoredCosts } from "./stored_costs.ts";

/** What new hashes are made by. */
export type PasswordScheme = "argon2id" | "pbkdf2";

/** How passwords are hashed, and where their hashes are. */
export interface PasswordOptions {
  /**
   * Where the accounts are: a failed check costs as much as one against the
   * costliest hash there.
   */
  readonly store: HashStore;
  /**
   * Argon2id by default, which is OWASP's first choice: 19 MiB, 2 passes, 1
   * lane. Accounts with hashes of the other scheme log in all the same.
   */
  readonly scheme?: PasswordScheme;
  /** The cost of PBKDF2; 600,000 or more, which is the default (OWASP). */
  readonly iterations?: number;
}

/** What came of checking a password. */
export type PasswordCheck =
  | { readonly ok: false }
  /**
   * `upgraded` is a hash of today's scheme and cost where the stored one is of
   * another scheme or cheaper, to be stored instead; else null.
   */
  | { readonly ok: true; readonly upgraded: PasswordHash | null };

/**
 * Makes a hasher that leaves a processor core to everything else, and hashes at
 * most 8 passwords at once.
 */
export function createPasswordHasher(options: PasswordOptions): PasswordHasher {
  // With as many derivations as cores, token checks wait for them (measured: 68
  // ms instead of 0.1). And each holds 19 MiB: 8 hold 152 MiB.
  const others = navigator.hardwareConcurrency - 1;
  const maxActive = Math.max(1, Math.min(others, 8));
  const maxWaiting = 64 * maxActive;
  return new PasswordHasher(options, { maxActive, maxWaiting });
}

/** Hashes and checks passwords, a few at once. */
export class PasswordHasher {
  /** The cost of a new hash. */
  readonly #cost: HashCost;
  readonly #costs: StoredCosts;
  readonly #queue: Queue;

  /** Makes a hasher that hashes so many at once. */
  constructor(options: PasswordOptions, limits: QueueLimits) {
    this.#cost = costOf(options);
    this.#costs = new StoredCosts(options.store, this.#cost);
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
   * Hashes a new password. Whether it is a good one, faultOfPassword says.
   *
   * @param place where it waits; with those who are logged in, by default
   * @throws {HttpError} 400 for fewer than 8 characters, and a text that can be
   * no password; 503 where too many are waiting
   */
  async hash(
    password: string,
    place: QueuePlace = loggedInPlace,
  ): Promise<PasswordHash> {
    const fault = faultOfText(password) ??
      faultOfLength(password, leastPasswordLength);
    if (fault !== null) throw new HttpError(400, fault);
    const bytes = encodePassword(password);
    return await this.#queue.run(place, () => makeHash(bytes, this.#cost));
  }

  /**
   * Checks the password of an account, or of null where there is none. It is
   * wrong for an account that is disabled: the right one costs no less.
   *
   * @param place where it waits; with those who are logged in, by default
   * @throws {HttpError} 503 where too many are waiting
   */
  async check(
    password: string,
    account: Pick<Account, "passwordHash" | "isDisabled"> | null,
    place: QueuePlace = loggedInPlace,
  ): Promise<PasswordCheck> {
    await this.#costs.look();
    return await this.#queue.run(place, () => {
      return this.#compare(password, account);
    });
  }

  async #compare(
    password: string,
    account: Pick<Account, "passwordHash" | "isDisabled"> | null,
  ): Promise<PasswordCheck> {
    // With NULs at its end, another text than the password has the same hash by
    // PBKDF2, as HMAC pads its key with them (RFC 2104 §2): they are a fault.
    const canBeRight = faultOfText(password) === null;
    const bytes = canBeRight ? encodePassword(password) : new Uint8Array(0);
    if (account === null) return await this.#fail(bytes, null);

    const { cost, salt, hash } = readPasswordHash(account.passwordHash);
    this.#costs.note(cost);
    const { length } = hash;
    const derived = await derive(bytes, { cost, salt, length });
    const isRight = timingSafeEqual(derived, hash) && canBeRight;
    if (!isRight || account.isDisabled) return await this.#fail(bytes, cost);
    if (!this.#isOutdated(cost)) return { ok: true, upgraded: null };
    return { ok: true, upgraded: await makeHash(bytes, this.#cost) };
  }

  /** Derives what a failure has to, less the hash that it has derived. */
  async #fail(
    bytes: Uint8Array<ArrayBuffer>,
    done: HashCost | null,
  ): Promise<PasswordCheck> {
    const salt = new Uint8Array(saltLength);
    for (const cost of this.#costs.workAfter(done)) {
      await derive(bytes, { cost, salt, length: hashLength });
    }
    return { ok: false };
  }

  /** Says whether a hash is of another scheme than a new one, or cheaper. */
  #isOutdated(cost: HashCost): boolean {
    const today = this.#cost;
    if (cost.scheme === "pbkdf2") {
      return today.scheme !== "pbkdf2" || cost.iterations < today.iterations;
    }
    return today.scheme !== "argon2id" ||
      cost.memory < today.memory || cost.passes < today.passes;
  }
}

const saltLength = 16;
const hashLength = 32;

function costOf(
  { scheme = "argon2id", iterations = 600_000 }: PasswordOptions,
): HashCost {
  if (scheme === "pbkdf2") return { scheme, iterations };
  // OWASP Password Storage: 19 MiB, 2 passes, 1 lane.
  return { scheme, memory: 19_456, passes: 2, lanes: 1 };
}

async function makeHash(
  bytes: Uint8Array<ArrayBuffer>,
  cost: HashCost,
): Promise<PasswordHash> {
  const salt = crypto.getRandomValues(new Uint8Array(saltLength));
  const hash = await derive(bytes, { cost, salt, length: hashLength });
  return writePasswordHash({ cost, salt, hash });
}

function derive(
  bytes: Uint8Array<ArrayBuffer>,
  { cost, salt, length }: {
    readonly cost: HashCost;
    readonly salt: Uint8Array<ArrayBuffer>;
    /** Of PBKDF2 it is always 32. */
    readonly length: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  return cost.scheme === "argon2id"
    ? deriveArgon2id(bytes, { cost, salt, length })
    : derivePbkdf2(bytes, { cost, salt });
}

/** The bytes of a text that can be a password. */
function encodePassword(password: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(normalizePassword(password));
}
