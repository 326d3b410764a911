/**
 * Who sends a request: the one place where tokens are verified. The token stands in Authorization,
 * alone or behind "Bearer" (RFC 6750 §2.1).
 * Refused: any other scheme; a token that does not verify, has no `exp`, is of nobody or of a session
 * that has ended; a `sub` that disagrees with `user_id`.
 */

import { type AddsNothing, type Context, HttpError, type Middleware } from "../http/http.ts";
import type { Next } from "../http/http.ts";
import { type Claims, JwtError, type Policy, type Verifier } from "../jwt/jwt.ts";
import type { Needs } from "./options.ts";
import { authIsRequired, tokenIsInvalid } from "./refusal.ts";
import { sessionsSince } from "./session.ts";
import type { Awaitable } from "./store.ts";
import { parseUserId, type User } from "./user.ts";

/** What an access token must meet beyond the RFC's own rules. */
export const accessTokenPolicy: Policy = { requiredClaims: ["exp"] };

/** Who sends a request, and by which session. */
export interface Caller {
  /** The user, or null for a request without a token. */
  readonly caller: User | null;
  /** The session that the token names, or null. */
  readonly sessionId: string | null;
}

/** Finds out who sends a request. */
export function authenticate(
  options: Needs<"users" | "sessions" | "verifier" | "refusalStatus">,
): Middleware<Context, Caller> {
  return async ({ request }, next) => {
    const credentials = request.headers.get("authorization");
    if (credentials === null || credentials === "") return next({ caller: null, sessionId: null });
    const token = readToken(credentials);
    const claims = token === null ? null : await verifyToken(options.verifier, token);
    const caller = claims === null ? null : await findUser(options, claims);
    if (claims === null || caller === null) throw tokenIsInvalid(options.refusalStatus);
    const sid = claims["sid"];
    return next({ caller, sessionId: typeof sid === "string" ? sid : null });
  };
}

/** Turns away requests without a token; the handlers behind it have `user`. */
export function loginRequired(
  { caller }: { readonly caller: User | null },
  next: Next<{ readonly user: User }>,
): Promise<Response> {
  if (caller === null) throw authIsRequired();
  return next({ user: caller });
}

/** Turns away users who are no administrators. */
export function adminRequired(
  { user }: { readonly user: User },
  next: Next<AddsNothing>,
): Promise<Response> {
  if (!user.isAdmin) throw new HttpError(403, "Administrators only");
  return next({});
}

/** The token out of a header value; null where another scheme than Bearer stands before it. */
function readToken(credentials: string): string | null {
  const space = credentials.indexOf(" ");
  if (space < 0) return credentials; // the tutorial's way: the token alone
  const scheme = credentials.slice(0, space).toLowerCase(); // RFC 9110 §11.1: without case
  return scheme === "bearer" ? credentials.slice(space).replace(/^ +/, "") : null;
}

async function verifyToken(verifier: Verifier, token: string): Promise<Claims | null> {
  try {
    return await verifier(token);
  } catch (error) {
    if (error instanceof JwtError) return null;
    throw error; // a fault of ours must not look like a bad token
  }
}

function findUser(options: Needs<"users" | "sessions">, claims: Claims): Awaitable<User | null> {
  const { users, sessions } = options;
  const id = parseUserId(claims["user_id"]);
  const isConsistent = claims.sub === undefined || claims.sub === String(id);
  if (id === null || !isConsistent) return null;
  if (!Object.hasOwn(claims, "sid")) return users.findUserOfToken(id, claims.iat ?? 0);
  const sid = claims["sid"];
  return typeof sid === "string" ? sessions.findUserOfSession(sid, id, sessionsSince()) : null;
}
