/**
 * Fetch-style HTTP: a scope router, errors, bodies, an access log, metrics and
 * security headers, for Bun and Deno alike. The front door of this folder,
 * which imports nothing from outside.
 *
 * Compatibility: what is exported here keeps its name, its types and what it
 * answers on the wire within a minor version as long as the major one is 0, and
 * within a major version from 1.0 on. What only the folder's other files export
 * may change at any time. No version will make a check weaker by default.
 */

export {
  type AddsClaims,
  bearer,
  bearerTokenOf,
  type TokenCheck,
} from "./bearer.ts";
export { type BodyLimits, readBytes, readJson } from "./body.ts";
export type {
  AddsNothing,
  Context,
  Handler,
  Middleware,
  Next,
} from "./context.ts";
export { isSettledWithin } from "./deadline.ts";
export { HttpError, type HttpErrorStatus, toResponse } from "./error.ts";
export {
  type Members,
  type MemberTypes,
  readFields,
  readMembers,
} from "./fields.ts";
export {
  accessLog,
  type AccessLogOptions,
  type BatchLog,
  createLog,
  type Log,
  type LogRecord,
} from "./log.ts";
export { isLoopbackHost } from "./loopback.ts";
export { type Add, measureRequests, Metrics } from "./metrics.ts";
export {
  json,
  type ResponseParts,
  securityHeaders,
  withHeaders,
} from "./response.ts";
export {
  type Addable,
  type PathParams,
  type Register,
  type RootRouter,
  type Router,
  router,
  type RouterOptions,
} from "./router.ts";
export { trimOptionalWhitespace } from "./whitespace.ts";
