/**
 * What users do with their own accounts: see who they are, log out, see and end
 * sessions, change the password.
 * Refused: other people's sessions, which are not there (404); a refresh token
 * that is no good; a logout by a token that has no session; a change by somebody
 * whose session has ended in the meantime.
 */

import {
  type Context,
  type Handler,
  HttpError,
  json,
  readFields,
} from "../http/http.ts";
import {
  type AddsAuthentication,
  authorOf,
  type LoggedInContext,
} from "./authenticate.ts";
import { readNumber } from "./batch.ts";
import { checkPassword, type PasswordParts } from "./check_password.ts";
import { dateOf, firstIssueAfterNow } from "./clock.ts";
import { faultOfPassword } from "./new_password.ts";
import { authIsRequired, tokenIsInvalid } from "./refusal.ts";
import {
  answerWithTokens,
  endReused,
  hashOf,
  isUnspent,
  makeSecret,
  makeSession,
  readRefreshToken,
  type SessionParts,
  sessionsSince,
  type TokenParts,
} from "./session.ts";
import type {
  Author,
  NotAllowed,
  SessionPlace,
  SessionStore,
  Store,
} from "./store.ts";
import { describeUser } from "./user.ts";

/** `GET /get-user`: the line that the tutorial shows of a user. */
export function getUser(): Handler<LoggedInContext> {
  return ({ user }) => json({ user: describeUser(user) });
}

/** `POST /logout`: by the access token, or else by a refresh token. */
export function logout(
  parts: SessionParts,
): Handler<Context & AddsAuthentication> {
  return async (context) => {
    const what = readExtent(context.query);
    const { authentication, request } = context;
    if (authentication !== null) {
      await end(parts, { author: authorOf(authentication), what, context });
    } else if (request.headers.has("content-type")) {
      await logOutHolder(parts, { what, context });
    } else {
      throw authIsRequired();
    }
    return new Response(null, { status: 204 });
  };
}

/** `GET /sessions?after=PLACE&limit=NUMBER`: one's own, by their last use. */
export function listSessions(
  { store }: { readonly store: SessionStore },
): Handler<LoggedInContext> {
  return async ({ user, sessionId, query }) => {
    const after = readPlace(query);
    const limit = readNumber(query, "limit", {
      least: 1,
      greatest: 200,
      fallback: 50,
    });
    const sessions = await store.listSessions({
      userId: user.id,
      since: sessionsSince(),
      after,
      // One more than asked for, which shows whether any are left.
      limit: limit + 1,
    });
    const batch = sessions.slice(0, limit);
    const last = batch.at(-1);
    const hasMore = sessions.length > batch.length && last !== undefined;
    const shown = batch.map((session) => ({
      id: session.id,
      created: dateOf(session.createdAt),
      refreshed: dateOf(session.refreshedAt),
      address: session.address,
      agent: session.agent,
      last_address: session.lastAddress,
      last_agent: session.lastAgent,
      current: session.id === sessionId,
    }));
    const next = hasMore ? `${last.refreshedAt}.${last.id}` : null;
    return json({ sessions: shown, next });
  };
}

/** `DELETE /sessions/:id`: ends one of the user's own. */
export function endSession(
  { store, refusalStatus, onEvent }: SessionParts,
): Handler<LoggedInContext & { readonly params: { readonly id: string } }> {
  return async (context) => {
    const { params, user } = context;
    const ended = await store.endOwnSession(params.id, authorOf(context));
    if (ended === "not_allowed") throw tokenIsInvalid(refusalStatus);
    if (!ended) throw new HttpError(404);
    const userId = user.id;
    onEvent?.({ event: "logout", what: "session", userId }, context);
    return new Response(null, { status: 204 });
  };
}

/**
 * `POST /password`: changes it, and ends all of the user's sessions. The answer
 * begins a new one, as a login does.
 */
export function changePassword(
  parts: PasswordParts & TokenParts & {
    readonly store: Store;
    /** The least length of a password in characters; 8 by default. */
    readonly passwordMinLength?: number;
  },
): Handler<LoggedInContext> {
  const { store, passwords, refusalStatus, onEvent } = parts;
  const minLength = parts.passwordMinLength;
  return async (context) => {
    const { request, remoteAddress, user } = context;
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
    const secret = makeSecret();
    const session = makeSession(user.id, {
      secret: { refreshHash: hashOf(secret) },
      context,
    });
    const changed = await store.changePassword({
      account,
      passwordHash,
      session,
      tokensFrom: firstIssueAfterNow(),
      author: authorOf(context),
    });
    if (changed === "not_allowed") throw tokenIsInvalid(refusalStatus);
    if (!changed) throw new HttpError(409);
    onEvent?.({ event: "password", userId: user.id }, context);
    return await answerWithTokens(parts, { session, secret });
  };
}

/** What a logout ends. */
type LogoutExtent = "session" | "everything";

/**
 * Logs out by a refresh token. One that is spent ends its own session and no
 * other: whoever finds an old one can do no more with it.
 *
 * @throws {HttpError} where it is no good, or is spent and should end more
 */
async function logOutHolder(
  parts: SessionParts,
  { what, context }: {
    readonly what: LogoutExtent;
    readonly context: Context;
  },
): Promise<void> {
  const held = await readRefreshToken(parts, context.request);
  const { session } = held;
  if (isUnspent(held)) {
    const author = {
      userId: session.userId,
      sessionId: session.id,
      issuedAt: session.createdAt,
      since: sessionsSince(),
    };
    return await end(parts, { author, what, context });
  }
  await endReused(parts, { session, context });
  if (what === "everything") throw tokenIsInvalid(parts.refusalStatus);
}

/**
 * Ends what the author wants to end of their own.
 *
 * @throws {HttpError} where there is no session to end, or not any longer
 */
async function end(
  { store, refusalStatus, onEvent }: SessionParts,
  { author, what, context }: {
    readonly author: Author;
    readonly what: LogoutExtent;
    readonly context: Context;
  },
): Promise<void> {
  const { userId, sessionId } = author;
  let ended: boolean | NotAllowed;
  if (what === "everything") {
    const tokensFrom = firstIssueAfterNow();
    ended = await store.endAllSessions({ author, tokensFrom });
  } else if (sessionId !== null) {
    ended = await store.endOwnSession(sessionId, author);
  } else {
    throw new HttpError(400, "This token has no session: add ?everywhere=1");
  }
  // Somebody else has ended it since the token was looked at.
  if (ended !== true) throw tokenIsInvalid(refusalStatus);
  onEvent?.({ event: "logout", what, userId }, context);
}

function readExtent(query: URLSearchParams): LogoutExtent {
  const values = query.getAll("everywhere");
  if (values.length === 0) return "session";
  if (values.length === 1 && values[0] === "1") return "everything";
  throw new HttpError(400, "everywhere can be 1, or be left out");
}

/** The place that `next` of the batch before has named; null for the first. */
function readPlace(query: URLSearchParams): SessionPlace | null {
  if (!query.has("after")) return null;
  // Where the name is repeated, the text has a comma and is no place.
  const text = query.getAll("after").join(",");
  const { seconds, id } = placeForm.exec(text)?.groups ?? {};
  if (seconds === undefined || id === undefined) {
    throw new HttpError(400, "after must be what next of an answer was");
  }
  return { refreshedAt: Number(seconds), id };
}

const placeForm = /^(?<seconds>\d{1,15})\.(?<id>[\w-]{22})$/;
