/**
 * The check of a password, under the throttle.
 * Refused: a wrong password, an unknown address, a disabled account, all with
 * the same bytes and after the same work, by the same statements in the same
 * order; whoever tries too often (429); whatever comes when too many are
 * waiting (503).
 */

import { type Context, readFields } from "../http/http.ts";
import { Crowd } from "./crowd.ts";
import type { PasswordCheck, PasswordHasher } from "./password.ts";
import type { PasswordHash } from "./password_hash.ts";
import type { QueuePlace } from "./queue.ts";
import {
  credentialsAreWrong,
  LoginRefusal,
  type RefusalStatus,
} from "./refusal.ts";
import type {
  Account,
  LoginFinding,
  ThrottleStore,
  UserStore,
} from "./store.ts";
import { admitAttempt, type ClientNetworks } from "./throttle.ts";
import { type Email, parseEmail } from "./user.ts";

/** One for the whole process, because its event loop is one. */
const crowd = new Crowd();

/** What passwords are checked by. */
export interface PasswordParts {
  /** Where users and failed attempts are. */
  readonly store: UserStore & ThrottleStore;
  /** What hashes and checks passwords. */
  readonly passwords: PasswordHasher;
  /**
   * Gives the networks by which throttling counts an address, and by which it
   * waits. It is not asked where no address is known.
   */
  readonly networksOf: (remoteAddress: string) => ClientNetworks | null;
  /** The status for wrong credentials. */
  readonly refusalStatus: RefusalStatus;
}

/** An attempt to log in: who claims to be whom, and from where. */
export interface LoginAttempt {
  /** The e-mail address; null for a text that can be nobody's. */
  readonly email: Email | null;
  /** The password, as it was sent. */
  readonly password: string;
  /** The client's address; null where it is not known. */
  readonly remoteAddress: string | null;
}

/**
 * Checks the `email` and `password` of a request's body.
 *
 * @throws {HttpError} as {@link checkPassword}; and where the body does not
 * have the two fields
 */
export async function checkLoginForm(
  parts: PasswordParts,
  { request, remoteAddress }: Context,
): Promise<Account> {
  const { email, password } = await readFields(request, ["email", "password"]);
  return await checkPassword(parts, {
    email: parseEmail(email),
    password,
    remoteAddress,
  });
}

/**
 * Checks a password.
 *
 * @returns the account as it is now stored
 * @throws {HttpError} wrong credentials; 429 after too many attempts, 503 where
 * too many are waiting
 */
export function checkPassword(
  parts: PasswordParts,
  attempt: LoginAttempt,
): Promise<Account> {
  return crowd.enter(() => findAndCheck(parts, attempt));
}

async function findAndCheck(
  parts: PasswordParts,
  attempt: LoginAttempt,
): Promise<Account> {
  const { email, remoteAddress } = attempt;
  const networks = remoteAddress === null
    ? null
    : parts.networksOf(remoteAddress);
  const found = await parts.store.findLogin({
    email,
    // Nobody has logged in from the address "".
    address: networks?.client ?? "",
  });
  try {
    return await checkFound(parts, { ...attempt, networks, found });
  } catch (error) {
    if (!(error instanceof LoginRefusal)) throw error;
    if (error.status === 429) await crowd.slowDown();
    throw error.of(found.account?.id ?? null);
  }
}

/** An attempt, where it comes from and whom it is about. */
interface FoundAttempt extends LoginAttempt {
  readonly networks: ClientNetworks | null;
  readonly found: LoginFinding;
}

async function checkFound(
  parts: PasswordParts,
  attempt: FoundAttempt,
): Promise<Account> {
  const { account, upgraded } = await admitAndCheck(parts, attempt);
  if (upgraded === null) return account;
  const stored = await storeUpgrade(parts, account, upgraded);
  if (stored !== null) return stored;
  return await recheck(parts, account, attempt);
}

/**
 * Counts the attempt, checks the password and takes the attempt back unless it
 * was wrong. Gives the account, and a hash to be stored instead of its own.
 */
async function admitAndCheck(
  { store, passwords, refusalStatus }: PasswordParts,
  attempt: FoundAttempt,
): Promise<
  { readonly account: Account; readonly upgraded: PasswordHash | null }
> {
  const { account } = attempt.found;
  const place = placeOf(attempt);
  // First, so that what is refused for lack of room writes nothing.
  await passwords.requireRoom(place);
  const settle = await admitAttempt(store, attempt);
  let check: PasswordCheck;
  try {
    check = await passwords.check(attempt.password, account, place);
  } catch (error) {
    await settle("unchecked");
    throw error;
  }
  if (account === null || !check.ok) {
    throw credentialsAreWrong(refusalStatus);
  }
  await settle("right");
  return { account, upgraded: check.upgraded };
}

function placeOf({ networks, found }: FoundAttempt): QueuePlace {
  const network = networks?.network ?? "unknown";
  return { network, isAddressUsed: found.isAddressUsed };
}

/**
 * Stores a hash of today's scheme and cost in the place of another. Gives the
 * account as it then is; null where the hash that was read is no longer there.
 */
async function storeUpgrade(
  { store }: PasswordParts,
  account: Account,
  upgraded: PasswordHash,
): Promise<Account | null> {
  try {
    if (!await store.replacePasswordHash(account, upgraded)) return null;
    return { ...account, passwordHash: upgraded };
  } catch {
    // The password was right all the same, and the next login tries again.
    return account;
  }
}

/**
 * Checks a right password again, because meanwhile its account was changed, or
 * its hash was upgraded by another login.
 */
async function recheck(
  { store, passwords, refusalStatus }: PasswordParts,
  { id }: Account,
  attempt: FoundAttempt,
): Promise<Account> {
  const current = await store.findAccount(id);
  const place = placeOf(attempt);
  const check = await passwords.check(attempt.password, current, place);
  if (current === null || !check.ok) throw credentialsAreWrong(refusalStatus);
  return current;
}
