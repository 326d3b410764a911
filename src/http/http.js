/**
 * Fetch-style HTTP: a scope router, errors, bodies, an access log and security headers, for Bun and
 * Deno alike. The front door of this folder; it imports nothing from outside.
 */
export { readBytes, readFields, readJson } from "./body.ts";
export { readMembers } from "./body.ts";
export { HttpError, toResponse } from "./error.ts";
export { accessLog, createLog } from "./log.ts";
export { measureRequests, Metrics } from "./metrics.ts";
export { json, securityHeaders, withHeaders } from "./response.ts";
export { router } from "./router.ts";
export { isSettledWithin } from "./server.ts";
