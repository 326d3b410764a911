/**
 * Logging in: an e-mail address and a password for a session's tokens.
 * Refused: what check_password.ts refuses; a body that is not a form or a JSON
 * object with the two.
 */

import { type Context, type Handler, HttpError } from "../http/http.ts";
import { checkLoginForm, type PasswordParts } from "./check_password.ts";
import type { OnEvent } from "./event.ts";
import { type LoginOutcome, LoginRefusal } from "./refusal.ts";
import {
  answerWithTokens,
  hashOf,
  makeSecret,
  type SessionParts,
  startSession,
  type TokenParts,
} from "./session.ts";
import type { Account, Store } from "./store.ts";
import type { UserId } from "./user.ts";

/** What a sign-in with a browser is made of. */
export interface SignInParts extends PasswordParts, SessionParts {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
  /** Is told how each attempt to log in ended, and whose account it was. */
  readonly onEvent?: OnEvent;
}

/** What a login is made of. */
export interface LoginParts extends SignInParts, TokenParts {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
}

/** `POST /login`: gives an access token and a refresh token. */
export function login(parts: LoginParts): Handler<Context> {
  return answerLogin(parts, async (account, context) => {
    const secret = makeSecret();
    const session = await startSession(parts, {
      account,
      context,
      secret: { refreshHash: hashOf(secret) },
    });
    return await answerWithTokens(parts, { session, secret });
  });
}

/**
 * Makes a handler that checks the password of a request's body and answers by
 * a function. Tells `onEvent` what came of it.
 */
export function answerLogin(
  parts: SignInParts,
  answer: (account: Account, context: Context) => Promise<Response>,
): Handler<Context> {
  return async (context) => {
    let account: Account | null = null;
    let response: Response;
    try {
      account = await checkLoginForm(parts, context);
      response = await answer(account, context);
    } catch (error) {
      const outcome = outcomeOf(error);
      const userId = account?.id ?? userOf(error);
      parts.onEvent?.({ event: "login", outcome, userId }, context);
      throw error;
    }
    const userId = account.id;
    parts.onEvent?.({ event: "login", outcome: "right", userId }, context);
    return response;
  };
}

function outcomeOf(error: unknown): LoginOutcome {
  if (error instanceof LoginRefusal) return error.outcome;
  // Whatever else a login refuses is a body that it cannot read.
  return error instanceof HttpError ? "malformed" : "failed";
}

/** Whose account a refusal was about; null where nobody knows. */
function userOf(error: unknown): UserId | null {
  return error instanceof LoginRefusal ? error.userId : null;
}
