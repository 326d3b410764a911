/**
 * Logging in: an e-mail address and a password for a session's tokens.
 * Refused: what check_password.ts refuses; a body that is not a form or a JSON
 * object with the two.
 */

import { type Context, type Handler, HttpError } from "../http/http.ts";
import { checkLoginForm, type PasswordParts } from "./check_password.ts";
import { type LoginOutcome, LoginRefusal } from "./refusal.ts";
import {
  answerWithTokens,
  hashOf,
  makeSecret,
  type SessionParts,
  startSession,
  type TokenParts,
} from "./session.ts";
import type { Store } from "./store.ts";

/** What a sign-in with a browser is made of. */
export interface SignInParts extends PasswordParts, SessionParts {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
  /** Is told how each attempt to log in ended. */
  readonly onLogin?: (outcome: LoginOutcome) => void;
}

/** What a login is made of. */
export interface LoginParts extends SignInParts, TokenParts {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
}

/** `POST /login`: gives an access token and a refresh token. */
export function login(parts: LoginParts): Handler<Context> {
  return (context) => {
    return tellOutcome(parts, async () => {
      const account = await checkLoginForm(parts, context);
      const secret = makeSecret();
      const session = await startSession(parts, {
        account,
        context,
        secret: { refreshHash: hashOf(secret) },
      });
      return await answerWithTokens(parts, { session, secret });
    });
  };
}

/** Answers by a function, and tells `onLogin` what came of it. */
export async function tellOutcome(
  { onLogin }: Pick<SignInParts, "onLogin">,
  answer: () => Promise<Response>,
): Promise<Response> {
  let response: Response;
  try {
    response = await answer();
  } catch (error) {
    onLogin?.(outcomeOf(error));
    throw error;
  }
  onLogin?.("right");
  return response;
}

function outcomeOf(error: unknown): LoginOutcome {
  if (error instanceof LoginRefusal) return error.outcome;
  // Whatever else a login refuses is a body that it cannot read.
  return error instanceof HttpError ? "malformed" : "failed";
}
