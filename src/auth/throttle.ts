/**
 * Throttling of password checks: by client address, by account and address, and
 * by account alone with a higher cap, which is waived for addresses from which
 * the account has logged in. An attempt counts before its password is looked
 * at, and is taken back when it was right, so that many at once gain nothing.
 * Refused: whoever comes before the wait is over (429 with Retry-After).
 */

import { createHash } from "node:crypto";
import { currentSecond } from "./clock.ts";
import { LoginRefusal } from "./refusal.ts";
import type { Account, ThrottleKey, ThrottleStore } from "./store.ts";
import type { Email } from "./user.ts";

/** How long a failure counts, in seconds, if no other follows. */
export const throttleSeconds = 3600;

/** An attempt to guess a password. */
export interface Attempt {
  /** The e-mail address that was sent; null where it can be nobody's. */
  readonly email: Email | null;
  /** The account with that address. */
  readonly account: Account | null;
  /** The client's, the same text for all addresses of one client. */
  readonly address: string;
}

/**
 * Admits an attempt. It counts as failed until the function that is returned is
 * told that the password was right, or could not be checked.
 *
 * @throws {HttpError} 429 with Retry-After, where the wait is not over
 */
export async function admitAttempt(
  store: ThrottleStore,
  { email, account, address }: Attempt,
): Promise<(outcome: "right" | "unchecked") => Promise<void>> {
  const isKnown = account !== null &&
    await store.isKnownAddress({ userId: account.id, address });
  const keys = keysOf({ email, address, isKnown });
  const now = currentSecond();
  const since = now - throttleSeconds;
  const wait = await store.countAttempt(keys.attempt, { now, since });
  if (wait > 0) {
    const headers = { "retry-after": String(wait) };
    throw new LoginRefusal("throttled", 429, { headers });
  }
  return async (outcome) => {
    const isRight = outcome === "right" && account !== null;
    const forgotten = isRight ? keys.forgottenAtSuccess : null;
    await store.takeBackAttempt({ keys: keys.attempt, forgotten });
    if (!isRight) return;
    await store.rememberAddress({ userId: account.id, address, now });
  };
}

/** What an attempt is counted by. */
interface AttemptKeys {
  readonly attempt: readonly ThrottleKey[];
  /** The text of the key whose count a right password sets back to nothing. */
  readonly forgottenAtSuccess: string | null;
}

function keysOf({ email, address, isKnown }: {
  readonly email: Email | null;
  readonly address: string;
  readonly isKnown: boolean;
}): AttemptKeys {
  const byAddress = { key: `address ${address}`, freeFailures: 20 };
  // It can be nobody's account.
  if (email === null) return { attempt: [byAddress], forgottenAtSuccess: null };

  // Hashed, because the addresses of strangers are stored, too.
  const account = createHash("sha256").update(email).digest("base64url");
  const byBoth = { key: `both ${account} ${address}`, freeFailures: 5 };
  const attempt = [byBoth, byAddress];
  if (!isKnown) attempt.push({ key: `account ${account}`, freeFailures: 100 });
  return { attempt, forgottenAtSuccess: byBoth.key };
}
