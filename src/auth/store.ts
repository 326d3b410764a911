/**
 * The storage that auth needs; `storage` implements it. Times are whole seconds
 * since 1970, and the caller gives them: a store asks no clock. Every method
 * throws what the database throws when it fails; each change is made whole or
 * not at all.
 */

import type { PasswordHash } from "./password_hash.ts";
import type { Email, User, UserId } from "./user.ts";

/** All that auth keeps in a database. */
export type Store = UserStore & SessionStore & ThrottleStore;

/** A value, or its promise: a database in the same process needs no promise. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What a store throws where its database cannot be reached now. A change that
 * ends so may have been made.
 */
export interface Unavailable extends Error {
  /** What it is known by, in every process and for every class of error. */
  readonly code: "DATABASE_UNAVAILABLE";
}

/** Says whether a store could not reach its database. */
export function isUnavailable(error: unknown): error is Unavailable {
  return error instanceof Error && "code" in error &&
    error.code === "DATABASE_UNAVAILABLE";
}

/**
 * All that is stored of a user. Never an answer: an answer is made of members
 * picked one by one.
 */
export interface Account extends User {
  /** The hash of the password, with its own scheme, salt and cost. */
  readonly passwordHash: PasswordHash;
  /** A disabled user may not log in, and has no session. */
  readonly isDisabled: boolean;
  /** When it was added. */
  readonly createdAt: number;
}

/** What is to be stored of a new user. */
export type NewAccount = Pick<
  Account,
  "email" | "isAdmin" | "passwordHash" | "createdAt"
>;

/** What an administrator changes of a user; what is undefined stays. */
export type UserChange = {
  readonly [Name in "isAdmin" | "isDisabled" | "passwordHash"]?:
    | Account[Name]
    | undefined;
};

/**
 * Who makes a change, as a token has shown. Between the look at the token and
 * the change their session may end, and they may be disabled: so the change is
 * made only where they still may, which is looked at in its own transaction.
 */
export interface Author {
  /** The user of the token. */
  readonly userId: UserId;
  /** The session that the token names; null where it names none. */
  readonly sessionId: string | null;
  /** When a token without a session was issued. */
  readonly issuedAt: number;
  /** A session that was last refreshed before then has ended. */
  readonly since: number;
}

/** What becomes of a change whose author may no longer make it. */
export type NotAllowed = "not_allowed";

/** Users in a database. */
export interface UserStore {
  /** The account with that e-mail address, or null. */
  findAccountByEmail(email: Email): Awaitable<Account | null>;

  /** The account with that id, or null. */
  findAccount(id: UserId): Awaitable<Account | null>;

  /**
   * The user of a token that names no session. Null where there is none, the
   * user is disabled, or such tokens have been refused since it was issued.
   */
  findUserOfToken(token: {
    readonly userId: UserId;
    /** The token's `iat`, any finite number. */
    readonly issuedAt: number;
  }): Awaitable<User | null>;

  /**
   * Stores a new user, where the author is an administrator; null where the
   * e-mail address is taken.
   *
   * @param author null for whoever can open the database
   */
  addUser(
    account: NewAccount,
    author: Author | null,
  ): Awaitable<Account | NotAllowed | null>;

  /**
   * Puts a new hash in the place of the one that was read; false where that one
   * is no longer there.
   */
  replacePasswordHash(
    account: Account,
    passwordHash: PasswordHash,
  ): Awaitable<boolean>;

  /**
   * The first password hash that comes after a text, where hashes are in the
   * order of their bytes; null where none does.
   */
  findPasswordHash(after: string): Awaitable<PasswordHash | null>;

  /** Accounts in the order of their ids. */
  listUsers(batch: {
    /** Only those with greater ids. */
    readonly after: number;
    /** At most so many. */
    readonly limit: number;
  }): Awaitable<readonly Account[]>;

  /**
   * Changes a user, where the author is an administrator, and gives the changed
   * account; to disable it or to set a password ends all its sessions. Null
   * where there is none, "last_admin" where no enabled administrator would be
   * left.
   */
  changeUser(order: {
    readonly id: UserId;
    readonly change: UserChange;
    /** Tokens without a session that were issued before then are refused. */
    readonly tokensFrom: number;
    /** Null for whoever can open the database. */
    readonly author: Author | null;
  }): Awaitable<Account | NotAllowed | "last_admin" | null>;
}

