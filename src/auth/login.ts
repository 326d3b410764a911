/**
 * Logging in: an e-mail address and a password for a token.
 * Refused: wrong credentials, with the same bytes and after the same work whatever is wrong.
 */

import { type Context, type Handler, json, readFields } from "../http/http.ts";
import { type HmacKey, sign } from "../jwt/jwt.ts";
import type { PasswordHash, PasswordHasher } from "./password.ts";
import { credentialsAreWrong, type RefusalStatus } from "./refusal.ts";
import type { Account, UserStore } from "./store.ts";
import { parseEmail } from "./user.ts";

/** What a login needs. */
export interface LoginOptions {
  /** Where accounts are looked up. */
  readonly users: UserStore;
  /** Checks passwords. */
  readonly passwords: PasswordHasher;
  /** The key that signs tokens. */
  readonly key: HmacKey;
  /** How long a token lives, in seconds. */
  readonly lifetimeSeconds: number;
  /** The status for wrong credentials. */
  readonly refusalStatus: RefusalStatus;
}

/** Makes the handler of `POST /login`. */
export function login(options: LoginOptions): Handler<Context> {
  return async ({ request }) => {
    const { email, password } = await readFields(request, ["email", "password"]);
    const account = await checkCredentials(options, email, password);
    if (account === null) throw credentialsAreWrong(options.refusalStatus);
    const claims = { sub: String(account.id), user_id: account.id };
    const token = await sign(claims, options.key, { lifetimeSeconds: options.lifetimeSeconds });
    return json({ token }, { headers: { "cache-control": "no-store" } }); // RFC 6749 §5.1
  };
}

async function checkCredentials(
  { users, passwords }: LoginOptions,
  emailText: string,
  password: string,
): Promise<Account | null> {
  const email = parseEmail(emailText);
  const account = email === null ? null : await users.findAccountByEmail(email);
  const check = await passwords.check(password, account?.passwordHash ?? null);
  if (account === null || !check.ok) return null;
  if (check.upgraded !== null) await upgradeHash(users, account, check.upgraded);
  return account;
}

async function upgradeHash(
  users: UserStore,
  account: Account,
  passwordHash: PasswordHash,
): Promise<void> {
  try {
    await users.replacePasswordHash(account, passwordHash);
  } catch {
    // the password was right all the same; the next login tries again
  }
}
