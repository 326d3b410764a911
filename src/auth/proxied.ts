/**
 * Whether a proxy has handed a request on. Anybody can claim it, so nothing is
 * allowed by it: what it says makes this server more careful, never less.
 */

/** The header fields that proxies add (RFC 7239 §4, RFC 9110 §7.6.3). */
const fieldsOfProxies = [
  "forwarded",
  "via",
  "x-real-ip",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
];

/** Says whether a proxy has handed a request on, as far as it says so. */
export function isProxied(headers: Headers): boolean {
  return fieldsOfProxies.some((name) => headers.has(name));
}