/** A session as it is stored. */
export interface Session {
  /** What an access token names as its `sid`. */
  readonly id: string;
  /** The user who has logged in. */
  readonly userId: UserId;
  /** Shows which refresh tokens this server has made for it. */
  readonly refreshKey: string;
  /** The hash of the refresh token that is to be used next. */
  readonly refreshHash: string;
  /**
   * The hash of another one that may be used in its place: it was given where
   * the token before them came again.
   */
  readonly forkHash: string | null;
  /** The hash of the refresh token before these. */
  readonly spentHash: string | null;
  /** The hash of the secret in a browser's cookie. */
  readonly cookieHash: string | null;
  /** The host at which that cookie was made, and works. */
  readonly host: string | null;
  /** When its user logged in. */
  readonly createdAt: number;
  /** When it was last refreshed, or made. */
  readonly refreshedAt: number;
  /** The client's address, at login. */
  readonly address: string | null;
  /** The client's User-Agent, at login. */
  readonly agent: string | null;
  /** The client's address, when it was last refreshed or made. */
  readonly lastAddress: string | null;
  /** The client's User-Agent then. */
  readonly lastAgent: string | null;
}

/** A session of a browser, and whose it is. */
export interface BrowserSession {
  /** The user who has signed in. */
  readonly user: User;
  /** The session's id. */
  readonly sessionId: string;
}

/** What the use of a refresh token makes of its session. */
export interface Rotation {
  /** The hash of the token that is used. */
  readonly usedHash: string;
  /** The hash of its successor. */
  readonly refreshHash: string;
  /** When it is used. */
  readonly refreshedAt: number;
  /** The client's address then. */
  readonly address: string | null;
  /** The client's User-Agent then. */
  readonly agent: string | null;
}

/** A place in a list of sessions, behind the session of these two. */
export type SessionPlace = Pick<Session, "refreshedAt" | "id">;

/**
 * Sessions in a database. One that was last refreshed before `since` has ended.
 */
export interface SessionStore {
  /**
   * Stores a session; false where the account's password or state is no longer
   * the one given.
   */
  addSession(order: {
    readonly session: Session;
    readonly account: Account;
    /** The hash of a cookie whose session ends; null for none. */
    readonly replacedCookieHash: string | null;
  }): Awaitable<boolean>;

  /** The user of a session, in one query; null where either has ended. */
  findUserOfSession(session: {
    readonly id: string;
    readonly userId: UserId;
    readonly since: number;
  }): Awaitable<User | null>;

  /**
   * The user of a browser's session, and its id; null where one has ended, or
   * the session was made at another host.
   */
  findUserOfCookie(cookie: {
    readonly cookieHash: string;
    readonly host: string;
    readonly since: number;
  }): Awaitable<BrowserSession | null>;

  /** A session of a user who is not disabled, or null. */
  findSession(session: {
    readonly id: string;
    readonly since: number;
  }): Awaitable<Session | null>;

  /** A user's sessions, the last refreshed first. */
  listSessions(batch: {
    readonly userId: UserId;
    readonly since: number;
    /** Only those behind it; null for the first. */
    readonly after: SessionPlace | null;
    /** At most so many. */
    readonly limit: number;
  }): Awaitable<readonly Session[]>;

  /**
   * Compares the hash of a refresh token and swaps it for its successor's;
   * false where `usedHash` is neither of the two that may be used next.
   */
  rotateRefreshToken(id: string, rotation: Rotation): Awaitable<boolean>;

  /**
   * Gives a spent refresh token another successor; false where it was not the
   * last that was spent, or was spent before `since`.
   */
  forkRefreshToken(id: string, fork: {
    readonly spentHash: string;
    readonly forkHash: string;
    readonly since: number;
  }): Awaitable<boolean>;

  /**
   * Ends a session of the user who holds it, and knows its secret; false where
   * there is none.
   */
  endSession(session: {
    readonly id: string;
    readonly userId: UserId;
  }): Awaitable<boolean>;

  /** Ends a session of the author; false where there is none. */
  endOwnSession(
    id: string,
    author: Author,
  ): Awaitable<boolean | NotAllowed>;

