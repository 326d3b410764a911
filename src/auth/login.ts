/**
 * Logging in: an e-mail address and a password for a session's tokens.
 * Refused: wrong credentials, with the same bytes and after the same work whatever is wrong; whoever
 * tries too often.
 */

import { type Context, type Handler, readFields } from "../http/http.ts";
import type { Needs } from "./options.ts";
import type { PasswordHash } from "./password.ts";
import { credentialsAreWrong } from "./refusal.ts";
import { type SessionNeeds, startSession } from "./session.ts";
import type { Account, UserStore } from "./store.ts";
import { type Email, parseEmail } from "./user.ts";

/** What checking a password needs. */
export type PasswordCheckNeeds = Needs<"users" | "passwords" | "throttle">;

/** Makes the handler of `POST /login`. */
export function login(
  options: PasswordCheckNeeds & SessionNeeds & Needs<"refusalStatus">,
): Handler<Context> {
  return async (context) => {
    const { email: text, password } = await readFields(context.request, ["email", "password"]);
    const email = parseEmail(text);
    const found = email === null ? null : await options.users.findAccountByEmail(email);
    const account = await checkPassword(options, { email, account: found }, password, context);
    const answer = account === null ? null : await startSession(options, account, context);
    if (answer === null) throw credentialsAreWrong(options.refusalStatus);
    return answer;
  };
}

/**
 * Checks a password under the throttle; null where it is wrong, or nobody's.
 *
 * @returns the account as it is now stored
 * @throws {HttpError} 429 where there were too many attempts, 503 where too many are waiting
 */
export async function checkPassword(
  { users, passwords, throttle }: PasswordCheckNeeds,
  { email, account }: { readonly email: Email | null; readonly account: Account | null },
  password: string,
  { remoteAddress }: Context,
): Promise<Account | null> {
  await passwords.requireRoom(); // first, so that what is refused for lack of room writes nothing
  const settle = await throttle.admit(email, account, remoteAddress);
  const hash = account?.passwordHash ?? null;
  const check = await passwords.check(password, hash).catch(async (error) => {
    await settle("unchecked");
    throw error;
  });
  if (account === null || !check.ok || account.isDisabled) return null;
  await settle("right");
  if (check.upgraded === null) return account;
  const upgraded = await upgradeHash(users, account, check.upgraded);
  if (upgraded !== null) return upgraded;
  const current = await users.findAccount(account.id); // changed, or upgraded by another login
  const again = await passwords.check(password, current?.passwordHash ?? null);
  return again.ok ? current : null;
}

/** The account with the new hash; null where another one has taken the old one's place. */
async function upgradeHash(
  users: UserStore,
  account: Account,
  passwordHash: PasswordHash,
): Promise<Account | null> {
  try {
    const isReplaced = await users.replacePasswordHash(account, passwordHash);
    return isReplaced ? { ...account, passwordHash } : null;
  } catch {
    return account; // the password was right all the same; the next login tries again
  }
}
