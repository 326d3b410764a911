/**
 * Header fields that keep a browser from doing more with a response than it is meant for. A field
 * that a handler has set itself stays as it is.
 */

import type { Context } from "./context.ts";
import { withHeaders } from "./response.ts";
import type { AddsNothing, Middleware } from "./router.ts";

const fields: readonly (readonly [string, string])[] = [
  ["cache-control", "no-store"], // RFC 6749 §5.1 for tokens; nothing here is made to be cached
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];

/** Adds the header fields to every response. */
export function securityHeaders(): Middleware<Context, AddsNothing> {
  return async (_context, next) => {
    const response = await next({});
    return withHeaders(response, fields.filter(([name]) => !response.headers.has(name)));
  };
}