  /** Ends all of the author's sessions; false where they may not. */
  endAllSessions(order: {
    readonly author: Author;
    /** Tokens without a session that were issued before then are refused. */
    readonly tokensFrom: number;
  }): Awaitable<true | NotAllowed>;

  /**
   * Changes a password, ends all of the user's sessions and starts a new one;
   * false where the password is no longer the account's.
   */
  changePassword(order: {
    readonly account: Account;
    readonly passwordHash: PasswordHash;
    readonly session: Session;
    /** Tokens without a session that were issued before then are refused. */
    readonly tokensFrom: number;
    readonly author: Author;
  }): Awaitable<boolean | NotAllowed>;

  /** Removes sessions that have ended by age; returns how many. */
  sweepSessions(sweep: {
    /** Only those that were last refreshed before then. */
    readonly before: number;
    /** At most so many. */
    readonly limit: number;
  }): Awaitable<number>;

  /** The number of sessions. */
  countSessions(since: number): Awaitable<number>;
}

/** What there is for an attempt to log in. */
export interface LoginFinding {
  /** The account with that e-mail address; null where there is none. */
  readonly account: Account | null;
  /** Whether that account has logged in from that address. */
  readonly isKnown: boolean;
  /** Whether any account has logged in from that address. */
  readonly isAddressUsed: boolean;
}

/** What attempts to log in are counted by. */
export interface ThrottleKey {
  /** Names a client or a network, an account, or both. */
  readonly key: string;
  /** How many failures make nobody wait; with Infinity, none ever does. */
  readonly freeFailures: number;
  /**
   * Whether its count does not end by itself: then an attempt beyond the free
   * failures waits for ever.
   */
  readonly isLasting: boolean;
}

/** All keys from one to another, both included, in the order of Unicode. */
export interface KeyRange {
  /** The first of them. */
  readonly first: string;
  /** The last of them. */
  readonly last: string;
}

/**
 * Counts of failed attempts in a database, and the addresses from which
 * accounts have logged in. After a key's free failures the next attempt by it
 * must wait one second since the last, and twice as long with each further
 * failure, at most 900 seconds. An attempt has five keys at most, each once.
 */
export interface ThrottleStore {
  /**
   * Looks up whom an attempt to log in is about, always by one statement, so
   * that its time does not tell whether there is an account.
   */
  findLogin(asked: {
    /** Null for a text that can be nobody's. */
    readonly email: Email | null;
    readonly address: string;
  }): Awaitable<LoginFinding>;

  /**
   * Counts an attempt by all keys and returns 0; or by none, where one of them
   * makes it wait: then it returns the seconds of the longest wait, which is
   * Infinity where the key's count is a lasting one.
   */
  countAttempt(keys: readonly ThrottleKey[], time: {
    readonly now: number;
    /** A key that failed last before then starts anew, unless it lasts. */
    readonly since: number;
  }): Awaitable<number>;

  /** Takes back an attempt that was no failure, one of each key. */
  takeBackAttempt(keys: readonly ThrottleKey[]): Awaitable<void>;

  /**
   * Settles an attempt whose password was right: takes it back, forgets
   * failures, and remembers the address for the account. Of more than 20
   * addresses the longest unused are forgotten.
   */
  settleLogin(login: {
    /** One failure of each is taken back. */
    readonly keys: readonly ThrottleKey[];
    /** All failures of these keys are forgotten. */
    readonly forgotten: readonly KeyRange[];
    readonly userId: UserId;
    readonly address: string;
    readonly now: number;
  }): Awaitable<void>;

  /** Forgets failures, and the addresses of a user. */
  forgetAttempts(order: {
    /** All failures of these keys are forgotten. */
    readonly forgotten: readonly KeyRange[];
    /** Whose addresses are forgotten; null for nobody's. */
    readonly addressesOf: UserId | null;
  }): Awaitable<void>;

  /**
   * Removes counts that are old, or else the lowest where there are too many;
   * returns how many.
   */
  sweepThrottle(sweep: {
    /**
     * A count is old whose last failure was before then; a lasting one never
     * is.
     */
    readonly before: number;
    /** At most so many. */
    readonly limit: number;
  }): Awaitable<number>;
}
