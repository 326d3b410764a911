/**
 * Signing in and out with a browser, by a page that needs no JavaScript. What
 * comes of it is a cookie and no token. The way back is the rest of the query
 * behind `return=`, as it stands, so that a proxy need not escape it.
 */

import {
  type AddsNothing,
  type Context,
  type Handler,
  HttpError,
  type Middleware,
} from "../http/http.ts";
import {
  findBrowserSession,
  hostOf,
  readCookie,
  sessionCookie,
} from "./cookie.ts";
import { answerLogin, type SignInParts } from "./login.ts";
import { LoginRefusal } from "./refusal.ts";
import { hashOf, makeSecret, startSession } from "./session.ts";
import {
  renderRefusedSignIn,
  renderSignedIn,
  renderSignIn,
} from "./sign_in_page.ts";
import type { OnEvent } from "./event.ts";
import type { SessionStore } from "./store.ts";
import { readWayBack } from "./way_back.ts";

/** `GET /signin`: the form, or who is signed in and a button to sign out. */
export function showSignIn(
  parts: { readonly store: SessionStore },
): Handler<Context> {
  return async ({ request }) => {
    const session = await findBrowserSession(parts, request);
    return session === null
      ? renderSignIn()
      : renderSignedIn(session.user.email);
  };
}

/**
 * `POST /signin`: sets the cookie and goes back. A session that the browser had
 * ends, whoever's it was.
 */
export function signIn(parts: SignInParts): Handler<Context> {
  return answerLogin(parts, async (account, context) => {
    const secret = makeSecret();
    const { request } = context;
    const former = readCookie(request.headers);
    await startSession(parts, {
      account,
      context,
      secret: { cookieHash: hashOf(secret), host: hostOf(request.headers) },
      // The browser is about to lose it, and nobody else may find it.
      replacedCookieHash: former === null ? null : hashOf(former),
    });
    const wayBack = readWayBack(returnOf(context.rawQuery));
    return goTo(wayBack, sessionCookie(request, secret));
  });
}

/** `POST /signout`: ends the session and removes the cookie. */
export function signOut(
  { store, onEvent }: {
    readonly store: SessionStore;
    /** Is told of it. */
    readonly onEvent?: OnEvent;
  },
): Handler<Context> {
  return async (context) => {
    const { request } = context;
    const session = await findBrowserSession({ store }, request);
    if (session !== null) {
      const { sessionId, user } = session;
      const userId = user.id;
      await store.endSession({ id: sessionId, userId });
      onEvent?.({ event: "logout", what: "session", userId }, context);
    }
    return goTo("signin", sessionCookie(request, null));
  };
}

/**
 * Makes the middleware that shows a refusal on the page, for the person who has
 * sent the form.
 */
export function showRefusal(): Middleware<Context, AddsNothing> {
  return async (_context, next) => {
    try {
      return await next({});
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return renderRefusedSignIn(error.message + adviceOf(error), error);
    }
  };
}

/** When to try again, where that alone helps. */
function adviceOf(error: HttpError): string {
  const { "retry-after": seconds } = error.headers;
  if (seconds === undefined) return "";
  // Its own message says what else to do.
  if (error instanceof LoginRefusal && error.outcome === "locked") return "";
  return `: try again in ${seconds} seconds`;
}

/** What stands behind `?return=`, up to the end; null where it is not there. */
function returnOf(rawQuery: string): string | null {
  const start = "?return=";
  return rawQuery.startsWith(start) ? rawQuery.slice(start.length) : null;
}

function goTo(location: string, cookie: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "set-cookie": cookie },
  });
}
