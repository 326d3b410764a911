/**
 * Throttling of password checks: by client address, by account and address, and by account alone with
 * a higher cap, which is waived for addresses from which the account has logged in. An attempt counts
 * before its password is looked at, and is taken back when it was right, so that many at once gain
 * nothing. Refused: whoever comes before the wait is over (429 with Retry-After).
 */

import { createHash } from "node:crypto";
import { HttpError } from "../http/http.ts";
import { type Account, type Awaitable, currentSecond } from "./store.ts";
import type { Email, UserId } from "./user.ts";

/** What attempts are counted by. */
export interface ThrottleKey {
  /** Names an address, an account, or both. */
  readonly key: string;
  /** How long the next attempt must wait, in seconds since the last of so many failures. */
  readonly waitAfter: (failures: number) => number;
}

/** Counts of failed attempts in a database. Times are whole seconds since 1970. */
export interface ThrottleStore {
  /**
   * Counts an attempt by all keys, or by none: then it returns the seconds to wait, else 0. What
   * failed before `since` no more counts.
   */
  countAttempt(
    keys: readonly ThrottleKey[],
    now: number,
    since: number,
  ): Awaitable<number>;
  /** Takes back one failure of each key, and all of the one that is to be forgotten. */
  takeBackAttempt(
    keys: readonly ThrottleKey[],
    forgotten: string | null,
  ): Awaitable<void>;
  /** Says whether an account has logged in from an address. */
  isKnownAddress(userId: UserId, address: string): Awaitable<boolean>;
  /** Remembers that it has; the longest unused of more than 20 are forgotten. */
  rememberAddress(
    userId: UserId,
    address: string,
    now: number,
  ): Awaitable<void>;
  /** Removes some counts that are old, or the lowest where there are too many; returns how many. */
  sweepThrottle(before: number, limit: number): Awaitable<number>;
}

/** How long a failure counts, in seconds, if no other follows. */
export const throttleSeconds = 3600;

const longestWaitSeconds = 900;

/** An attempt to guess a password. */
export interface Attempt {
  readonly email: Email | null; // null where it can be nobody's
  readonly account: Account | null; // the one with that address
  readonly address: string; // of the client, the same text for all addresses of one client
}

/**
 * Admits an attempt, or throws an HttpError 429 with Retry-After. It counts as failed until what is
 * returned is told that the password was right, or could not be checked.
 */
export async function admitAttempt(
  store: ThrottleStore,
  { email, account, address }: Attempt,
): Promise<(outcome: "right" | "unchecked") => Promise<void>> {
  const isKnown = account !== null &&
    await store.isKnownAddress(account.id, address);
  const keys = keysOf(email, address, isKnown);
  const now = currentSecond();
  const wait = await store.countAttempt(keys, now, now - throttleSeconds);
  if (wait > 0) {
    throw new HttpError(429, undefined, { "retry-after": String(wait) });
  }
  return async (outcome) => {
    const isRight = outcome === "right" && account !== null;
    await store.takeBackAttempt(keys, isRight ? keys[0]?.key ?? null : null);
    if (isRight) await store.rememberAddress(account.id, address, now);
  };
}

function keysOf(
  email: Email | null,
  address: string,
  isKnown: boolean,
): ThrottleKey[] {
  const byAddress = { key: `address ${address}`, waitAfter: waitBeyond(20) };
  if (email === null) return [byAddress]; // it can be nobody's account
  const account = createHash("sha256").update(email).digest("base64url"); // strangers' addresses too
  const byBoth = {
    key: `both ${account} ${address}`,
    waitAfter: waitBeyond(5),
  };
  if (isKnown) return [byBoth, byAddress];
  return [byBoth, byAddress, {
    key: `account ${account}`,
    waitAfter: waitBeyond(100),
  }];
}

/** So many failures are free; then the wait doubles with each. */
function waitBeyond(free: number): (failures: number) => number {
  return (failures) =>
    failures < free ? 0 : Math.min(2 ** (failures - free), longestWaitSeconds);
}
