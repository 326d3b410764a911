/**
 * What a user does with the own account: refresh, log out, see and end sessions, change the password.
 * Refused: other people's sessions, which are not there (404); a refresh token that is no good; a
 * logout by a token that has no session.
 */

import { type Context, type Handler, HttpError, json, readFields } from "../http/http.ts";
import type { Caller } from "./authenticate.ts";
import { checkPassword, type PasswordCheckNeeds } from "./login.ts";
import type { Needs } from "./options.ts";
import { faultOfPassword } from "./password.ts";
import { authIsRequired, credentialsAreWrong, tokenIsInvalid } from "./refusal.ts";
import { findSessionOf, refreshSession, type SessionNeeds, sessionsSince } from "./session.ts";
import type { SessionStore } from "./store.ts";
import { currentSecond } from "./throttle.ts";
import type { User, UserId } from "./user.ts";

/** What a handler behind the login-required guard receives. */
type Member = Context & Caller & { readonly user: User };

/** Makes the handler of `POST /refresh`. */
export function refresh(options: SessionNeeds & Needs<"refusalStatus">): Handler<Context> {
  return async ({ request }) => {
    const { refresh_token: token } = await readFields(request, ["refresh_token"]);
    const answer = await refreshSession(options, token);
    if (answer === null) throw tokenIsInvalid(options.refusalStatus);
    return answer;
  };
}

/** Makes the handler of `POST /logout`: by the access token, or else by a refresh token. */
export function logout(options: Needs<"sessions" | "refusalStatus">): Handler<Context & Caller> {
  const { sessions } = options;
  return async ({ request, query, caller, sessionId }) => {
    const isEverywhere = readEverywhere(query);
    const { userId, id } = caller === null
      ? await readSession(options, request)
      : { userId: caller.id, id: sessionId };
    if (isEverywhere) await sessions.endAllSessions(userId, currentSecond());
    else if (id !== null) await sessions.endSession(id, userId);
    else throw new HttpError(400, "This token has no session: add ?everywhere=1");
    return new Response(null, { status: 204 });
  };
}

/** Makes the handler of `GET /sessions`. */
export function listSessions(sessions: SessionStore): Handler<Member> {
  return async ({ user, sessionId }) => {
    const found = await sessions.listSessions(user.id, sessionsSince());
    return json({
      sessions: found.map(({ id, createdAt, refreshedAt, address, agent }) => ({
        id,
        created: dateOf(createdAt),
        refreshed: dateOf(refreshedAt),
        address,
        agent,
        current: id === sessionId,
      })),
    });
  };
}

/** Makes the handler of `DELETE /sessions/:id`. */
export function endSession(
  sessions: SessionStore,
): Handler<Member & { readonly params: { readonly id: string } }> {
  return async ({ user, params }) => {
    if (!await sessions.endSession(params.id, user.id)) throw new HttpError(404);
    return new Response(null, { status: 204 });
  };
}

/** Makes the handler of `POST /password`. */
export function changePassword(
  options: PasswordCheckNeeds & Needs<"sessions" | "refusalStatus">,
): Handler<Member> {
  const { users, sessions, passwords, refusalStatus } = options;
  return async (context) => {
    const names = ["password", "new_password"] as const;
    const { password, new_password: newPassword } = await readFields(context.request, names);
    const fault = faultOfPassword(newPassword);
    if (fault !== null) throw new HttpError(400, fault);
    const { id, email } = context.user;
    const found = await users.findAccount(id);
    const account = await checkPassword(options, { email, account: found }, password, context);
    if (account === null) throw credentialsAreWrong(refusalStatus);
    const passwordHash = await passwords.hash(newPassword);
    const kept = { sessionId: context.sessionId, now: currentSecond() };
    if (!await sessions.changePassword(account, passwordHash, kept)) throw new HttpError(409);
    return new Response(null, { status: 204 });
  };
}

/** Seconds since 1970 as a date for people and programs (RFC 3339). */
export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function readEverywhere(query: URLSearchParams): boolean {
  const values = query.getAll("everywhere").join();
  if (values === "1" || !query.has("everywhere")) return values === "1";
  throw new HttpError(400, "everywhere can be 1, or be left out");
}

async function readSession(
  { sessions, refusalStatus }: Needs<"sessions" | "refusalStatus">,
  request: Request,
): Promise<{ userId: UserId; id: string | null }> {
  if (!request.headers.has("content-type")) throw authIsRequired();
  const { refresh_token: token } = await readFields(request, ["refresh_token"]);
  const session = await findSessionOf(sessions, token);
  if (session === null) throw tokenIsInvalid(refusalStatus);
  return session;
}
