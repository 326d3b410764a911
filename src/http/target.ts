/**
 * The target of a request: its path and its query, taken without trust in
 * `request.url`. Refused: a Host that is missing or malformed, and a URL whose
 * authority is (RFC 9112 §3.2).
 *
 * Deno builds `request.url` from Host as it came, and Bun hands over a relative
 * URL for some, so that a crafted Host could name another path than the request
 * line does. A well-formed Host has no character that ends an authority, so
 * what lies behind it is the path of the request line, whatever the Host says.
 */

/** What a request asks for, as it was sent: nothing in it is decoded. */
export interface Target {
  /** The path, such as `/users/1`. */
  readonly path: string;
  /** The query with its question mark; empty where there is none. */
  readonly query: string;
}

/** RFC 3986 §3.2.2 and §3.2.3: a name or an IPv6 address, and a port. */
const wellFormedAuthority =
  /^(?:[A-Za-z\d._-]+|\[[A-Fa-f\d:.]+\])(?::\d{0,5})?$/;

/** Reads the target of a request; null where it is refused. */
export function readTarget({ url, headers }: Request): Target | null {
  const host = headers.get("host") ?? "";
  if (!wellFormedAuthority.test(host)) return null; // RFC 9112 §3.2
  const schemeEnd = url.indexOf("://");
  if (schemeEnd < 0) return null;
  const authorityStart = schemeEnd + "://".length;
  const pathStart = url.indexOf("/", authorityStart);
  if (pathStart < 0) return null; // the target of CONNECT has no path
  // A target in absolute form (RFC 9112 §3.2.2) has an authority of its own,
  // which Deno leaves as it came.
  const authority = url.slice(authorityStart, pathStart);
  if (authority !== host && !wellFormedAuthority.test(authority)) return null;
  const queryStart = url.indexOf("?", pathStart);
  if (queryStart < 0) return { path: url.slice(pathStart), query: "" };
  return {
    path: url.slice(pathStart, queryStart),
    query: url.slice(queryStart),
  };
}
