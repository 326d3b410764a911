/**
 * What users do with their own accounts: see who they are, log out, see and end
 * sessions, change the password.
 * Refused: other people's sessions, which are not there (404); a refresh token
 * that is no good; a logout by a token that has no session.
 */

import {
  type Context,
  type Handler,
  HttpError,
  json,
  readFields,
} from "../http/http.ts";
import type { AddsAuthentication, LoggedInContext } from "./authenticate.ts";
import { checkPassword, type PasswordParts } from "./check_password.ts";
import { currentSecond, dateOf } from "./clock.ts";
import { faultOfPassword } from "./new_password.ts";
import { authIsRequired } from "./refusal.ts";
import {
  readRefreshToken,
  type SessionParts,
  sessionsSince,
} from "./session.ts";
import type { SessionStore, Store } from "./store.ts";
import { describeUser, type UserId } from "./user.ts";

/** `GET /get-user`: the line that the tutorial shows of a user. */
export function getUser(): Handler<LoggedInContext> {
  return ({ user }) => json({ user: describeUser(user) });
}

/** `POST /logout`: by the access token, or else by a refresh token. */
export function logout(
  parts: SessionParts,
): Handler<Context & AddsAuthentication> {
  const { store } = parts;
  return async (context) => {
    const everywhere = readEverywhere(context.query);
    const { userId, id } = await readSessionToEnd(parts, context);
    if (everywhere) {
      await store.endAllSessions({ userId, now: currentSecond() });
    } else if (id !== null) {
      await store.endSession({ id, userId });
    } else {
      throw new HttpError(400, "This token has no session: add ?everywhere=1");
    }
    return new Response(null, { status: 204 });
  };
}

/** `GET /sessions`: the user's own, the last refreshed first. */
export function listSessions(
  { store }: { readonly store: SessionStore },
): Handler<LoggedInContext> {
  return async ({ user, sessionId }) => {
    const since = sessionsSince();
    const sessions = await store.listSessions({ userId: user.id, since });
    const shown = sessions.map((session) => ({
      id: session.id,
      created: dateOf(session.createdAt),
      refreshed: dateOf(session.refreshedAt),
      address: session.address,
      agent: session.agent,
      current: session.id === sessionId,
    }));
    return json({ sessions: shown });
  };
}

/** `DELETE /sessions/:id`: ends one of the user's own. */
export function endSession(
  { store }: { readonly store: SessionStore },
): Handler<LoggedInContext & { readonly params: { readonly id: string } }> {
  return async ({ user, params }) => {
    const ended = await store.endSession({ id: params.id, userId: user.id });
    if (!ended) throw new HttpError(404);
    return new Response(null, { status: 204 });
  };
}

/** `POST /password`: changes it, and ends the user's other sessions. */
export function changePassword(
  parts: PasswordParts & {
    readonly store: Store;
    /** The least length of a password in characters; 8 by default. */
    readonly passwordMinLength?: number;
  },
): Handler<LoggedInContext> {
  const { store, passwords, passwordMinLength: minLength } = parts;
  return async ({ request, remoteAddress, user, sessionId }) => {
    const { password, new_password: newPassword } = await readFields(request, [
      "password",
      "new_password",
    ]);
    const { email } = user;
    const fault = faultOfPassword(newPassword, { email, minLength });
    if (fault !== null) throw new HttpError(400, fault);
    const credentials = { email, password, remoteAddress };
    const account = await checkPassword(parts, credentials);
    const passwordHash = await passwords.hash(newPassword);
    const changed = await store.changePassword(account, {
      passwordHash,
      keptSessionId: sessionId,
      now: currentSecond(),
    });
    if (!changed) throw new HttpError(409);
    return new Response(null, { status: 204 });
  };
}

/** What a logout ends; the id is null where the token names no session. */
async function readSessionToEnd(
  parts: SessionParts,
  { request, authentication }: Context & AddsAuthentication,
): Promise<{ readonly userId: UserId; readonly id: string | null }> {
  if (authentication !== null) {
    return { userId: authentication.user.id, id: authentication.sessionId };
  }
  if (!request.headers.has("content-type")) throw authIsRequired();
  const { session } = await readRefreshToken(parts, request);
  return session;
}

function readEverywhere(query: URLSearchParams): boolean {
  const values = query.getAll("everywhere");
  if (values.length === 0) return false;
  if (values.length === 1 && values[0] === "1") return true;
  throw new HttpError(400, "everywhere can be 1, or be left out");
}
