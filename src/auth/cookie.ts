/**
 * The session cookie: RFC 6265 §4.1, always `__Host-`, Secure, HttpOnly,
 * SameSite=Lax, Path=/. Over plain HTTP on this machine, where one tries it
 * out, it lacks the prefix and Secure. There is no way to set another kind of
 * cookie here.
 * Refused: a cookie that is sent twice. A cookie whose name is not the
 * session's byte for byte is another one, which any host of the site may set.
 */

import { isLoopbackHost, trimOptionalWhitespace } from "../http/http.ts";
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
    .map((pair) => trimOptionalWhitespace(pair))
    .filter((pair) => pair.startsWith(start));
  const [cookie] = cookies;
  if (cookie === undefined || cookies.length > 1) return null;
  return cookie.slice(start.length);
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

/**
 * Says whether a request may have the session cookie. This is meant to be laxer
 * than `findBrowserSession`, and must see each cookie that the other would
 * take: either name, on whatever Host, at the beginning or behind any character
 * that is none of a cookie's name (RFC 6265 §4.1.1: a token of RFC 9110 §5.6.2).
 */
export function mayHaveCookie(headers: Headers): boolean {
  const cookies = headers.get("cookie") ?? "";
  return /(?<![\w!#$%&'*+.^`|~-])(?:__Host-)?onejot=/.test(cookies);
}

/** Behind a proxy it is `__Host-`, whatever Host says. */
function cookieName(headers: Headers): string {
  if (isProxied(headers)) return hostCookie;
  return isLoopbackHost(headers.get("host") ?? "") ? plainCookie : hostCookie;
}
