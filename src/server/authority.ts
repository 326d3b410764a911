/**
 * Where a server answers: as its settings, a URL and a permission of Deno say
 * it.
 */

import type { Place } from "./listening.ts";

const unixScheme = "unix:";

/** Where HOST and PORT say; `unix:` and a path name a Unix socket. */
export function placeOf(host: string, port: number): Place {
  if (!host.startsWith(unixScheme)) return { hostname: host, port };
  return { path: host.slice(unixScheme.length) };
}

/** A host and a port as they stand in a URL, an IPv6 address in brackets. */
export function authorityOf(host: string, port: number): string {
  // RFC 3986 §3.2.2: or its colons would be taken for the port's.
  const name = host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}`;
}

/** What Deno allows by `--allow-net`: `127.0.0.1:8080`, `unix:/run/a.sock`. */
export function reachOf(place: Place): string {
  return "path" in place
    ? `${unixScheme}${place.path}`
    : authorityOf(place.hostname, place.port);
}

/** What people are told: `http://127.0.0.1:8080`, `unix:/run/a.sock`. */
export function originOf(place: Place): string {
  return "path" in place ? reachOf(place) : `http://${reachOf(place)}`;
}
