/**
 * The scope router: a table of routes, and views of it whose handlers receive
 * more than the plain context. A guard belongs to the route: there is no
 * middleware by prefix or pattern, so no two readings of a path can disagree.
 * Answered here: 400 for a malformed Host or escape, 404, 405 with Allow, HEAD
 * as GET without the body, OPTIONS, 500 for whatever a handler throws or fails
 * to return, which is printed unless somebody takes it.
 */

import {
  type AddsNothing,
  addToContext,
  Context,
  type Handler,
  type Middleware,
  type Mount,
} from "./context.ts";
import { HttpError, toResponse } from "./error.ts";
import { printFault } from "./print_fault.ts";
import { remoteAddressOf } from "./remote_address.ts";
import { isFixedPath } from "./path_pattern.ts";
import { type RegisteredRoute, RouteTable } from "./route_table.ts";
import { settable } from "./response.ts";
import { readTarget } from "./target.ts";

/** The parameters of a path: `/users/:id` has `{ id: string }`, decoded. */
export type PathParams<Path extends string> = {
  readonly [Name in ParamName<Path>]: string;
};

/** @internal */
type ParamName<Path extends string> = Path extends
  `${infer Segment}/${infer Rest}` ? ParamName<Segment> | ParamName<Rest>
  : Path extends `:${infer Name}*` ? Name
  : Path extends `:${infer Name}` ? Name
  : never;

/**
 * Registers a handler for a path. A segment like `:id` is a parameter, which
 * stands for one segment with some text; a last one like `:path*` stands for
 * all that is left, also for nothing. A fixed segment wins over a parameter,
 * without a second try; where they lead nowhere, the rest answers that stands
 * deepest.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { json, router } from "onejot/http";
 *
 * const site = router();
 * site.get("/users/:id", ({ params }) => json(params.id));
 * site.get("/files/:path*", ({ params }) => json(params.path));
 *
 * const answers = { "/users/a%20b": "a b", "/files/": "", "/files/x/y.z": "x/y.z" };
 * for (const [path, answer] of Object.entries(answers)) {
 *   assert.equal(await (await site.request(path)).json(), answer);
 * }
 * for (const path of ["/users/", "/users/a/b", "/files", "/files/a%2Fb"]) {
 *   assert.equal((await site.request(path)).status, 404);
 * }
 * ```
 *
 * A rest is decoded segment by segment. It is not found (404) where it has an
 * empty segment before its end, a segment `.` or `..`, an escaped slash, a
 * backslash or NUL, or an escape of what needs none, such as `%61`: so who
 * reads the text as a path reads the one that was sent. What it may name in a
 * file system is for the handler to decide.
 *
 * Throws a TypeError where the path is no pattern, and says what to write
 * instead; where it has a handler for the method already; and where it lies
 * below the router's prefix or a mounted router.
 */
export type Register<C> = <Path extends string>(
  path: Path,
  handler: Handler<C & { readonly params: PathParams<Path> }>,
) => void;

/**
 * What a middleware may add to a context `C`: anything whose names `C` does not
 * have. Where it has one, this is `never`, which no middleware can add.
 */
export type Addable<C, Adds extends object> = keyof Adds & keyof C extends never
  ? Adds
  : never;

/** A view of a table of routes, whose handlers receive a `C`. */
export interface Router<C extends Context> {
  /** Answers GET, and HEAD without the body. */
  readonly get: Register<C>;
  /** Answers POST. */
  readonly post: Register<C>;
  /** Answers PUT. */
  readonly put: Register<C>;
  /** Answers PATCH. */
  readonly patch: Register<C>;
  /** Answers DELETE. */
  readonly delete: Register<C>;
  /**
   * Makes a view of the same table whose routes lie behind one middleware more.
   * The routes of this view stay as they are.
   */
  use<Adds extends object>(
    middleware: Middleware<C, Addable<C, Adds>>,
  ): Router<C & Adds>;
  /**
   * Hands all that is below a path to another router, whose own routes are then
   * found there: its `/users/:id` at `/api/users/:id`, and its `/` at `/api/`.
   * Routes that are added to it later are there, too.
   *
   * The guards of this view stand around all of it, also around what no route
   * answers. The other one keeps its own guards, its `around`, its `onError`
   * and its `clientAddress`, and answers its 404, 405 and OPTIONS. Its handlers
   * have a context of their own, without what the guards here have added, and
   * its prefix does not count.
   *
   * ```ts
   * import assert from "node:assert/strict";
   * import { json, router } from "onejot/http";
   *
   * const api = router();
   * api.get("/users/:id", ({ params }) => json(params.id));
   *
   * const site = router();
   * site.get("/users/:id", () => new Response("a page"));
   * site.mount("/api", api);
   * assert.equal(await (await site.request("/api/users/1")).json(), "1");
   * ```
   *
   * @throws {TypeError} the path is not made of fixed segments, there are
   * routes or another router below it already, or what is mounted is no router
   */
  readonly mount: (path: string, router: RootRouter) => void;
}

