/**
 * The scope router: a table of routes, and views of it whose handlers receive more than the plain
 * context. A guard belongs to the route: there is no middleware by prefix or pattern, so no two
 * readings of a path can disagree. Answered here: 400 for a malformed Host or escape, 404, 405 with
 * Allow, HEAD as GET without the body, OPTIONS, 500 for whatever a handler throws or fails to return.
 */

import {
  addMembers,
  type AddsNothing,
  Context,
  type Handler,
  type Middleware,
} from "./context.ts";
import { HttpError, toResponse } from "./error.ts";
import { RouteTable } from "./route_table.ts";

/** The parameters of a path pattern: `/users/:id` has `{ id: string }`, decoded. */
export type PathParams<Path extends string> = {
  readonly [Name in ParamName<Path>]: string;
};

/** @internal */
type ParamName<Path extends string> = Path extends
  `${infer Segment}/${infer Rest}` ? ParamName<Segment> | ParamName<Rest>
  : Path extends `:${infer Name}` ? Name
  : never;

/** Registers a handler for a path pattern. A TypeError where the pattern is none or is taken. */
export type Register<C> = <Path extends string>(
  path: Path,
  handler: Handler<C & { readonly params: PathParams<Path> }>,
) => void;

/**
 * A view of a table of routes, whose handlers receive a `C`. What `get` registers answers GET and
 * HEAD, and the others the method of their name.
 */
export interface Router<C extends Context>
  extends
    Readonly<Record<"get" | "post" | "put" | "patch" | "delete", Register<C>>> {
  /** A view of the same table whose routes lie behind one middleware more. */
  use<Adds extends object>(
    middleware: Middleware<
      C,
      keyof Adds & keyof C extends never ? Adds : never
    >,
  ): Router<C & Adds>;
}

/** The whole table: public routes hang here, and `fetch` answers requests from it. */
export interface RootRouter extends Router<Context> {
  /** Answers a request; `remoteAddress` is the one at the other end. Never throws. */
  fetch(request: Request, remoteAddress?: string | null): Promise<Response>;
}

/** What lies around a router's routes. */
export interface RouterOptions {
  /** Where the table is mounted as well, such as `/auth`: `/auth/x` is then the same as `/x`. */
  readonly prefix?: string;
  /** Runs around every request, also those that no route answers; the outermost first. */
  readonly around?: readonly Middleware<Context, AddsNothing>[];
  /** Is handed whatever was thrown that is no HttpError; may give one to answer with, else it is 500. */
  readonly onError?: (error: unknown, context: Context) => unknown;
}

type Table = RouteTable<Handler<Context>>;

/** Makes a router without routes. */
export function router(options: RouterOptions = {}): RootRouter {
  const { prefix = "", around = [], onError = () => {} } = options;
  const table: Table = new RouteTable();
  const idPrefix = crypto.randomUUID().slice(0, 8);
  let requests = 0;

  const answerErrors =
    (handler: Handler<Context>) => async (context: Context) => {
      try {
        const response = handler(context);
        return requireResponse(
          response instanceof Response ? response : await response,
        );
      } catch (error) {
        return toResponse(error, (unexpected) => onError(unexpected, context));
      }
    };
  const inner = answerErrors((context) => dispatch(table, prefix, context));
  const isBare = around.length === 0; // else what lies around sees every response, and may throw, too
  const answer = isBare ? inner : answerErrors(chain(around, inner));

  function fetch(
    request: Request,
    remoteAddress: string | null = null,
  ): Promise<Response> {
    const requestId = `${idPrefix}-${(++requests).toString(36)}`;
    const response = answer(new Context(request, remoteAddress, requestId)); // never throws
    return request.method === "HEAD" ? response.then(withoutBody) : response;
  }

  return { ...view<Context>(table, []), fetch };
}

function view<C extends Context>(
  table: Table,
  middlewares: readonly AnyMiddleware[],
): Router<C> {
  const register = (method: string): Register<C> => (path, handler) => {
    // Sound: before the handler runs, the chain has added to the context all that C names.
    table.add(
      method,
      path,
      chain(middlewares, handler as unknown as Handler<Context>),
    );
  };
  return {
    get: register("GET"),
    post: register("POST"),
    put: register("PUT"),
    patch: register("PATCH"),
    delete: register("DELETE"),
    use: (middleware) =>
      view(table, [...middlewares, middleware as unknown as AnyMiddleware]),
  };
}

type AnyMiddleware = Middleware<Context, object>;

/** Puts middlewares around a handler, once, so that a request only has to walk through. */
function chain(
  middlewares: readonly AnyMiddleware[],
  handler: Handler<Context>,
): Handler<Context> {
  return middlewares.reduceRight<Handler<Context>>(
    (inner, middleware) => (context) => {
      let isCalled = false;
      return middleware(context, async (adds) => {
        if (isCalled) {
          throw new TypeError("A middleware called next a second time.");
        }
        isCalled = true;
        addMembers(context, adds);
        return requireResponse(await inner(context));
      });
    },
    handler,
  );
}

function dispatch(
  table: Table,
  prefix: string,
  context: Context,
): Response | Promise<Response> {
  if (context.path === "") {
    throw new HttpError(400, "The Host header is missing or malformed");
  }
  const isBelow = prefix !== "" && context.path.startsWith(`${prefix}/`);
  const path = isBelow ? context.path.slice(prefix.length) : context.path;
  const byMethod = table.find(path);
  if (byMethod === null) throw new HttpError(404);
  const { method } = context.request;
  const found = byMethod.get(method === "HEAD" ? "GET" : method); // RFC 9110 §9.3.2
  if (found === undefined) {
    return answerOtherMethod(method, [...byMethod.keys()]);
  }
  context.enter(found.pattern); // before the parameters, which may be bad
  addMembers(context, { params: decodeParams(path, found.places) });
  return found.route(context);
}

function answerOtherMethod(
  method: string,
  registered: readonly string[],
): Response {
  const methods = [...registered, "OPTIONS"];
  if (methods.includes("GET")) methods.push("HEAD");
  const headers = { allow: methods.sort().join(", ") }; // RFC 9110 §10.2.1, §15.5.6
  if (method === "OPTIONS") return new Response(null, { status: 204, headers });
  throw new HttpError(405, undefined, headers);
}

function decodeParams(
  path: string,
  places: ReadonlyMap<string, number>,
): object {
  const params: Record<string, string> = Object.create(null);
  if (places.size === 0) return params;
  const segments = path.split("/");
  try {
    for (const [name, place] of places) {
      const segment = segments[place] ?? "";
      params[name] = segment.includes("%")
        ? decodeURIComponent(segment)
        : segment;
    }
    return params;
  } catch {
    throw new HttpError(400, "The path holds a % that is no escape of UTF-8");
  }
}

function requireResponse(response: Response): Response {
  if (response instanceof Response) return response; // Bun would answer 200 by itself
  throw new TypeError("A handler returned something that is no Response.");
}

function withoutBody(response: Response): Response {
  response.body?.cancel().catch(() => {}); // a body that is in use already ends by itself
  return new Response(null, response);
}
