/**
 * The context of a request: what handlers and middlewares receive, made once
 * and added to, with nothing in it ever replaced.
 * Refused: adding a name that the context has already (a TypeError).
 */

import type { Target } from "./target.ts";

/** What the router knows of a request before it looks for a route. */
interface Arrival {
  /** Null where it was refused. */
  readonly target: Target | null;
  readonly remoteAddress: string | null;
  readonly requestId: string;
  /** Where the router is mounted that asks; null where it is not. */
  readonly mount?: Mount | null;
}

/** Where one router is mounted in another. */
export interface Mount {
  /** The request as the other one knows it. */
  readonly context: Context;
  /** The path at which it is mounted, such as `/api`. */
  readonly path: string;
  /** What is left of the request's path behind that. */
  readonly pathBelow: string;
}

/** What every handler and every middleware receives. */
export class Context {
  /** The request. Take path and query from here, not from its `url`. */
  readonly request: Request;
  /**
   * The path as it was sent, not decoded; empty when the request was refused
   * for its Host.
   */
  readonly path: string;
  /**
   * The address at the other end of the connection, or null where it is not
   * known.
   */
  readonly remoteAddress: string | null;
  /**
   * A name for this request that no other request has, for logs and
   * X-Request-Id.
   */
  readonly requestId: string;
  readonly #rawQuery: string;
  readonly #mount: Mount | null;
  #query: URLSearchParams | null = null;
  #routePattern: string | null = null;
  #matched = "";

  // What is for the router alone is static, so that it is no member of what a
  // handler receives.

  /** The path in which a router looks for a route: below where it is mounted. */
  static pathToRoute(context: Context): string {
    return context.#mount?.pathBelow ?? context.path;
  }

  /**
   * Names the route that answers; the first one stays.
   *
   * @param matched what the pattern matches: the end of the path
   */
  static enterRoute(context: Context, pattern: string, matched: string): void {
    if (context.#routePattern !== null) return;
    context.#routePattern = pattern;
    context.#matched = matched;
    if (context.#mount === null) return;
    const { context: outer, path: place } = context.#mount;
    Context.enterRoute(outer, place + pattern, place + matched);
  }

  /**
   * The path with the names of parameters in place of what was sent for them;
   * null where no route answers.
   */
  static namedPath(context: Context): string | null {
    const pattern = context.#routePattern;
    if (pattern === null || !pattern.includes(":")) {
      return pattern === null ? null : context.path;
    }
    const prefixLength = context.path.length - context.#matched.length;
    return context.path.slice(0, prefixLength) + pattern;
  }

  /** The router makes one for each request. */
  constructor(
    request: Request,
    { target, remoteAddress, requestId, mount = null }: Arrival,
  ) {
    this.request = request;
    this.path = target === null ? "" : target.path;
    this.remoteAddress = remoteAddress;
    this.requestId = requestId;
    this.#rawQuery = target === null ? "" : target.query;
    this.#mount = mount;
  }

  /**
   * The query with its question mark, as it was sent, not decoded; empty where
   * there is none.
   */
  get rawQuery(): string {
    return this.#rawQuery;
  }

  /** The query's parameters, parsed when they are first asked for. */
  get query(): URLSearchParams {
    return this.#query ??= new URLSearchParams(this.#rawQuery);
  }

  /**
   * The pattern of the route that answers; null where none does, and before it
   * is known.
   */
  get routePattern(): string | null {
    return this.#routePattern;
  }
}

/** Answers a request. */
export type Handler<C> = (context: C) => Response | Promise<Response>;

/**
 * Goes on to what lies behind a middleware, with what the middleware adds to
 * the context.
 */
export type Next<Adds extends object> = (adds: Adds) => Promise<Response>;

/**
 * Answers by itself, or returns `next(adds)`: then the handlers behind it find
 * in their context what it added. It may not replace what is there, and may
 * call `next` once.
 */
export type Middleware<Needs, Adds extends object> = (
  context: Needs,
  next: Next<Adds>,
) => Response | Promise<Response>;

/** What a middleware adds that adds nothing: `next({})`. */
export type AddsNothing = Readonly<Record<never, never>>;

/**
 * Adds to a context. What is added can be read and spread, but not set.
 *
 * @throws {TypeError} the context has one of the names already
 */
export function addToContext(context: Context, adds: object): void {
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
