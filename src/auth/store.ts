/**
 * The storage that auth needs; `storage` implements it. Times are whole seconds since 1970. Every
 * method throws what the database throws when it fails; each change is made whole or not at all.
 */

import type { PasswordHash } from "./password.ts";
import type { Email, User, UserId } from "./user.ts";

/** A user with what a login checks; who is disabled may not log in. */
export interface Account extends User {
  readonly passwordHash: PasswordHash;
  readonly isDisabled: boolean;
}

/** What is to be stored of a new user. */
export type NewAccount = Pick<Account, "email" | "isAdmin" | "passwordHash">;

/** A user as administrators see one. */
export interface UserDetails extends User {
  readonly isDisabled: boolean;
  readonly createdAt: number;
}

/** What an administrator changes of a user; what is undefined stays. */
export interface UserChange {
  readonly isAdmin?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly passwordHash?: PasswordHash | undefined;
}

/** The user after the change, or that no enabled administrator would have been left. */
export type ChangedUser = UserDetails | "last_admin";

/** A value, or the promise of one: a database in the same process needs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** Users in a database. */
export interface UserStore {
  /** The account with that e-mail address, or null. */
  findAccountByEmail(email: Email): Awaitable<Account | null>;
  /** The account with that id, or null. */
  findAccount(id: UserId): Awaitable<Account | null>;
  /** The user of a token that names no session; null where disabled, or the token is too old. */
  findUserOfToken(id: UserId, issuedAt: number): Awaitable<User | null>;
  /** Stores a new user; null where the e-mail address is taken. */
  addUser(account: NewAccount): Awaitable<User | null>;
  /** Puts a new hash in the place of the one that was read; false where that is no more there. */
  replacePasswordHash(account: Account, passwordHash: PasswordHash): Awaitable<boolean>;
  /** Says whether there is any user. */
  hasUsers(): Awaitable<boolean>;
  /** A user as administrators see one, or null. */
  findUserDetails(id: UserId): Awaitable<UserDetails | null>;
  /** At most that many users with greater ids, in the order of their ids. */
  listUsers(after: number, limit: number): Awaitable<readonly UserDetails[]>;
  /** Changes a user; a disable or a new password ends all sessions. Null where there is none. */
  changeUser(id: UserId, change: UserChange, now: number): Awaitable<ChangedUser | null>;
}

/** A session as it is stored. */
export interface Session {
  readonly id: string;
  readonly userId: UserId;
  readonly refreshKey: string; // derives each refresh token from the one before it
  readonly refreshHash: string; // of the refresh token that is to be used next
  readonly spentHash: string | null; // of the one before
  readonly createdAt: number;
  readonly refreshedAt: number;
  readonly address: string | null; // of the client, at login
  readonly agent: string | null; // its User-Agent
}

/** The use of a refresh token: its hash, the hash of its successor, and when. */
export interface Rotation {
  readonly spentHash: string;
  readonly refreshHash: string;
  readonly now: number;
}

/** Sessions in a database. One that was last refreshed before `since` has ended. */
export interface SessionStore {
  /** Stores a session; false where the account's password or state is no more the one given. */
  addSession(session: Session, account: Account): Awaitable<boolean>;
  /** The user of a session, in one query; null where either has ended. */
  findUserOfSession(id: string, userId: UserId, since: number): Awaitable<User | null>;
  /** A session of a user who is not disabled, or null. */
  findSession(id: string, since: number): Awaitable<Session | null>;
  /** A user's sessions, the last refreshed first. */
  listSessions(userId: UserId, since: number): Awaitable<readonly Session[]>;
  /** Compares the hash of the refresh token and swaps it for its successor's; false if it differs. */
  rotateRefreshToken(id: string, rotation: Rotation): Awaitable<boolean>;
  /** Ends a session of that user; false where there is none. */
  endSession(id: string, userId: UserId): Awaitable<boolean>;
  /** Ends all of a user's sessions, and refuses the tokens without a session that were issued. */
  endAllSessions(userId: UserId, now: number): Awaitable<void>;
  /** Changes a password and ends the other sessions; false where the password is no more that one. */
  changePassword(
    account: Account,
    passwordHash: PasswordHash,
    kept: { readonly sessionId: string | null; readonly now: number },
  ): Awaitable<boolean>;
  /** Removes at most that many sessions that were last refreshed before then; returns how many. */
  sweepSessions(before: number, limit: number): Awaitable<number>;
}
