/**
 * Fetch-style HTTP: a scope router, errors, bodies, an access log and security headers, for Bun and
 * Deno alike. The front door of this folder; it imports nothing from outside.
 */

export { accessLog } from "./access_log.ts";
export { type BodyLimits, type Members, readBytes, readFields, readJson } from "./body.ts";
export { type MemberTypes, readMembers } from "./body.ts";
export type { Context } from "./context.ts";
export { HttpError, type HttpErrorStatus, toResponse } from "./error.ts";
export { createLog, type Log, type LogRecord } from "./log.ts";
export { json, type ResponseParts, withHeaders } from "./response.ts";
export type { AddsNothing, Handler, Middleware, Next } from "./router.ts";
export { type PathParams, type Register, type RootRouter, type Router, router } from "./router.ts";
export type { RouterOptions } from "./router.ts";
export { securityHeaders } from "./security_headers.ts";
export { isSettledWithin, type RunningServer, type Serve, type ServeOptions } from "./server.ts";
