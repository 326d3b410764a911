/**
 * Throttling of password checks: by client and by the networks around it, by
 * account and client, and by account alone with a count that no time ends. The
 * last one is apart for each address from which the account has logged in, so
 * that a stranger locks nobody out from there. An attempt counts before its
 * password is looked at, and is taken back when it was right, so that many at
 * once gain nothing. Where no address is known, the account is all that counts:
 * if those clients shared a count, a stranger could lock all of them out.
 * Refused: whoever comes before the wait is over, and who guesses at an account
 * that has been guessed at too often (429 with Retry-After).
 */

import { createHash } from "node:crypto";
import { currentSecond } from "./clock.ts";
import { LoginRefusal } from "./refusal.ts";
import type {
  Account,
  KeyRange,
  LoginFinding,
  ThrottleKey,
  ThrottleStore,
  UserChange,
} from "./store.ts";
import type { Email } from "./user.ts";

/** How long a failure counts, in seconds, if no other follows. */
export const throttleSeconds = 3600;

/** What an address is counted by: names, each of a wider network. */
export interface ClientNetworks {
  /** One client, the same text for all its addresses: an IPv6 /64. */
  readonly client: string;
  /**
   * A network that one customer may have, an IPv6 /56; null where the networks
   * around a client are not counted, as for IPv4.
   */
  readonly site: string | null;
  /**
   * The network that waits for its turn as one: an IPv6 /48, which is counted,
   * too, where there is a site; or an IPv4 /24.
   */
  readonly network: string;
}

/** An attempt to guess a password. */
export interface Attempt {
  /** The e-mail address that was sent; null where it can be nobody's. */
  readonly email: Email | null;
  /** What there is of that address. */
  readonly found: LoginFinding;
  /** The client's; null where its address is not known. */
  readonly networks: ClientNetworks | null;
}

/**
 * Admits an attempt. It counts as failed until the function that is returned is
 * told that the password was right, or could not be checked.
 *
 * @throws {HttpError} 429 with Retry-After, where the wait is not over
 */
export async function admitAttempt(
  store: ThrottleStore,
  attempt: Attempt,
): Promise<(outcome: "right" | "unchecked") => Promise<void>> {
  const { found: { account }, networks } = attempt;
  const { keys, forgottenAtSuccess } = keysOf(attempt);
  const now = currentSecond();
  const since = now - throttleSeconds;
  const wait = await store.countAttempt(keys, { now, since });
  if (wait === Infinity) throw accountIsLocked();
  if (wait > 0) {
    const headers = { "retry-after": String(wait) };
    throw new LoginRefusal("throttled", 429, { headers });
  }
  return async (outcome) => {
    if (outcome === "unchecked" || account === null) {
      await store.takeBackAttempt(keys);
      return;
    }
    if (networks === null) {
      await store.takeBackAttempt(keys);
      await store.forgetAttempts({
        forgotten: forgottenAtSuccess,
        addressesOf: null,
      });
      return;
    }
    await store.settleLogin({
      keys,
      forgotten: forgottenAtSuccess,
      userId: account.id,
      address: networks.client,
      now,
    });
  };
}

/**
 * Lets an account be tried again that an administrator has enabled, or given a
 * password: what failed before no longer counts. After a new password the
 * addresses are forgotten, too, from which somebody has logged in by the old
 * one.
 */
export async function forgetAttempts(
  store: ThrottleStore,
  { account, change }: {
    readonly account: Account;
    readonly change: UserChange;
  },
): Promise<void> {
  const hasNewPassword = change.passwordHash !== undefined;
  if (!hasNewPassword && change.isDisabled !== false) return;
  const hash = hashOfEmail(account.email);
  await store.forgetAttempts({
    forgotten: [keysThatBegin(`both ${hash} `), keysOfAccount(hash)],
    addressesOf: hasNewPassword ? account.id : null,
  });
}

/** What an attempt is counted by. */
interface AttemptKeys {
  readonly keys: readonly ThrottleKey[];
  /** The keys whose counts a right password sets back to nothing. */
  readonly forgottenAtSuccess: readonly KeyRange[];
}

/**
 * The keys of an attempt. What need not be waited for is counted all the same,
 * so that the number of keys tells nothing of an account: it depends on the
 * kind of address alone.
 */
function keysOf({ email, found, networks }: Attempt): AttemptKeys {
  const hash = hashOfEmail(email);
  const isNobodys = email === null;
  const { isKnown } = found;
  const client = networks?.client ?? "unknown";

  const byBoth = `both ${hash} ${client}`;
  const byAccount = isKnown ? `account ${hash} ${client}` : `account ${hash}`;
  const keys: ThrottleKey[] = [
    endingKey(byBoth, isNobodys ? Infinity : 5),
    {
      key: byAccount,
      freeFailures: isNobodys ? Infinity : 100,
      isLasting: true,
    },
  ];
  if (networks !== null) keys.push(...keysOfNetworks(networks, isKnown));
  return {
    keys,
    forgottenAtSuccess: [
      { first: byBoth, last: byBoth },
      keysOfAccount(hash),
    ],
  };
}

/** The keys of a client, and of the networks around it that are counted. */
function keysOfNetworks(
  { client, site, network }: ClientNetworks,
  isKnown: boolean,
): readonly ThrottleKey[] {
  const byClient = endingKey(`address ${client}`, 20);
  if (site === null) return [byClient];
  return [
    byClient,
    endingKey(`site ${site}`, isKnown ? Infinity : 60),
    endingKey(`network ${network}`, isKnown ? Infinity : 200),
  ];
}

function endingKey(key: string, freeFailures: number): ThrottleKey {
  return { key, freeFailures, isLasting: false };
}

/** The keys of an account alone, and of it with each known address. */
function keysOfAccount(hash: string): KeyRange {
  return keysThatBegin(`account ${hash}`);
}

function keysThatBegin(start: string): KeyRange {
  // No text of Unicode comes behind its last character.
  return { first: start, last: `${start}\u{10ffff}` };
}

/** Hashed, because the addresses of strangers are stored, too. */
function hashOfEmail(email: Email | null): string {
  return createHash("sha256").update(email ?? "").digest("base64url");
}

function accountIsLocked(): LoginRefusal {
  return new LoginRefusal("locked", 429, {
    message: "Too many wrong passwords for this account: log in from where " +
      "you have logged in before, or ask an administrator",
    // No time opens it: an hour would only bring more of them.
    headers: { "retry-after": String(24 * 3600) },
  });
}
