/**
 * The storage that auth needs; `storage` implements it.
 */

import type { PasswordHash } from "./password.ts";
import type { Email, User, UserId } from "./user.ts";

/** A user with what a login checks. */
export interface Account extends User {
  /** The hash of the password. */
  readonly passwordHash: PasswordHash;
}

/** What is to be stored of a new user. */
export type NewAccount = Omit<Account, "id">;

/** A value, or the promise of one: a database in the same process needs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** Users in a database. Every method throws what the database throws when it fails. */
export interface UserStore {
  /** The account with that e-mail address, or null. */
  findAccountByEmail(email: Email): Awaitable<Account | null>;
  /** The user with that id, or null. */
  findUser(id: UserId): Awaitable<User | null>;
  /** Stores a new user; null where the e-mail address is taken. */
  addUser(account: NewAccount): Awaitable<User | null>;
  /** Puts a new hash in the place of the one that was read, if that is still there. */
  replacePasswordHash(account: Account, passwordHash: PasswordHash): Awaitable<void>;
  /** Says whether there is any user. */
  hasUsers(): Awaitable<boolean>;
}
