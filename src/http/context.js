/**
 * The context of a request: what handlers and middlewares receive, made once and added to, with
 * nothing in it ever replaced. Path and query are taken without trust in `request.url`.
 * Refused: a Host that is missing or malformed (RFC 9112 §3.2). Deno builds `request.url` from Host
 * as it came, and Bun hands over a relative URL for some, so that a crafted Host could name another
 * path than the request line does; a well-formed one decides nothing.
 */
/** What every handler and every middleware receives. */
export class Context {
  /** The request. Take path and query from here, not from its `url`. */
  request;
  /** The path as it was sent, not decoded; empty when the request was refused for its Host. */
  path;
  /** The address at the other end of the connection, or null where it is not known. */
  remoteAddress;
  /** A name for this request that no other request has, for logs and X-Request-Id. */
  requestId;
  #routePattern = null;
  /** The router makes one for each request. */
  constructor(request, remoteAddress, requestId) {
    const target = readTarget(request);
    const queryStart = target.indexOf("?");
    this.request = request;
    this.path = queryStart < 0 ? target : target.slice(0, queryStart);
    this.remoteAddress = remoteAddress;
    this.requestId = requestId;
  }
  /** The pattern of the route that answers; null where none does, and before it is found. */
  get routePattern() {
    return this.#routePattern;
  }
  /** For the router: names the route that answers. The first one stays. */
  enter(pattern) {
    this.#routePattern ??= pattern;
  }
  /** The query's parameters. */
  get query() {
    const value = new URLSearchParams(
      readTarget(this.request).slice(this.path.length),
    );
    Object.defineProperty(this, "query", { value }); // made when first asked for, and once
    return value;
  }
}
/** Adds members to a context. A TypeError where one is there already. */
export function addMembers(context, adds) {
  for (const name of Object.keys(adds)) {
    if (name in context) {
      throw new TypeError(`A middleware replaced the context's ${name}.`);
    }
    Object.defineProperty(context, name, {
      value: Reflect.get(adds, name),
      enumerable: true,
    });
  }
}
const wellFormedHost = /^(?:[A-Za-z\d._-]+|\[[A-Fa-f\d:.]+\])(?::\d{0,5})?$/; // RFC 3986 §3.2.2
/** The path and what follows it, as they stand in the URL; empty where the Host is not well-formed. */
function readTarget({ url, headers }) {
  const host = headers.get("host") ?? "";
  if (!wellFormedHost.test(host)) {
    return "";
  }
  const authorityStart = url.indexOf("://") + 3;
  const pathStart = url.indexOf("/", authorityStart);
  if (pathStart < authorityStart || authorityStart < 3) {
    return ""; // CONNECT's target has no path
  }
  // An absolute-form target (RFC 9112 §3.2.2) has an authority of its own, on Deno unnormalised.
  const authority = url.slice(authorityStart, pathStart);
  return authority === host || wellFormedHost.test(authority)
    ? url.slice(pathStart)
    : "";
}
