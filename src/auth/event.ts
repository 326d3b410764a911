/**
 * What happens to accounts and sessions, for a log and for counts: who logged
 * in and who failed, what was ended, what an administrator did to whom.
 * Refused: everything but ids out of the database and words out of closed sets.
 * No event holds a password, a token, a secret or an e-mail address.
 */

import type { LoginOutcome } from "./refusal.ts";
import type { UserId } from "./user.ts";

/** What has happened; `userId` is whose account it is about. */
export type SecurityEvent =
  /** An attempt to log in; the id is null where there is no such account. */
  | {
    readonly event: "login";
    readonly outcome: LoginOutcome;
    readonly userId: UserId | null;
  }
  /**
   * A refresh token came again: "repeated" within the time in which an answer
   * may have been lost, or "reused", which has ended its session.
   */
  | {
    readonly event: "refresh";
    readonly outcome: "repeated" | "reused";
    readonly userId: UserId;
  }
  /** A session was ended by its user, or all of them. */
  | {
    readonly event: "logout";
    readonly what: "session" | "everything";
    readonly userId: UserId;
  }
  /** A user has changed the own password. */
  | { readonly event: "password"; readonly userId: UserId }
  /** An administrator has added or changed an account. */
  | {
    readonly event: "user_added" | "user_changed";
    /** The names of what was set, such as "is_admin=true, password". */
    readonly what: string;
    readonly userId: UserId;
    readonly by: UserId;
  };

/** The request by which it happened. */
export interface EventOrigin {
  /** The client's address; null where it is not known. */
  readonly remoteAddress: string | null;
  /** The id of the request. */
  readonly requestId: string;
}

/** Is told of each event, by the request that brought it on. */
export type OnEvent = (event: SecurityEvent, origin: EventOrigin) => void;
