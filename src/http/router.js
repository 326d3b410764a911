/**
 * The scope router: a table of routes, and views of it whose handlers receive more than the plain
 * context. A guard belongs to the route: there is no middleware by prefix or pattern, so no two
 * readings of a path can disagree. Answered here: 400 for a malformed Host or escape, 404, 405 with
 * Allow, HEAD as GET without the body, OPTIONS, 500 for whatever a handler throws or fails to return.
 */
import { addMembers, Context } from "./context.ts";
import { HttpError, toResponse } from "./error.ts";
import { RouteTable } from "./route_table.ts";
/** Makes a router without routes. */
export function router(options = {}) {
  const { prefix = "", around = [], onError = () => {} } = options;
  const table = new RouteTable();
  const idPrefix = crypto.randomUUID().slice(0, 8);
  let requests = 0;
  const answerErrors = (handler) => async (context) => {
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
  function fetch(request, remoteAddress = null) {
    const requestId = `${idPrefix}-${(++requests).toString(36)}`;
    const response = answer(new Context(request, remoteAddress, requestId)); // never throws
    return request.method === "HEAD" ? response.then(withoutBody) : response;
  }
  return { ...view(table, []), fetch };
}
function view(table, middlewares) {
  const register = (method) => (path, handler) => {
    // Sound: before the handler runs, the chain has added to the context all that C names.
    table.add(method, path, chain(middlewares, handler));
  };
  return {
    get: register("GET"),
    post: register("POST"),
    put: register("PUT"),
    patch: register("PATCH"),
    delete: register("DELETE"),
    use: (middleware) => view(table, [...middlewares, middleware]),
  };
}
/** Puts middlewares around a handler, once, so that a request only has to walk through. */
function chain(middlewares, handler) {
  return middlewares.reduceRight((inner, middleware) => (context) => {
    let isCalled = false;
    return middleware(context, async (adds) => {
      if (isCalled) {
        throw new TypeError("A middleware called next a second time.");
      }
      isCalled = true;
      addMembers(context, adds);
      return requireResponse(await inner(context));
    });
  }, handler);
}
function dispatch(table, prefix, context) {
  if (context.path === "") {
    throw new HttpError(400, "The Host header is missing or malformed");
  }
  const isBelow = prefix !== "" && context.path.startsWith(`${prefix}/`);
  const path = isBelow ? context.path.slice(prefix.length) : context.path;
  const byMethod = table.find(path);
  if (byMethod === null) {
    throw new HttpError(404);
  }
  const { method } = context.request;
  const found = byMethod.get(method === "HEAD" ? "GET" : method); // RFC 9110 §9.3.2
  if (found === undefined) {
    return answerOtherMethod(method, [...byMethod.keys()]);
  }
  context.enter(found.pattern); // before the parameters, which may be bad
  addMembers(context, { params: decodeParams(path, found.places) });
  return found.route(context);
}
function answerOtherMethod(method, registered) {
  const methods = [...registered, "OPTIONS"];
  if (methods.includes("GET")) {
    methods.push("HEAD");
  }
  const headers = { allow: methods.sort().join(", ") }; // RFC 9110 §10.2.1, §15.5.6
  if (method === "OPTIONS") {
    return new Response(null, { status: 204, headers });
  }
  throw new HttpError(405, undefined, headers);
}
function decodeParams(path, places) {
  const params = Object.create(null);
  if (places.size === 0) {
    return params;
  }
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
function requireResponse(response) {
  if (response instanceof Response) {
    return response; // Bun would answer 200 by itself
  }
  throw new TypeError("A handler returned something that is no Response.");
}
function withoutBody(response) {
  response.body?.cancel().catch(() => {}); // a body that is in use already ends by itself
  return new Response(null, response);
}