/**
 * The whole table: public routes hang here, and `fetch` answers requests from
 * it.
 */
export interface RootRouter extends Router<Context> {
  /**
   * Answers a request. Never throws, and needs no `this`, so that a runtime can
   * be handed it as it is: `Bun.serve({ fetch: site.fetch })`,
   * `Deno.serve(site.fetch)`, or `export default site` for `bun run` and
   * `deno serve`.
   *
   * @param connection where the request came from: what the runtime hands over
   * behind it (Bun's Server, Deno's ServeHandlerInfo), or the address itself.
   * With anything else, such as the environment of Cloudflare's Workers,
   * `remoteAddress` is null.
   */
  readonly fetch: (
    request: Request,
    connection?: unknown,
  ) => Promise<Response>;
  /**
   * Answers a request that a program makes by itself, as a test does: a path
   * with its query, and what `new Request` takes. It has no remote address, and
   * its Host is `localhost`.
   *
   * ```ts
   * import assert from "node:assert/strict";
   * import { json, router } from "onejot/http";
   *
   * const site = router();
   * site.post("/say/:word", ({ params }) => json(params.word));
   * const response = await site.request("/say/hello", { method: "POST" });
   * assert.equal(await response.json(), "hello");
   * ```
   *
   * @throws {TypeError} the path does not begin with a slash, or `new Request`
   * does not take what was given
   */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
}

/** What lies around a router's routes. */
export interface RouterOptions {
  /**
   * Where the table is found as well, such as `/auth`: `/auth/x` is then the
   * same as `/x`.
   */
  readonly prefix?: string;
  /** Whether it is found there alone: `/x` is then nothing. */
  readonly prefixOnly?: boolean;
  /**
   * Run around every request, also around those that no route answers; the
   * outermost first.
   */
  readonly around?: readonly Middleware<Context, AddsNothing>[];
  /**
   * Gives the client's address instead of the one at the other end of the
   * connection, which a proxy has. Believe a header field only where that
   * address is your proxy's: anybody can send one.
   */
  readonly clientAddress?: (
    request: Request,
    remoteAddress: string | null,
  ) => string | null;
  /**
   * Is handed whatever was thrown that is neither an HttpError nor a JwtError.
   * The answer is the HttpError that it gives, or a 500 that says nothing.
   * Without it, the error is printed by `console.error`, with the method and
   * the path of the request.
   */
  readonly onError?: (
    error: unknown,
    context: Context,
  ) => HttpError | null | void;
}

/**
 * Makes a router without routes.
 *
 * @example A public route, and one behind a middleware
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   type Context,
 *   HttpError,
 *   json,
 *   type Middleware,
 *   router,
 * } from "onejot/http";
 *
 * const site = router();
 * site.get("/hello/:name", ({ params }) => json({ hello: params.name }));
 *
 * const users = new Map([["secret key", "ada"]]);
 * const known: Middleware<Context, { user: string }> = ({ request }, next) => {
 *   const user = users.get(request.headers.get("x-api-key") ?? "");
 *   if (user === undefined) throw new HttpError(401);
 *   return next({ user });
 * };
 * site.use(known).get("/me", ({ user }) => json({ user }));
 *
 * const headers = { "x-api-key": "secret key" };
 * const response = await site.request("/me", { headers });
 * assert.deepEqual(await response.json(), { user: "ada" });
 * ```
 */
export function router(options: RouterOptions = {}): RootRouter {
  const { around = [], onError = printFault } = options;
  const { clientAddress = takeAsItIs } = options;
  const routes: Routes = {
    table: new RouteTable(),
    prefix: readPrefix(options),
    prefixOnly: options.prefixOnly ?? false,
  };

  // Both have the same middlewares around them, so that the log and the metrics
  // also see a request whose target is refused.
  const answerTarget = withLayers((context) => dispatch(routes, context));
  const answerBadTarget = withLayers(refuseTarget);
  const answerMounted = withLayers((context) => {
    return dispatchPath(routes, context, Context.pathToRoute(context));
  });

  /**
   * Two layers, and a boundary for each: what lies around sees a response
   * whatever a route throws, and may throw, too.
   */
  function withLayers(handler: Handler<Context>): Answer {
    const answerRoute = catchErrors(handler, onError);
    // Where nothing lies around, nothing throws: one promise less a request.
    if (around.length === 0) return answerRoute;
    const answerAround = catchErrors(chain(around, answerRoute), onError);
    return answerAround;
  }

  function answerRequest(
    request: Request,
    connection?: unknown,
  ): Promise<Response> {
    // Random, and not counted: everybody is shown the ids of their requests,
    // and could tell from two of them how many others came between.
    const requestId = crypto.randomUUID();
    const target = readTarget(request);
    let answer = target === null ? answerBadTarget : answerTarget;
    let remoteAddress = remoteAddressOf(request, connection);
    try {
      remoteAddress = clientAddress(request, remoteAddress);
    } catch (error) {
      answer = withLayers(() => Promise.reject(error));
    }
    const context = new Context(request, { target, remoteAddress, requestId });
    const response = answer(context);
    return request.method === "HEAD" ? response.then(withoutBody) : response;
  }

  /** Answers what another router hands on, at which this one is mounted. */
  function answerBelow(context: Context, mount: Mount): Promise<Response> {
    const { request, requestId } = context;
    const inner = new Context(request, {
      target: { path: context.path, query: context.rawQuery },
      remoteAddress: clientAddress(request, context.remoteAddress),
      requestId,
      mount,
    });
    return answerMounted(inner);
  }

  mountable.set(answerRequest, answerBelow);
  return {
    ...view<Context>(routes, []),
    fetch: answerRequest,
    request: async (path, init) => {
      return await answerRequest(makeRequest(path, init));
    },
  };
}

