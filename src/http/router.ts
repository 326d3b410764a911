/**
 * The scope router: a table of routes, and views of it whose handlers receive more than the plain
 * context. A guard belongs to the route: there is no middleware by prefix or pattern, so no two
 * readings of a path can disagree. Answered here: 400 for a malformed Host or escape, 404, 405 with
 * Allow, HEAD as GET without the body, OPTIONS, 500 for whatever a handler throws or fails to return.
 */

import { addMembers, type Context, RequestContext } from "./context.ts";
import { HttpError, toResponse } from "./error.ts";
import { type Match, RouteTable } from "./route_table.ts";

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

/** The parameters of a path pattern: `/users/:id` has `{ id: string }`, decoded. */
export type PathParams<Path extends string> = { readonly [Name in ParamName<Path>]: string };

type ParamName<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? ParamName<Segment> | ParamName<Rest>
  : Path extends `:${infer Name}` ? Name
  : never;

/** Registers a handler for a path pattern. A TypeError where the pattern is none or is taken. */
export type Register<C> = <Path extends string>(
  path: Path,
  handler: Handler<C & { readonly params: PathParams<Path> }>,
) => void;

/** A view of a table of routes, whose handlers receive a `C`. */
export interface Router<C extends Context> {
  /** Registers what answers GET, and HEAD. */
  readonly get: Register<C>;
  /** Registers what answers POST. */
  readonly post: Register<C>;
  /** Registers what answers PUT. */
  readonly put: Register<C>;
  /** Registers what answers PATCH. */
  readonly patch: Register<C>;
  /** Registers what answers DELETE. */
  readonly delete: Register<C>;
  /** A view of the same table whose routes lie behind one middleware more. */
  use<Adds extends object>(
    middleware: Middleware<C, keyof Adds & keyof C extends never ? Adds : never>,
  ): Router<C & Adds>;
}

/** The whole table: public routes hang here, and `fetch` answers requests from it. */
export interface RootRouter extends Router<Context> {
  /**
   * Answers a request; never throws.
   *
   * @param remoteAddress the address at the other end of the connection
   */
  fetch(request: Request, remoteAddress?: string | null): Promise<Response>;
}

/** What lies around a router's routes. */
export interface RouterOptions {
  /** Runs around every request, also those that no route answers; the outermost first. */
  readonly around?: readonly Middleware<Context, AddsNothing>[];
  /** Is handed whatever was thrown that is no HttpError. */
  readonly onError?: (error: unknown, context: Context) => void;
}

/** Makes a router without routes. */
export function router({ around = [], onError = () => {} }: RouterOptions = {}): RootRouter {
  const table = new RouteTable<Handler<RequestContext>>();
  const idPrefix = crypto.randomUUID().slice(0, 8);
  let requests = 0;

  const answer = answerErrors((context) => dispatch(table, context), onError);
  const answerAround = answerErrors(chain(around, answer), onError);

  async function fetch(request: Request, remoteAddress: string | null = null): Promise<Response> {
    const requestId = `${idPrefix}-${(++requests).toString(36)}`;
    const response = await answerAround(new RequestContext(request, remoteAddress, requestId));
    return request.method === "HEAD" ? withoutBody(response) : response;
  }

  return { ...view<Context>(table, []), fetch };
}

/** Two of these are in a router: one within what lies around, so that it sees the response. */
function answerErrors(
  handler: Handler<RequestContext>,
  onError: (error: unknown, context: Context) => void,
): (context: RequestContext) => Promise<Response> {
  return async (context) => {
    try {
      return requireResponse(await handler(context));
    } catch (error) {
      return toResponse(error, (unexpected) => onError(unexpected, context));
    }
  };
}

function view<C extends Context>(
  table: RouteTable<Handler<RequestContext>>,
  middlewares: readonly AnyMiddleware[],
): Router<C> {
  const register = (method: string): Register<C> => (path, handler) => {
    // Sound: before the handler runs, the chain has added to the context all that C names.
    table.add(method, path, chain(middlewares, handler as unknown as Handler<RequestContext>));
  };
  return {
    get: register("GET"),
    post: register("POST"),
    put: register("PUT"),
    patch: register("PATCH"),
    delete: register("DELETE"),
    use: (middleware) => view(table, [...middlewares, middleware as unknown as AnyMiddleware]),
  };
}

type AnyMiddleware = Middleware<RequestContext, object>;

/** Puts middlewares around a handler, once, so that a request only has to walk through. */
function chain(
  middlewares: readonly AnyMiddleware[],
  handler: Handler<RequestContext>,
): Handler<RequestContext> {
  return middlewares.reduceRight<Handler<RequestContext>>((inner, middleware) => (context) => {
    let isCalled = false;
    return middleware(context, async (adds) => {
      if (isCalled) throw new TypeError("A middleware called next a second time.");
      isCalled = true;
      addMembers(context, adds);
      return requireResponse(await inner(context));
    });
  }, handler);
}

function dispatch(
  table: RouteTable<Handler<RequestContext>>,
  context: RequestContext,
): Response | Promise<Response> {
  if (context.isRefused) throw new HttpError(400, "The Host header is missing or malformed");
  const match = table.find(context.path);
  if (match === null) throw new HttpError(404);
  const { method } = context.request;
  const found = match.byMethod.get(method === "HEAD" ? "GET" : method); // RFC 9110 §9.3.2
  if (found === undefined) return answerOtherMethod(method, match);
  addMembers(context, { params: decodeParams(found.names, match.segments) });
  return found.route(context);
}

function answerOtherMethod<Route>(method: string, match: Match<Route>): Response {
  const methods = [...match.byMethod.keys(), "OPTIONS"];
  if (match.byMethod.has("GET")) methods.unshift("HEAD");
  const headers = { allow: methods.sort().join(", ") }; // RFC 9110 §10.2.1, §15.5.6
  if (method === "OPTIONS") return new Response(null, { status: 204, headers });
  throw new HttpError(405, undefined, headers);
}

function decodeParams(
  names: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> {
  const params: Record<string, string> = Object.create(null);
  for (const [index, name] of names.entries()) {
    try {
      params[name] = decodeURIComponent(segments[index] ?? "");
    } catch {
      throw new HttpError(400, "The path holds a % that is no escape of UTF-8");
    }
  }
  return params;
}

function requireResponse(response: Response): Response {
  if (response instanceof Response) return response;
  throw new TypeError("A handler returned something that is no Response.");
}

function withoutBody(response: Response): Response {
  response.body?.cancel().catch(() => {}); // a body that is in use already ends by itself
  return new Response(null, response);
}
