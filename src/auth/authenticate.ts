/**
 * Who sends a request: the one place where tokens are verified. The token stands in Authorization,
 * alone or behind "Bearer" (RFC 6750 §2.1).
 * Refused: any other scheme; a token that does not verify, has no `exp`, is of nobody or of a session
 * that has ended; a `sub` that disagrees with `user_id`.
 */

import {
  type AddsNothing,
  type Context,
  HttpError,
  type Middleware,
} from "../http/http.ts";
import type { Next } from "../http/http.ts";
import {
  type Claims,
  JwtError,
  type JwtErrorCode,
  type Policy,
} from "../jwt/jwt.ts";
import type { Verifier } from "../jwt/jwt.ts";
import {
  authIsRequired,
  type RefusalStatus,
  tokenIsInvalid,
} from "./refusal.ts";
import { sessionsSince } from "./session.ts";
import type { Awaitable, SessionStore, UserStore } from "./store.ts";
import { parseUserId, type User } from "./user.ts";

/** What an access token must meet beyond the RFC's own rules. */
export const accessTokenPolicy: Policy = { requiredClaims: ["exp"] };

/** What tokens are checked by. */
export interface AuthenticateOptions {
  /** Where users and sessions are. */
  readonly store: UserStore & SessionStore;
  /** By {@link accessTokenPolicy} or a stricter one. */
  readonly verifier: Verifier;
  /** The status for wrong credentials and bad tokens. */
  readonly refusalStatus: RefusalStatus;
  /** Told of each token that is refused. */
  readonly onRefusal?: (code: TokenRefusal) => void;
}

/** Why a token is refused; "nobody": its user or its session is no more. */
export type TokenRefusal = JwtErrorCode | "nobody";

/** Who sends a request, and by which session. */
export interface Caller {
  /** Null for a request without a token. */
  readonly caller: User | null;
  /** The session that the token names. */
  readonly sessionId: string | null;
}

/** What the handlers behind the login-required guard have. */
export interface LoggedIn {
  /** Who sends the request. */
  readonly user: User;
}

/** Finds out who sends a request. */
export function authenticate(
  options: AuthenticateOptions,
): Middleware<Context, Caller> {
  return async ({ request }, next) => {
    const credentials = request.headers.get("authorization") ?? "";
    if (credentials === "") return next({ caller: null, sessionId: null });
    const found = await findCaller(options, credentials);
    if (found === null) throw tokenIsInvalid(options.refusalStatus);
    return next(found);
  };
}

/** Turns away requests without a token. */
export function loginRequired(
  { caller }: Caller,
  next: Next<LoggedIn>,
): Promise<Response> {
  if (caller === null) throw authIsRequired();
  return next({ user: caller });
}

/** Turns away users who are no administrators. */
export function adminRequired(
  { user }: LoggedIn,
  next: Next<AddsNothing>,
): Promise<Response> {
  if (!user.isAdmin) throw new HttpError(403, "Administrators only");
  return next({});
}

/** Who sends these credentials; null where they are refused, which `onRefusal` is told. */
export async function findCaller(
  options: AuthenticateOptions,
  credentials: string,
): Promise<Caller | null> {
  try {
    const claims = await options.verifier(readToken(credentials));
    const caller = await findUser(options, claims);
    const sid = claims["sid"];
    if (caller !== null) {
      return { caller, sessionId: typeof sid === "string" ? sid : null };
    }
    options.onRefusal?.("nobody");
  } catch (error) {
    if (!(error instanceof JwtError)) throw error; // a fault of ours must not look like a bad token
    options.onRefusal?.(error.code);
  }
  return null;
}

/** The token out of a header value. Throws a JwtError where another scheme than Bearer is there. */
function readToken(credentials: string): string {
  const space = credentials.indexOf(" ");
  if (space < 0) return credentials; // the tutorial's way: the token alone
  const scheme = credentials.slice(0, space).toLowerCase(); // RFC 9110 §11.1: without case
  if (scheme !== "bearer") throw new JwtError("malformed");
  return credentials.slice(space).replace(/^ +/, "");
}

function findUser(
  { store }: AuthenticateOptions,
  claims: Claims,
): Awaitable<User | null> {
  const id = parseUserId(claims["user_id"]);
  const isConsistent = claims.sub === undefined || claims.sub === String(id);
  if (id === null || !isConsistent) return null;
  if (!Object.hasOwn(claims, "sid")) {
    return store.findUserOfToken({
      userId: id,
      issuedAt: claims.iat ?? 0,
    });
  }
  const sid = claims["sid"];
  return typeof sid === "string"
    ? store.findUserOfSession({
      id: sid,
      userId: id,
      since: sessionsSince(),
    })
    : null;
}
