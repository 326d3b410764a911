/**
 * Who sends a request: the one place where tokens are verified. The token stands in Authorization,
 * alone or behind "Bearer" (RFC 6750 §2.1).
 * Refused: any other scheme; a token that does not verify, has no `exp`, or is of nobody; a `sub`
 * that disagrees with `user_id`.
 */

import {
  type AddsNothing,
  type Context,
  HttpError,
  type Middleware,
  type Next,
} from "../http/http.ts";
import { type Claims, JwtError, type Policy, type Verifier } from "../jwt/jwt.ts";
import { authIsRequired, type RefusalStatus, tokenIsInvalid } from "./refusal.ts";
import type { Awaitable, UserStore } from "./store.ts";
import { parseUserId, type User } from "./user.ts";

/** What an access token must meet beyond the RFC's own rules. */
export const accessTokenPolicy: Policy = { requiredClaims: ["exp"] };

/** What authentication needs. */
export interface AuthenticateOptions {
  /** Verifies access tokens, by {@link accessTokenPolicy} or a stricter one. */
  readonly verifier: Verifier;
  /** Where users are looked up. */
  readonly users: UserStore;
  /** The status for a bad token. */
  readonly refusalStatus: RefusalStatus;
}

/** Finds out who sends a request: `caller` is null where it carries no token. */
export function authenticate(
  { verifier, users, refusalStatus }: AuthenticateOptions,
): Middleware<Context, { readonly caller: User | null }> {
  return async ({ request }, next) => {
    const credentials = request.headers.get("authorization");
    if (credentials === null || credentials === "") return next({ caller: null });
    const token = readToken(credentials);
    const claims = token === null ? null : await verifyToken(verifier, token);
    const caller = claims === null ? null : await findUser(users, claims);
    if (caller === null) throw tokenIsInvalid(refusalStatus);
    return next({ caller });
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

function findUser(users: UserStore, claims: Claims): Awaitable<User | null> {
  const id = parseUserId(claims["user_id"]);
  const isConsistent = claims.sub === undefined || claims.sub === String(id);
  return id === null || !isConsistent ? null : users.findUser(id);
}
