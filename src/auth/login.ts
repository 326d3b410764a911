/**
 * Logging in: an e-mail address and a password for a session's tokens.
 * Refused: wrong credentials, with the same bytes and after the same work whatever is wrong; whoever
 * tries too often.
 */

import { type Context, readFields } from "../http/http.ts";
import type { AuthenticateOptions } from "./authenticate.ts";
import type { PasswordHasher } from "./password.ts";
import { credentialsAreWrong } from "./refusal.ts";
import {
  answerWithTokens,
  type SessionOptions,
  startSession,
} from "./session.ts";
import type { Account, Store } from "./store.ts";
import { admitAttempt } from "./throttle.ts";
import { type Email, parseEmail } from "./user.ts";

/** What the handlers of this folder are made of. */
export interface AuthOptions extends AuthenticateOptions, SessionOptions {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
  /** What hashes and checks passwords. */
  readonly passwords: PasswordHasher;
  /** What throttling counts an address by: equal for one client. */
  readonly throttleKeyOf: (remoteAddress: string | null) => string;
}

/** `POST /login` */
export async function login(
  options: AuthOptions,
  context: Context,
): Promise<Response> {
  const { email: text, password } = await readFields(context.request, [
    "email",
    "password",
  ]);
  const account = await checkPassword(options, {
    email: parseEmail(text),
    password,
  }, context);
  const held = await startSession(options, account, context, "refreshHash");
  return await answerWithTokens(options, held);
}

/**
 * Checks a password under the throttle.
 *
 * @returns the account as it is now stored
 * @throws {HttpError} wrong credentials; 429 after too many attempts, 503 where too many are waiting
 */
export async function checkPassword(
  { store, passwords, throttleKeyOf, refusalStatus }: AuthOptions,
  { email, password }: {
    readonly email: Email | null;
    readonly password: string;
  },
  { remoteAddress }: Context,
): Promise<Account> {
  await passwords.requireRoom(); // first, so that what is refused for lack of room writes nothing
  const account = email === null ? null : await store.findAccountByEmail(email);
  const address = throttleKeyOf(remoteAddress);
  const settle = await admitAttempt(store, { email, account, address });
  const hash = account?.passwordHash ?? null;
  const check = await passwords.check(password, hash).catch(async (error) => {
    await settle("unchecked");
    throw error;
  });
  if (account === null || !check.ok || account.isDisabled) {
    throw credentialsAreWrong(refusalStatus);
  }
  await settle("right");
  const { upgraded } = check;
  if (upgraded === null) return account;
  try {
    const isReplaced = await store.replacePasswordHash(account, upgraded);
    if (isReplaced) return { ...account, passwordHash: upgraded };
  } catch {
    return account; // the password was right all the same; the next login tries again
  }
  const current = await store.findAccount(account.id); // changed, or upgraded by another login
  const again = await passwords.check(password, current?.passwordHash ?? null);
  if (current === null || !again.ok) throw credentialsAreWrong(refusalStatus);
  return current;
}
