/**
 * What a request asks for: its path and query, without trust in `request.url`.
 * Refused: a request whose Host is missing or malformed (RFC 9112 §3.2). Deno builds `request.url`
 * from Host as it came, and Bun hands over a relative URL for some, so that a crafted Host could
 * name another path than the request line does; a well-formed one decides nothing.
 */

/** A request's target: the path as it was sent, not decoded, and the query behind the "?". */
export interface Target {
  readonly path: string;
  readonly queryText: string;
}

const wellFormedHost = /^(?:[A-Za-z\d._-]+|\[[A-Fa-f\d:.]+\])(?::\d{0,5})?$/; // RFC 3986 §3.2.2

/** Reads the target, or null where the Host is not well-formed. */
export function readTarget(request: Request): Target | null {
  const { url } = request;
  if (!wellFormedHost.test(request.headers.get("host") ?? "")) return null;
  const authorityStart = url.indexOf("://") + 3;
  const pathStart = url.indexOf("/", authorityStart);
  if (pathStart < authorityStart || authorityStart < 3) return null; // CONNECT's target has no path
  // An absolute-form target (RFC 9112 §3.2.2) has an authority of its own, on Deno unnormalised.
  if (!wellFormedHost.test(url.slice(authorityStart, pathStart))) return null;
  const queryStart = url.indexOf("?", pathStart);
  if (queryStart < 0) return { path: url.slice(pathStart), queryText: "" };
  return { path: url.slice(pathStart, queryStart), queryText: url.slice(queryStart + 1) };
}
