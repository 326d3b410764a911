/**
 * Bearer tokens in requests (RFC 6750): where a token stands, and the
 * middleware that has it verified by a function of the program's.
 * Refused, with 401 and the challenge of RFC 6750 §3: no token, another scheme,
 * what is no token68 (RFC 6750 §2.1), and what the function refuses. A fault of
 * the function is no refusal.
 */

import type { Context, Middleware } from "./context.ts";
import {
  defaultChallenge,
  HttpError,
  isJwtError,
  tokenIsInvalid,
} from "./error.ts";

/**
 * "Bearer", a space, and the 8,192 characters that onejot/jwt takes at most. No
 * sum: bundlers would keep this file for who does not use it.
 */
const longestValue = 8199;

/**
 * Says what a token claims, as the verifiers of onejot/jwt do. Refuses a token
 * with a JwtError, or with null.
 */
export type TokenCheck<Claims extends object> = (
  token: string,
) => Claims | null | Promise<Claims | null>;

/** What `bearer` adds to a context. */
export interface AddsClaims<Claims extends object> {
  /** What the token of the request claims. */
  readonly claims: Claims;
}

/**
 * Makes the middleware that turns away requests without a good token, and adds
 * what the token claims.
 *
 * @param check the function that `rememberVerified` of onejot/jwt makes, or any
 * other one
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bearer, json, router } from "onejot/http";
 * import { generateKey, rememberVerified, sign } from "onejot/jwt";
 *
 * const key = await generateKey();
 * const verifier = rememberVerified(key, { requiredClaims: ["sub", "exp"] });
 * const site = router();
 * site.use(bearer(verifier)).get("/me", ({ claims }) => json(claims.sub));
 *
 * const token = await sign({ sub: "ada" }, key, { lifetimeSeconds: 900 });
 * const headers = { authorization: `Bearer ${token}` };
 * const response = await site.request("/me", { headers });
 * assert.equal(await response.json(), "ada");
 *
 * const refusal = await site.request("/me");
 * assert.equal(refusal.status, 401);
 * assert.equal(refusal.headers.get("www-authenticate"), 'Bearer realm="api"');
 * ```
 */
export function bearer<Claims extends object>(
  check: TokenCheck<Claims>,
): Middleware<Context, AddsClaims<Claims>> {
  return async ({ request }, next) => {
    const value = request.headers.get("authorization") ?? "";
    const token = bearerTokenOf(value);
    if (token === null) throw tokenIsMissing();
    const claims = await claimsOf(token, check);
    if (claims === null) throw tokenIsInvalid();
    return next({ claims });
  };
}

/**
 * The token in a value of Authorization that has the scheme Bearer; null where
 * it has another one, or none. The token itself is not looked at.
 *
 * A value that is longer than the longest token needs, whatever of it is
 * spaces, is given as a whole: as a token it is too long, and nothing is cut
 * out of it.
 */
export function bearerTokenOf(authorization: string): string | null {
  const schemeEnd = authorization.indexOf(" ");
  if (schemeEnd < 0) return null;
  // RFC 9110 §11.1: the name of a scheme is without case.
  const scheme = authorization.slice(0, schemeEnd).toLowerCase();
  if (scheme !== "bearer") return null;
  if (authorization.length > longestValue) return authorization;
  // RFC 9110 §11.4 allows any number of spaces.
  return authorization.slice(schemeEnd).replace(/^ +/, "");
}

/** RFC 6750 §2.1: b64token, which is the token68 of RFC 9110 §11.2. */
const b64token = /^[\w.~+/-]+=*$/;

/** What a token claims; null where it is refused. */
async function claimsOf<Claims extends object>(
  token: string,
  check: TokenCheck<Claims>,
): Promise<Claims | null> {
  if (!b64token.test(token)) return null;
  try {
    // A program without types may also give undefined.
    return await check(token) ?? null;
  } catch (error) {
    if (isJwtError(error)) return null;
    throw error;
  }
}

/** RFC 6750 §3.1: who sent no token is told of no error. */
function tokenIsMissing(): HttpError {
  return new HttpError(401, "Auth required", {
    "www-authenticate": defaultChallenge,
  });
}
