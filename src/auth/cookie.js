/**
 * The session cookie: RFC 6265 §4.1, always `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/. Over
 * plain HTTP on this machine, where one tries it out, it lacks the prefix and Secure.
 * There is no way to set another kind of cookie here. A cookie that is sent twice is refused, and so
 * is an unsafe request with the cookie, or to sign in, from another origin.
 */
import { HttpError } from "../http/http.ts";
import { hashOf, sessionSeconds, sessionsSince } from "./session.ts";
/** The session that a request's cookie is of, or null. */
export async function findBrowserSession({ store }, { headers }) {
  const start = `${cookieName(headers)}=`;
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) =>
    pair.trim()
  );
  const [found, ...others] = pairs.filter((pair) => pair.startsWith(start));
  if (found === undefined || others.length > 0) {
    return null;
  }
  return await store.findUserOfCookie({
    cookieHash: hashOf(found.slice(start.length)),
    since: sessionsSince(),
  });
}
/** The value of Set-Cookie that gives the cookie a secret, or with null removes it. */
export function sessionCookie({ headers }, secret) {
  const name = cookieName(headers);
  const age = secret === null ? 0 : sessionSeconds;
  const cookie = `${name}=${
    secret ?? ""
  }; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}`;
  return name === hostCookie ? `${cookie}; Secure` : cookie;
}
/** Turns away what a page of another origin sends. */
export function sameOriginRequired({ request }, next) {
  if (isSameOrigin(request.headers)) {
    return next({});
  }
  throw new HttpError(403, "Send it from a page of this host");
}
/** The same, for whatever is no GET, HEAD or OPTIONS and has the session cookie. */
export function sameOriginForCookies(context, next) {
  const { method, headers } = context.request;
  const isSafe = method === "GET" || method === "HEAD" || method === "OPTIONS"; // RFC 9110 §9.2.1
  if (isSafe || !cookieInHeader.test(headers.get("cookie") ?? "")) {
    return next({});
  }
  return sameOriginRequired(context, next);
}
/** Says whether a proxy has handed a request on, as far as it says so. */
export function isProxied(headers) {
  const names = ["forwarded", "via", "x-real-ip"];
  names.push("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto");
  return names.some((name) => headers.has(name));
}
const hostCookie = "__Host-onejot";
const cookieInHeader = /(?:^|[;\s])(?:__Host-)?onejot=/;
/** Behind a proxy it is `__Host-`, whatever Host says. */
function cookieName(headers) {
  return !isProxied(headers) && isLoopback(headers.get("host") ?? "")
    ? "onejot"
    : hostCookie;
}
/** Sec-Fetch-Site says it in today's browsers; Origin in all others. */
function isSameOrigin(headers) {
  const site = headers.get("sec-fetch-site");
  if (site !== null) {
    return site === "same-origin";
  }
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  return origin === `https://${host}` ||
    origin === `http://${host}` && isLoopback(host);
}
function isLoopback(host) {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host);
}
