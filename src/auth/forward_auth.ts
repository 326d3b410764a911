/**
 * Who somebody is, for a proxy that asks before it lets a request through to a
 * service behind it: 200 with the user in X-Auth-* fields, or not signed in. It
 * makes no decision by path.
 * Refused: a bad token, also together with a good cookie.
 */

import type { Context, Handler } from "../http/http.ts";
import {
  authenticateCredentials,
  type TokenCheckParts,
} from "./authenticate.ts";
import { readCredentials } from "./authorization.ts";
import { findBrowserSession, hostOf } from "./cookie.ts";
import { authIsRequired, tokenIsInvalid } from "./refusal.ts";
import type { User } from "./user.ts";
import { readWayBack } from "./way_back.ts";

/** `GET /forward-auth/nginx`, for auth_request: 200 or 401. */
export function forwardAuthForNginx(
  parts: TokenCheckParts,
): Handler<Context> {
  return async ({ request }) => {
    const user = await findVisitor(parts, request, hostOf(request.headers));
    if (user === null) throw authIsRequired();
    return identify(user);
  };
}

/**
 * `GET /forward-auth`, for Caddy and Traefik: the same, and browsers are sent
 * to the page to sign in, below `pathPrefix`.
 */
export function forwardAuth(
  parts: TokenCheckParts & { readonly pathPrefix: string },
): Handler<Context> {
  return async ({ request }) => {
    const host = forwardedHost(request.headers);
    const user = await findVisitor(parts, request, host);
    if (user !== null) return identify(user);
    const { headers } = request;
    if (!headers.get("accept")?.includes("text/html")) throw authIsRequired();
    const wayBack = readWayBack(headers.get("x-forwarded-uri"));
    const location = `${parts.pathPrefix}/signin?return=${wayBack}`;
    return new Response(null, { status: 302, headers: { location } });
  };
}

/**
 * The host that a visitor has asked for. Traefik asks onejot at the host of
 * onejot, and says there which one the visitor named; Caddy says the same in
 * both. Each writes this field itself, in the place of what a visitor has sent.
 * nginx does not, so that its route takes Host alone.
 */
function forwardedHost(headers: Headers): string {
  const host = headers.get("x-forwarded-host");
  return host === null ? hostOf(headers) : host.toLowerCase();
}

/**
 * The user of the token, or else of the cookie. Credentials of another scheme
 * than Bearer are the service's own.
 */
async function findVisitor(
  parts: TokenCheckParts,
  request: Request,
  host: string,
): Promise<User | null> {
  const credentials = readCredentials(request.headers.get("authorization"));
  if (credentials === null || credentials === "other scheme") {
    const session = await findBrowserSession(parts, request, host);
    return session?.user ?? null;
  }
  const authentication = await authenticateCredentials(parts, credentials);
  // 401, whatever the status for bad tokens is: proxies know no other.
  if (authentication === null) throw tokenIsInvalid(401);
  return authentication.user;
}

/**
 * Every field is set every time, so that none of the client's own comes through
 * in its place.
 */
function identify({ id, email, isAdmin }: User): Response {
  const headers = {
    "x-auth-user-id": String(id),
    "x-auth-email": email,
    "x-auth-admin": String(isAdmin),
  };
  return new Response(null, { headers });
}
