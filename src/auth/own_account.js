/**
 * What a user does with the own account: log out, see and end sessions, change the password.
 * Refused: other people's sessions, which are not there (404); a refresh token that is no good; a
 * logout by a token that has no session.
 */
import { HttpError, json, readFields } from "../http/http.ts";
import { checkPassword } from "./login.ts";
import { faultOfPassword } from "./password.ts";
import { authIsRequired } from "./refusal.ts";
import { readRefreshToken, sessionsSince } from "./session.ts";
import { currentSecond, dateOf } from "./clock.ts";
/** `POST /logout`: by the access token, or else by a refresh token. */
export async function logout(options, context) {
  const { request, query, caller, sessionId } = context;
  const isEverywhere = readEverywhere(query);
  if (caller === null && !request.headers.has("content-type")) {
    throw authIsRequired();
  }
  const { userId, id } = caller === null
    ? (await readRefreshToken(options, request)).session
    : { userId: caller.id, id: sessionId };
  if (isEverywhere) {
    await options.store.endAllSessions({ userId, now: currentSecond() });
  } else if (id !== null) {
    await options.store.endSession({ id, userId });
  } else {
    throw new HttpError(400, "This token has no session: add ?everywhere=1");
  }
  return new Response(null, { status: 204 });
}
/** `GET /sessions` */
export async function listSessions({ store }, context) {
  const found = await store.listSessions({
    userId: context.user.id,
    since: sessionsSince(),
  });
  const sessions = found.map((
    { id, createdAt, refreshedAt, address, agent },
  ) => ({
    id,
    created: dateOf(createdAt),
    refreshed: dateOf(refreshedAt),
    address,
    agent,
    current: id === context.sessionId,
  }));
  return json({ sessions });
}
/** `DELETE /sessions/:id` */
export async function endSession({ store }, { user, params }) {
  if (!await store.endSession({ id: params.id, userId: user.id })) {
    throw new HttpError(404);
  }
  return new Response(null, { status: 204 });
}
/** `POST /password` */
export async function changePassword(options, context) {
  const { store, passwords } = options;
  const names = ["password", "new_password"];
  const { password, new_password: newPassword } = await readFields(
    context.request,
    names,
  );
  const fault = faultOfPassword(newPassword);
  if (fault !== null) {
    throw new HttpError(400, fault);
  }
  const account = await checkPassword(options, {
    email: context.user.email,
    password,
  }, context);
  const passwordHash = await passwords.hash(newPassword);
  const isChanged = await store.changePassword(account, {
    passwordHash,
    keptSessionId: context.sessionId,
    now: currentSecond(),
  });
  if (!isChanged) {
    throw new HttpError(409);
  }
  return new Response(null, { status: 204 });
}
function readEverywhere(query) {
  const values = query.getAll("everywhere").join();
  if (values === "1" || !query.has("everywhere")) {
    return values === "1";
  }
  throw new HttpError(400, "everywhere can be 1, or be left out");
}
