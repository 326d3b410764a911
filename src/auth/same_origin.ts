/**
 * From which pages a browser may send what changes something, or what counts.
 * A page of another origin cannot read an answer, but its forms and its fetches
 * arrive, from the address and with the cookies of whoever looks at it.
 * Refused (403), before a body is read and before anything is counted: what a
 * page of another origin sends, and where one of this host is asked for,
 * whatever does not show that it comes from there.
 *
 * A browser says where a request comes from in Sec-Fetch-Site, which no page
 * can write, but only to HTTPS and to this machine. In Origin it says it with
 * each POST.
 */

import {
  type AddsNothing,
  type Context,
  HttpError,
  isLoopbackHost,
  type Middleware,
} from "../http/http.ts";
import { mayHaveCookie } from "./cookie.ts";

/**
 * Makes the middleware that turns away whatever does not come from a page of
 * this host, as for forms that no program sends.
 */
export function sameOriginRequired(): Middleware<Context, AddsNothing> {
  return ({ request }, next) => {
    if (!isSameOrigin(request.headers)) throw originIsRefused();
    return next({});
  };
}

/**
 * Makes the middleware that turns away what a page of another origin sends, and
 * lets programs pass, which send neither Sec-Fetch-Site nor Origin. It belongs
 * around whatever counts attempts, such as `login`: otherwise each page that
 * somebody looks at can use up their attempts, so that they cannot log in. And
 * it belongs outermost, before a token is looked at.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { otherOriginsRefused } from "onejot/auth";
 * import { router } from "onejot/http";
 *
 * const site = router();
 * const noOtherOrigins = site.use(otherOriginsRefused());
 * noOtherOrigins.post("/login", () => new Response("who is it?"));
 *
 * async function statusFrom(origin: string): Promise<number> {
 *   const request = new Request("https://example.org/login", {
 *     method: "POST",
 *     headers: { host: "example.org", origin },
 *   });
 *   const response = await site.fetch(request);
 *   return response.status;
 * }
 * assert.equal(await statusFrom("https://example.org"), 200);
 * assert.equal(await statusFrom("https://other.example"), 403);
 * ```
 */
export function otherOriginsRefused(): Middleware<Context, AddsNothing> {
  return ({ request }, next) => {
    if (isOtherOrigin(request.headers)) throw originIsRefused();
    return next({});
  };
}

/**
 * Makes the middleware that turns away whatever is no GET, HEAD or OPTIONS, has
 * the session cookie, and does not come from a page of this host.
 */
export function sameOriginForCookies(): Middleware<Context, AddsNothing> {
  return ({ request: { method, headers } }, next) => {
    if (!isSafe(method) && mayHaveCookie(headers) && !isSameOrigin(headers)) {
      throw originIsRefused();
    }
    return next({});
  };
}

/** RFC 9110 §9.2.1 */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function originIsRefused(): HttpError {
  return new HttpError(403, "Send it from a page of this host");
}

/**
 * Says whether a request shows that it comes from a page of this host.
 * Sec-Fetch-Site says it in today's browsers; Origin in all others.
 */
function isSameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  if (origin === `https://${host}`) return true;
  return origin === `http://${host}` && isLoopbackHost(host);
}

/**
 * Says whether a request comes from a page of another origin. "none" is what a
 * browser says of what its user has begun, without a page. In Origin, HTTP and
 * HTTPS are the same host here: behind a proxy the server cannot know which of
 * the two a browser speaks, and in a network without TLS it is HTTP.
 */
function isOtherOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = headers.get("origin");
  if (origin === null) return false;
  const host = headers.get("host") ?? "";
  return origin !== `https://${host}` && origin !== `http://${host}`;
}
