/**
 * The session cookie: RFC 6265 §4.1, always `__Host-`, Secure, HttpOnly,
 * SameSite=Lax, Path=/. Over plain HTTP on this machine, where one tries it
 * out, it lacks the prefix and Secure. There is no way to set another kind of
 * cookie here.
 * Refused: a cookie that is sent twice; an unsafe request with the cookie, or
 * to sign in, from another origin.
 */

import {
  type AddsNothing,
  type Context,
  HttpError,
  type Middleware,
} from "../http/http.ts";
import { isProxied } from "./proxied.ts";
import { hashOf, sessionSeconds, sessionsSince } from "./session.ts";
import type { BrowserSession, SessionStore } from "./store.ts";

const hostCookie = "__Host-onejot";
const plainCookie = "onejot";

/**
 * The session that a request's cookie is of; null where there is none, or it was
 * made at another host.
 */
export async function findBrowserSession(
  { store }: { readonly store: SessionStore },
  { headers }: Request,
  host: string = hostOf(headers),
): Promise<BrowserSession | null> {
  const secret = readCookie(headers);
  if (secret === null) return null;
  return await store.findUserOfCookie({
    cookieHash: hashOf(secret),
    host,
    since: sessionsSince(),
  });
}

/** The host that a request is for, as cookies are bound to one: with its port. */
export function hostOf(headers: Headers): string {
  return (headers.get("host") ?? "").toLowerCase();
}

/** The secret in a request's cookie; null where there is none, or two are. */
export function readCookie(headers: Headers): string | null {
  const start = `${cookieName(headers)}=`;
  const pairs = (headers.get("cookie") ?? "").split(";");
  const cookies = pairs
    .map(withoutWhitespace)
    .filter((pair) => pair.startsWith(start));
  const [cookie] = cookies;
  if (cookie === undefined || cookies.length > 1) return null;
  return cookie.slice(start.length);
}

/**
 * A text without the spaces and tabs around it (RFC 6265 §5.2). For `trim` the
 * byte A0 is white space, too; for a browser it is a part of the name, to which
 * the rules of `__Host-` then do not apply, so that any subdomain can set it.
 */
function withoutWhitespace(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/**
 * The value of Set-Cookie that gives the cookie a secret, or with null removes
 * the cookie.
 */
export function sessionCookie(
  { headers }: Request,
  secret: string | null,
): string {
  const name = cookieName(headers);
  const maxAge = secret === null ? 0 : sessionSeconds;
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}`;
  const cookie = `${name}=${secret ?? ""}; ${attributes}`;
  return name === hostCookie ? `${cookie}; Secure` : cookie;
}

/** Makes the middleware that turns away what a page of another origin sends. */
export function sameOriginRequired(): Middleware<Context, AddsNothing> {
  return ({ request }, next) => {
    requireSameOrigin(request.headers);
    return next({});
  };
}

/**
 * Makes the middleware that does so for whatever is no GET, HEAD or OPTIONS and
 * has the session cookie.
 */
export function sameOriginForCookies(): Middleware<Context, AddsNothing> {
  return ({ request: { method, headers } }, next) => {
    if (!isSafe(method) && mayHaveCookie(headers)) requireSameOrigin(headers);
    return next({});
  };
}

/** RFC 9110 §9.2.1 */
function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/**
 * Says whether a request may have the session cookie, under either of its names
 * and wherever it stands. This is meant to be laxer than `findBrowserSession`:
 * it must see each cookie that the other would take.
 */
function mayHaveCookie(headers: Headers): boolean {
  const cookies = headers.get("cookie") ?? "";
  return /(?:^|[;\s])(?:__Host-)?onejot=/.test(cookies);
}

function requireSameOrigin(headers: Headers): void {
  if (isSameOrigin(headers)) return;
  throw new HttpError(403, "Send it from a page of this host");
}

/** Sec-Fetch-Site says it in today's browsers; Origin in all others. */
function isSameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  if (origin === `https://${host}`) return true;
  return origin === `http://${host}` && isLoopback(host);
}

/** Behind a proxy it is `__Host-`, whatever Host says. */
function cookieName(headers: Headers): string {
  if (isProxied(headers)) return hostCookie;
  return isLoopback(headers.get("host") ?? "") ? plainCookie : hostCookie;
}

/** Says whether a Host names this machine. */
function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}
