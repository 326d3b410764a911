/**
 * Fetch-style HTTP: a scope router, errors, bodies, an access log and security headers, for Bun and
 * Deno alike. The front door of this folder; it imports nothing from outside.
 */

export {
  type BodyLimits,
  type Members,
  readBytes,
  readFields,
  readJson,
} from "./body.ts";
export { type MemberTypes, readMembers } from "./body.ts";
export type {
  AddsNothing,
  Context,
  Handler,
  Middleware,
  Next,
} from "./context.ts";
export { HttpError, type HttpErrorStatus, toResponse } from "./error.ts";
export { accessLog, createLog, type Log, type LogRecord } from "./log.ts";
export { type Add, measureRequests, Metrics } from "./metrics.ts";
export {
  json,
  type ResponseParts,
  securityHeaders,
  withHeaders,
} from "./response.ts";
export {
  type PathParams,
  type Register,
  type RootRouter,
  type Router,
  router,
} from "./router.ts";
export type { RouterOptions } from "./router.ts";
export {
  isSettledWithin,
  type RunningServer,
  type ServeOptions,
} from "./server.ts";