/**
 * What answers for a router that is mounted, by its `fetch`: that is the same
 * function also where somebody has copied the router's members.
 */
const mountable = new WeakMap<
  RootRouter["fetch"],
  (context: Context, mount: Mount) => Promise<Response>
>();

function readPrefix({ prefix = "", prefixOnly }: RouterOptions): string {
  if (prefix === "" ? prefixOnly === true : !isFixedPath(prefix)) {
    throw new TypeError(
      "Cannot make a router: its prefix must be fixed segments, such as /auth.",
    );
  }
  return prefix;
}

/** Makes a request as a client of this machine would send it. */
function makeRequest(path: string, init: RequestInit = {}): Request {
  if (!path.startsWith("/")) {
    throw new TypeError("Cannot ask: the path must begin with a slash.");
  }
  const request = new Request(`http://localhost${path}`, init);
  if (!request.headers.has("host")) request.headers.set("host", "localhost");
  return request;
}

/** Answers a request whatever is thrown: it never rejects. */
type Answer = (context: Context) => Promise<Response>;

/** The table, and where it is found. */
interface Routes {
  readonly table: RouteTable<Handler<Context>>;
  readonly prefix: string;
  readonly prefixOnly: boolean;
}

function takeAsItIs(
  _request: Request,
  remoteAddress: string | null,
): string | null {
  return remoteAddress;
}

/** A boundary for errors: what the handler throws becomes a response. */
function catchErrors(
  handler: Handler<Context>,
  onError: NonNullable<RouterOptions["onError"]>,
): Answer {
  return async (context) => {
    try {
      const response = handler(context);
      // A response that is there already is not waited for: it costs a turn.
      return requireResponse(
        response instanceof Response ? response : await response,
      );
    } catch (error) {
      return toResponse(error, (unexpected) => onError(unexpected, context));
    }
  };
}

function view<C extends Context>(
  routes: Routes,
  middlewares: readonly AnyMiddleware[],
): Router<C> {
  const { table } = routes;
  const register = (method: string): Register<C> => (path, handler) => {
    requireOutsidePrefix(routes, path);
    // Sound: before the handler runs, dispatch has added the parameters to the
    // context, and the chain all else that C names.
    const inner = handler as unknown as Handler<Context>;
    table.add(method, path, chain(middlewares, inner));
  };
  return {
    get: register("GET"),
    post: register("POST"),
    put: register("PUT"),
    patch: register("PATCH"),
    delete: register("DELETE"),
    use: (middleware) => {
      // Sound: the middlewares before it have added what it needs.
      const innermost = middleware as unknown as AnyMiddleware;
      return view(routes, [...middlewares, innermost]);
    },
    mount: (path, router) => {
      requireOutsidePrefix(routes, path);
      table.mount(path, chain(middlewares, below(routes, path, router)));
    },
  };
}

/** What is below the prefix is looked up without it: such a route is dead. */
function requireOutsidePrefix({ prefix }: Routes, path: string): void {
  if (prefix === "" || !path.startsWith(`${prefix}/`)) return;
  throw new TypeError(
    `Cannot add the route ${path}: it is below the router's prefix. Write ` +
      `${path.slice(prefix.length)}, which is found there.`,
  );
}

/** Makes the handler that hands a request on to a router that is mounted. */
function below(
  routes: Routes,
  path: string,
  router: RootRouter,
): Handler<Context> {
  const answer = mountable.get(router.fetch);
  if (answer === undefined) {
    throw new TypeError(
      `Cannot mount at ${path}: only what router() has made can be mounted.`,
    );
  }
  return (context) => {
    const pathOfRoute = withoutPrefix(routes, Context.pathToRoute(context));
    const pathBelow = (pathOfRoute ?? "").slice(path.length);
    return answer(context, { context, path, pathBelow });
  };
}

