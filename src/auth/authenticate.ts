/**
 * Who sends a request: the one place where tokens are verified, and the guards
 * that ask for a login and for an administrator.
 * Refused: another scheme than Bearer; a token that does not verify, has no
 * `exp`, is of nobody or of a session that has ended; a `sub` that disagrees
 * with `user_id`; without a session, an `iat` ahead of the clock.
 */

import {
  type AddsNothing,
  type Context,
  HttpError,
  type Middleware,
} from "../http/http.ts";
import {
  type Claims,
  JwtError,
  type JwtErrorCode,
  type Policy,
  type Verifier,
} from "../jwt/jwt.ts";
import { type Credentials, readCredentials } from "./authorization.ts";
import {
  authIsRequired,
  type RefusalStatus,
  tokenIsInvalid,
} from "./refusal.ts";
import { lastIssue } from "./clock.ts";
import { sessionsSince } from "./session.ts";
import type { Author, Awaitable, SessionStore, UserStore } from "./store.ts";
import { parseUserId, type User } from "./user.ts";

/** What an access token must meet beyond the RFC's own rules. */
export const accessTokenPolicy: Policy = { requiredClaims: ["exp"] };

/** Why a token is refused; "nobody": its user or its session is not there. */
export type TokenRefusal = JwtErrorCode | "nobody";

/** Which access tokens are accepted. */
export type AccessTokens = "any" | "sessions";

/** What tokens are checked by. */
export interface TokenCheckParts {
  /** Where users and sessions are. */
  readonly store: UserStore & SessionStore;
  /** Verifies tokens by {@link accessTokenPolicy} or a stricter policy. */
  readonly verifier: Verifier;
  /**
   * "sessions": a token must name a session, so that who has the secret alone
   * can make none. "any", by default, takes others, too, as the tutorial's
   * clients have them.
   */
  readonly accessTokens?: AccessTokens;
  /** Is told of each token that is refused. */
  readonly onRefusal?: (code: TokenRefusal) => void;
}

/** What `authenticate` is made of. */
export interface AuthenticateParts extends TokenCheckParts {
  /** The status for a bad token. */
  readonly refusalStatus: RefusalStatus;
}

/** Who sends a request, as its token shows; `loginRequired` adds it. */
export interface Authentication {
  /** The user of the token. */
  readonly user: User;
  /** The session that the token names; null where it names none. */
  readonly sessionId: string | null;
  /** When the token was issued, as it says; 0 where it does not. */
  readonly issuedAt: number;
}

/** The author of a change that somebody makes who is logged in. */
export function authorOf(
  { user, sessionId, issuedAt }: Authentication,
): Author {
  return { userId: user.id, sessionId, issuedAt, since: sessionsSince() };
}

/** What `authenticate` adds to a context. */
export interface AddsAuthentication {
  /** Null for a request without a token. */
  readonly authentication: Authentication | null;
}

/** What a handler behind `loginRequired` receives. */
export type LoggedInContext = Context & Authentication;

/**
 * Makes the middleware that finds out who sends a request. One without a token
 * goes on, with null; one with a bad token is refused.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { accessTokenPolicy, authenticate, loginRequired } from "onejot/auth";
 * import { json, router } from "onejot/http";
 * import { generateKey, rememberVerified } from "onejot/jwt";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const store = openSqlite(":memory:");
 * const verifier = rememberVerified(await generateKey(), accessTokenPolicy);
 *
 * const site = router(); // the routes that hang here are public
 * const loggedIn = site
 *   .use(authenticate({ store, verifier, refusalStatus: 401 }))
 *   .use(loginRequired());
 * loggedIn.get("/me", ({ user }) => json({ email: user.email }));
 *
 * const headers = { host: "localhost", authorization: "Bearer x" };
 * const request = new Request("http://localhost/me", { headers });
 * const response = await site.fetch(request);
 * assert.equal(response.status, 401);
 * assert.deepEqual(await response.json(), { message: "Token is invalid" });
 * store.close();
 * ```
 */
export function authenticate(
  parts: AuthenticateParts,
): Middleware<Context, AddsAuthentication> {
  return async ({ request }, next) => {
    const credentials = readCredentials(request.headers.get("authorization"));
    if (credentials === null) return next({ authentication: null });
    const authentication = await authenticateCredentials(parts, credentials);
    if (authentication === null) throw tokenIsInvalid(parts.refusalStatus);
    return next({ authentication });
  };
}

/** Makes the middleware that turns away requests without a token. */
export function loginRequired(): Middleware<
  AddsAuthentication,
  Authentication
> {
  return ({ authentication }, next) => {
    if (authentication === null) throw authIsRequired();
    return next(authentication);
  };
}

/** Makes the middleware that turns away users who are no administrators. */
export function adminRequired(): Middleware<Authentication, AddsNothing> {
  return ({ user }, next) => {
    if (!user.isAdmin) throw new HttpError(403, "Administrators only");
    return next({});
  };
}

/**
 * Finds out who sends credentials.
 *
 * @returns null where they are refused, which `onRefusal` has been told
 */
export async function authenticateCredentials(
  parts: TokenCheckParts,
  credentials: Credentials,
): Promise<Authentication | null> {
  if (credentials === "other scheme") {
    parts.onRefusal?.("malformed");
    return null;
  }
  try {
    const claims = await parts.verifier(credentials.token);
    const user = await loadUser(parts, claims);
    if (user !== null) {
      const issuedAt = claims.iat ?? 0;
      return { user, sessionId: readSessionId(claims), issuedAt };
    }
    parts.onRefusal?.("nobody");
  } catch (error) {
    // A fault of ours must not look like a bad token.
    if (!(error instanceof JwtError)) throw error;
    parts.onRefusal?.(error.code);
  }
  return null;
}

/** The user of a token whose signature and times are right, in one query. */
function loadUser(
  { store, accessTokens }: TokenCheckParts,
  claims: Claims,
): Awaitable<User | null> {
  const userId = parseUserId(claims["user_id"]);
  if (userId === null) return null;
  if (claims.sub !== undefined && claims.sub !== String(userId)) return null;
  if (!Object.hasOwn(claims, "sid")) {
    const issuedAt = claims.iat ?? 0;
    // One that lies ahead would outlive a logout.
    if (accessTokens === "sessions" || issuedAt > lastIssue()) return null;
    return store.findUserOfToken({ userId, issuedAt });
  }
  const id = readSessionId(claims);
  if (id === null) return null;
  return store.findUserOfSession({ id, userId, since: sessionsSince() });
}

function readSessionId(claims: Claims): string | null {
  const sid = claims["sid"];
  return typeof sid === "string" ? sid : null;
}
