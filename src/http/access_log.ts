/**
 * The access log: one line per request, with method, path without query, status, duration, bytes,
 * client address and request id; never a header value, a query, a token or a body.
 */

import type { Context } from "./context.ts";
import type { Log } from "./log.ts";
import { withHeaders } from "./response.ts";
import type { AddsNothing, Middleware } from "./router.ts";

/** Makes the middleware; it also puts the request's id into X-Request-Id. */
export function accessLog(log: Log): Middleware<Context, AddsNothing> {
  return async (context, next) => {
    const start = performance.now();
    const response = await next({});
    const length = response.headers.get("content-length");
    log.write({
      time: new Date().toISOString(),
      method: context.request.method.slice(0, 16),
      path: context.path.slice(0, 512), // both are the client's to choose
      status: response.status,
      milliseconds: Math.round((performance.now() - start) * 100) / 100,
      bytes: length === null ? null : Number(length),
      address: context.remoteAddress,
      id: context.requestId,
    });
    return withHeaders(response, [["x-request-id", context.requestId]]);
  };
}
