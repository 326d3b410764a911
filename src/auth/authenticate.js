/**
 * Who sends a request: the one place where tokens are verified. The token stands in Authorization,
 * alone or behind "Bearer" (RFC 6750 §2.1).
 * Refused: any other scheme; a token that does not verify, has no `exp`, is of nobody or of a session
 * that has ended; a `sub` that disagrees with `user_id`.
 */
import { HttpError } from "../http/http.ts";
import { JwtError } from "../jwt/jwt.ts";
import { authIsRequired, tokenIsInvalid } from "./refusal.ts";
import { sessionsSince } from "./session.ts";
import { parseUserId } from "./user.ts";
/** What an access token must meet beyond the RFC's own rules. */
export const accessTokenPolicy = { requiredClaims: ["exp"] };
/** Finds out who sends a request. */
export function authenticate(options) {
  return async ({ request }, next) => {
    const credentials = request.headers.get("authorization") ?? "";
    if (credentials === "") {
      return next({ caller: null, sessionId: null });
    }
    const found = await findCaller(options, credentials);
    if (found === null) {
      throw tokenIsInvalid(options.refusalStatus);
    }
    return next(found);
  };
}
/** Turns away requests without a token. */
export function loginRequired({ caller }, next) {
  if (caller === null) {
    throw authIsRequired();
  }
  return next({ user: caller });
}
/** Turns away users who are no administrators. */
export function adminRequired({ user }, next) {
  if (!user.isAdmin) {
    throw new HttpError(403, "Administrators only");
  }
  return next({});
}
/** Who sends these credentials; null where they are refused, which `onRefusal` is told. */
export async function findCaller(options, credentials) {
  try {
    const claims = await options.verifier(readToken(credentials));
    const caller = await findUser(options, claims);
    const sid = claims["sid"];
    if (caller !== null) {
      return { caller, sessionId: typeof sid === "string" ? sid : null };
    }
    options.onRefusal?.("nobody");
  } catch (error) {
    if (!(error instanceof JwtError)) {
      throw error; // a fault of ours must not look like a bad token
    }
    options.onRefusal?.(error.code);
  }
  return null;
}
/** The token out of a header value. Throws a JwtError where another scheme than Bearer is there. */
function readToken(credentials) {
  const space = credentials.indexOf(" ");
  if (space < 0) {
    return credentials; // the tutorial's way: the token alone
  }
  const scheme = credentials.slice(0, space).toLowerCase(); // RFC 9110 §11.1: without case
  if (scheme !== "bearer") {
    throw new JwtError("malformed");
  }
  return credentials.slice(space).replace(/^ +/, "");
}
function findUser({ store }, claims) {
  const id = parseUserId(claims["user_id"]);
  const isConsistent = claims.sub === undefined || claims.sub === String(id);
  if (id === null || !isConsistent) {
    return null;
  }
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
