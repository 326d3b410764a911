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
  readonly request: Request;
  /** The path as it was sent, not decoded; empty when the request was refused for its Host. */
  readonly path: string;
  /** The address at the other end of the connection, or null where it is not known. */
  readonly remoteAddress: string | null;
  /** A name for this request that no other request has, for logs and X-Request-Id. */
  readonly requestId: string;
  #routePattern: string | null = null;

  /** The router makes one for each request. */
  constructor(
    request: Request,
    remoteAddress: string | null,
    requestId: string,
  ) {
    const target = readTarget(request);
    const queryStart = target.indexOf("?");
    this.request = request;
    this.path = queryStart < 0 ? target : target.slice(0, queryStart);
    this.remoteAddress = remoteAddress;
    this.requestId = requestId;
  }

  /** The pattern of the route that answers; null where none does, and before it is found. */
  get routePattern(): string | null {
    return this.#routePattern;
  }

  /** For the router: names the route that answers. The first one stays. */
  enter(pattern: string): void {
    this.#routePattern ??= pattern;
  }

  /** The query with its "?" as it was sent, not decoded; else empty. */
  get rawQuery(): string {
    return readTarget(this.request).slice(this.path.length);
  }

  /** The query's parameters. */
  get query(): URLSearchParams {
    const value = new URLSearchParams(this.rawQuery);
    Object.defineProperty(this, "query", { value }); // made when first asked for, and once
    return value;
  }
}

/** Answers a request. */
export type Handler<C> = (context: C) => Response | Promise<Response>;

/** Goes on to what lies behind a middleware, with what the middleware adds to the context. */
export type Next<Adds extends object> = (adds: Adds) => Promise<Response>;

/**
 * Answers by itself, or returns `next(adds)`: then the handlers behind it find in their context what
 * it added. It may not replace what is there, and may call `next` once.
 */
export type Middleware<Needs, Adds extends object> = (
  context: Needs,
  next: Next<Adds>,
) => Response | Promise<Response>;

/** What a middleware adds that adds nothing: `next({})`. */
export type AddsNothing = Readonly<Record<never, never>>;

/** Adds members to a context. A TypeError where one is there already. */
export function addMembers(context: Context, adds: object): void {
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
function readTarget({ url, headers }: Request): string {
  const host = headers.get("host") ?? "";
  if (!wellFormedHost.test(host)) return "";
  const authorityStart = url.indexOf("://") + 3;
  const pathStart = url.indexOf("/", authorityStart);
  if (pathStart < authorityStart || authorityStart < 3) return ""; // CONNECT's target has no path
  // An absolute-form target (RFC 9112 §3.2.2) has an authority of its own, on Deno unnormalised.
  const authority = url.slice(authorityStart, pathStart);
  return authority === host || wellFormedHost.test(authority)
    ? url.slice(pathStart)
    : "";
}