type AnyMiddleware = Middleware<Context, object>;

/**
 * Puts middlewares around a handler, the first one outermost. It is done once,
 * when a route is registered, so that a request only has to walk through.
 */
function chain(
  middlewares: readonly AnyMiddleware[],
  handler: Handler<Context>,
): Handler<Context> {
  let outermost = handler;
  for (const middleware of middlewares.toReversed()) {
    outermost = link(middleware, outermost);
  }
  return outermost;
}

/** Puts one middleware around a handler. */
function link(
  middleware: AnyMiddleware,
  inner: Handler<Context>,
): Handler<Context> {
  return (context) => {
    let isCalled = false;
    return middleware(context, async (adds) => {
      if (isCalled) {
        throw new TypeError("A middleware called next a second time.");
      }
      isCalled = true;
      addToContext(context, adds);
      return requireResponse(await inner(context));
    });
  };
}

function refuseTarget(): never {
  throw new HttpError(400, "The Host header is missing or malformed");
}

/** Answers with the route that the method and the path lead to. */
function dispatch(
  routes: Routes,
  context: Context,
): Response | Promise<Response> {
  const path = withoutPrefix(routes, context.path);
  if (path === null) throw new HttpError(404);
  return dispatchPath(routes, context, path);
}

function dispatchPath(
  { table }: Routes,
  context: Context,
  path: string,
): Response | Promise<Response> {
  const mounted = table.findMounted(path);
  if (mounted !== null) return mounted(context);
  const byMethod = table.find(path);
  if (byMethod === null) throw new HttpError(404);
  const { method } = context.request;
  // RFC 9110 §9.3.2: HEAD is answered as GET is.
  const registered = byMethod.get(method === "HEAD" ? "GET" : method);
  if (registered === undefined) {
    return answerOtherMethod(method, [...byMethod.keys()]);
  }
  // Before the parameters are decoded, which may be bad: the metrics count a
  // refusal for them under this route.
  Context.enterRoute(context, registered.pattern, path);
  addToContext(context, { params: decodeParams(path, registered) });
  return registered.route(context);
}

/** The path in the table; null where the prefix is missing that it needs. */
function withoutPrefix(
  { prefix, prefixOnly }: Routes,
  path: string,
): string | null {
  if (prefix === "") return path;
  if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  return prefixOnly ? null : path;
}

/** OPTIONS is told which methods a path has, and so is what they refuse. */
function answerOtherMethod(
  method: string,
  registered: readonly string[],
): Response {
  const methods = [...registered, "OPTIONS"];
  if (methods.includes("GET")) methods.push("HEAD");
  const headers = { allow: methods.sort().join(", ") }; // RFC 9110 §10.2.1
  if (method === "OPTIONS") return new Response(null, { status: 204, headers });
  throw new HttpError(405, undefined, headers); // RFC 9110 §15.5.6
}

function decodeParams(
  path: string,
  { places, rest }: RegisteredRoute<unknown>,
): Readonly<Record<string, string>> {
  const params: Record<string, string> = Object.create(null);
  if (places.size === 0) return params;
  const segments = path.split("/");
  for (const [name, place] of places) {
    params[name] = name === rest
      ? decodeRest(segments.slice(place))
      : decodeSegment(segments[place] ?? "");
  }
  return params;
}

/**
 * The end of a path, decoded, where whoever reads the text as a path reads the
 * one that was sent: each slash is a slash that was sent, and there is one way
 * to send a letter. Or `/%70rivate/x` would be, for the handler of `/:path*`,
 * what `/private/x` is, whose guards it has not passed.
 */
function decodeRest(segments: readonly string[]): string {
  const decoded = segments.map(decodeSegment);
  const isPlain = !decoded.slice(0, -1).includes("") &&
    !decoded.includes(".") && !decoded.includes("..") &&
    !decoded.some((segment) => /[/\\\0]/.test(segment)) &&
    !segments.some((segment) => escapedUnreserved.test(segment));
  if (!isPlain) throw new HttpError(404);
  return decoded.join("/");
}

/** RFC 3986 §2.3: letters, digits, "-", ".", "_" and "~" need no escape. */
const escapedUnreserved = /%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)/i;

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpError(400, "The path holds a % that is no escape of UTF-8");
  }
}

/** Bun would answer 200 by itself where a handler returns something else. */
function requireResponse(response: Response): Response {
  if (response instanceof Response) return settable(response);
  throw new TypeError("A handler returned something that is no Response.");
}

function withoutBody(response: Response): Response {
  // It rejects where the body is in use already, which then ends by itself.
  response.body?.cancel().catch(() => {});
  return new Response(null, response);
}
