/**
 * The storage that auth needs; `storage` implements it. Times are whole seconds since 1970. Every
 * method throws what the database throws when it fails; each change is made whole or not at all.
 */

import type { PasswordHash } from "./password.ts";
import type { Email, User, UserId } from "./user.ts";

/** The time in whole seconds since 1970. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1000);
}

/** Seconds since 1970 as a date for people and programs (RFC 3339). */
export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** All that is stored of a user. Never an answer: that is made of members picked one by one. */
export interface Account extends User {
  /** Of the password, with its own salt and cost. */
  readonly passwordHash: PasswordHash;
  /** May not log in. */
  readonly isDisabled: boolean;
  /** When it was added. */
  readonly createdAt: number;
}

/** What is to be stored of a new user. */
export type NewAccount = Pick<Account, "email" | "isAdmin" | "passwordHash">;

/** What an administrator changes of a user; what is undefined stays. */
export type UserChange = {
  readonly [Name in "isAdmin" | "isDisabled" | "passwordHash"]?:
    | Account[Name]
    | undefined;
};

/** A value, or the promise of one: a database in the same process needs no promise. */
export type Awaitable<T> = T | Promise<T>;

/** What a store throws where its database cannot be reached now; a change may have been made. */
export interface Unavailable extends Error {
  /** What it is known by. */
  readonly code: "DATABASE_UNAVAILABLE";
}

/** Says whether a store could not reach its database. */
export function isUnavailable(error: unknown): error is Unavailable {
  return error instanceof Error && "code" in error &&
    error.code === "DATABASE_UNAVAILABLE";
}

/** Users in a database. */
export interface UserStore {
  /** The account with that e-mail address, or null. */
  findAccountByEmail(email: Email): Awaitable<Account | null>;
  /** The account with that id, or null. */
  findAccount(id: UserId): Awaitable<Account | null>;
  /** The user of a token that names no session; null where disabled, or the token is too old. */
  findUserOfToken(id: UserId, issuedAt: number): Awaitable<User | null>;
  /** Stores a new user; null where the e-mail address is taken. */
  addUser(account: NewAccount): Awaitable<Account | null>;
  /** Puts a new hash in the place of the one that was read; false where that is no more there. */
  replacePasswordHash(
    account: Account,
    passwordHash: PasswordHash,
  ): Awaitable<boolean>;
  /** At most that many users with greater ids, in the order of their ids. */
  listUsers(after: number, limit: number): Awaitable<readonly Account[]>;
  /**
   * Changes a user and gives the changed account; a disable or a new password ends all sessions. Null
   * where there is none, "last_admin" where no enabled administrator would be left.
   */
  changeUser(
    id: UserId,
    change: UserChange,
    now: number,
  ): Awaitable<Account | "last_admin" | null>;
}

/** A session as it is stored. */
export interface Session {
  /** What an access token names as its `sid`. */
  readonly id: string;
  /** Whose it is. */
  readonly userId: UserId;
  /** Derives each refresh token from the one before it. */
  readonly refreshKey: string;
  /** Of the refresh token that is to be used next. */
  readonly refreshHash: string;
  /** Of the one before. */
  readonly spentHash: string | null;
  /** Of the secret in a browser's cookie. */
  readonly cookieHash: string | null;
  /** When its user logged in. */
  readonly createdAt: number;
  /** When it was last refreshed, or made. */
  readonly refreshedAt: number;
  /** The client's, at login. */
  readonly address: string | null;
  /** The client's User-Agent. */
  readonly agent: string | null;
}

/** A session of a browser, and whose it is. */
export interface BrowserSession {
  /** Whose it is. */
  readonly user: User;
  /** The session. */
  readonly sessionId: string;
}

/** What the use of a refresh token makes of its session. */
export type Rotation = Pick<
  Session,
  "spentHash" | "refreshHash" | "refreshedAt"
>;

/** Sessions in a database. One that was last refreshed before `since` has ended. */
export interface SessionStore {
  /** Stores a session; false where the account's password or state is no more the one given. */
  addSession(session: Session, account: Account): Awaitable<boolean>;
  /** The user of a session, in one query; null where either has ended. */
  findUserOfSession(
    id: string,
    userId: UserId,
    since: number,
  ): Awaitable<User | null>;
  /** The user of a browser's session, and its id; null where either has ended. */
  findUserOfCookie(
    cookieHash: string,
    since: number,
  ): Awaitable<BrowserSession | null>;
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
  /** The number of sessions. */
  countSessions(since: number): Awaitable<number>;
}
