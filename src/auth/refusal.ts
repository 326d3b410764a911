/**
 * How a request without a good login is refused: the tutorial's status, or RFC
 * 6750's, and the challenge that RFC 6750 §3 and RFC 9110 §11.6.1 ask for. None
 * of the refusals says which part of what was sent is wrong.
 */

import { HttpError, type HttpErrorStatus } from "../http/http.ts";
import type { UserId } from "./user.ts";

/**
 * The status for wrong credentials and bad tokens: the tutorial's 400, or RFC
 * 6750's 401.
 */
export type RefusalStatus = 400 | 401;

/**
 * How an attempt to log in ended. "throttled": it came too soon; "locked": the
 * account was guessed at too often, and no time ends that; "busy": too many
 * wait for their passwords to be checked; "malformed": there was no e-mail
 * address with a password; "failed": by a fault of the server.
 */
export type LoginOutcome =
  | "right"
  | "wrong"
  | "throttled"
  | "locked"
  | "busy"
  | "malformed"
  | "failed";

type RefusedOutcome = Exclude<LoginOutcome, "right" | "malformed" | "failed">;

const challenge = 'Bearer realm="onejot"';

/**
 * Refuses a login, and says in addition with which outcome it has ended, and
 * for whom. That is for a log: a client is told nothing of it.
 */
export class LoginRefusal extends HttpError {
  /** How the attempt ended. */
  readonly outcome: RefusedOutcome;
  /** Whose account it was; null where there is none, or nobody has looked. */
  readonly userId: UserId | null;

  /** Makes a refusal; its message is the status's own words by default. */
  constructor(
    outcome: RefusedOutcome,
    status: HttpErrorStatus,
    { message, headers, userId = null }: {
      readonly message?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly userId?: UserId | null;
    },
  ) {
    super(status, message, headers);
    this.outcome = outcome;
    this.userId = userId;
  }

  /** The same refusal, of a login to that account. */
  of(userId: UserId | null): LoginRefusal {
    const { outcome, status, message, headers } = this;
    return new LoginRefusal(outcome, status, { message, headers, userId });
  }
}

/** Refuses a token, whatever is wrong with it. */
export function tokenIsInvalid(status: RefusalStatus): HttpError {
  // RFC 6750 §3.1
  const headers = { "www-authenticate": `${challenge}, error="invalid_token"` };
  return new HttpError(status, "Token is invalid", headers);
}

/** Refuses a request that has no token. */
export function authIsRequired(): HttpError {
  return new HttpError(401, "Auth required", { "www-authenticate": challenge });
}

/**
 * Refuses an e-mail address and a password, without telling which of them is
 * wrong.
 */
export function credentialsAreWrong(status: RefusalStatus): LoginRefusal {
  // RFC 9110 §15.5.2: a 401 has a challenge, and no other status needs one.
  const headers = status === 401 ? { "www-authenticate": challenge } : {};
  return new LoginRefusal("wrong", status, {
    message: "Wrong credentials",
    headers,
  });
}
