/**
 * onejot's router, with a middleware that goes by the token alone: with the
 * argument "remembered" through a verifier with a memory, with "verify" without
 * one.
 */

import process from "node:process";
import {
  type Context,
  HttpError,
  json,
  type Middleware,
  router,
} from "../../../../src/http/http.ts";
import {
  type Claims,
  importKey,
  JwtError,
  rememberVerified,
} from "../../../../src/jwt/jwt.ts";
import { type Verifier, verify } from "../../../../src/jwt/jwt.ts";
import { readToken, secret, serve } from "./serve.ts";

const key = await importKey(new TextEncoder().encode(secret));
const policy = { requiredClaims: ["exp"] }; // as the auth server's
const verifier: Verifier = process.argv[2] === "remembered"
  ? rememberVerified(key, policy)
  : (token) => verify(token, key, policy);

const authenticate: Middleware<Context, { claims: Claims }> = async (
  { request },
  next,
) => {
  return next({ claims: await findClaims(readToken(request)) });
};

const site = router();
site.use(authenticate).get(
  "/get-user",
  ({ claims }) => json({ sub: claims.sub }),
);
serve((request) => site.fetch(request));

async function findClaims(token: string): Promise<Claims> {
  try {
    return await verifier(token);
  } catch (error) {
    if (error instanceof JwtError) throw new HttpError(401);
    throw error;
  }
}
