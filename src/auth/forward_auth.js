/**
 * Who somebody is, for a proxy that asks before it lets a request through to a service behind it:
 * 200 with the user in X-Auth-* fields, or not signed in. It makes no decision by path.
 * Refused: a bad token, also beside a good cookie; a way back that is no path of the same host.
 */
import { findCaller } from "./authenticate.ts";
import { findBrowserSession } from "./cookie.ts";
import { authIsRequired, tokenIsInvalid } from "./refusal.ts";
/** `GET /forward-auth/nginx`, for auth_request: 200 or 401. */
export async function forwardAuthForNginx(options, { request }) {
  const user = await findVisitor(options, request);
  if (user === null) {
    throw authIsRequired();
  }
  return identify(user);
}
/** `GET /forward-auth`, for Caddy and Traefik: the same, and browsers are sent to the login page. */
export async function forwardAuth(options, { request }) {
  const user = await findVisitor(options, request);
  if (user !== null) {
    return identify(user);
  }
  if (!request.headers.get("accept")?.includes("text/html")) {
    throw authIsRequired();
  }
  const wayBack = readWayBack(request.headers.get("x-forwarded-uri"));
  const location = `${options.pathPrefix}/signin?return=${wayBack}`;
  return new Response(null, { status: 302, headers: { location } });
}
/** A path of the same host, with its query; "/" in place of anything else. */
export function readWayBack(text) {
  const isPath = text !== null && /^\/(?!\/)[!-[\]-~]*$/.test(text); // no "\": to browsers it is "/"
  return isPath ? text : "/";
}
/** The user of the token, or else of the cookie. Another scheme than Bearer is the service's own. */
async function findVisitor(options, request) {
  const credentials = request.headers.get("authorization") ?? "";
  if (!/^(?:[^ ]+$|bearer )/i.test(credentials)) {
    return (await findBrowserSession(options, request))?.user ?? null;
  }
  const found = await findCaller(options, credentials);
  if (found === null) {
    throw tokenIsInvalid(401); // whatever AUTH_STATUS says
  }
  return found.caller;
}
/** Every field is set every time, so that none of the client's own comes through in its place. */
function identify({ id, email, isAdmin }) {
  const headers = {
    "x-auth-user-id": String(id),
    "x-auth-email": email,
    "x-auth-admin": String(isAdmin),
  };
  return new Response(null, { headers });
}
