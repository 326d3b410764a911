/**
 * Making responses: JSON with its length, and header fields for responses that
 * come from anywhere, among them those that keep a browser from doing more with
 * a response than it is meant for.
 */

import type { AddsNothing, Context, Middleware } from "./context.ts";

/** The status and the header fields of a response. */
export interface ResponseParts {
  /** 200 by default. */
  readonly status?: number;
  /** Header fields by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Makes a response of a value as JSON (RFC 8259), with Content-Type and
 * Content-Length.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { json } from "onejot/http";
 *
 * const headers = { location: "/users/1" };
 * const response = json({ id: 1 }, { status: 201, headers });
 * assert.equal(response.headers.get("content-type"), "application/json");
 * assert.equal(await response.text(), '{"id":1}');
 * ```
 */
export function json(
  value: unknown,
  { status = 200, headers = {} }: ResponseParts = {},
): Response {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return new Response(body, {
    status,
    headers: {
      "content-type": "application/json",
      // RFC 9110 §9.3.2: so that HEAD tells it, too.
      "content-length": String(body.length),
      ...headers,
    },
  });
}

/**
 * A response whose header fields can be set by whoever it passes. Those of
 * `Response.redirect` and of `fetch` cannot be, on Deno: they are copied. All
 * others stay as they are.
 */
export function settable(response: Response): Response {
  const { url, status } = response;
  // Only what fetch has given has a URL.
  if (url !== "") return withoutCoding(copyIfImmutable(response));
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? copyIfImmutable(response) : response;
}

/**
 * What `fetch` has given is decoded (Fetch Standard, "handle content codings"),
 * and its Content-Encoding still says how it came. Sent on with it, a client
 * would decode it again, so the field goes, and with it the length of what
 * came.
 */
function withoutCoding(response: Response): Response {
  const { headers } = response;
  if (!headers.has("content-encoding")) return response;
  headers.delete("content-encoding");
  headers.delete("content-length");
  return response;
}

function copyIfImmutable(response: Response): Response {
  if (!isImmutable(response)) return response;
  return new Response(response.body, response);
}

function isImmutable({ headers }: Response): boolean {
  try {
    headers.delete("x-none");
    return false;
  } catch {
    return true;
  }
}

/**
 * Sets header fields. A response whose header cannot be changed, as that of
 * `Response.redirect`, is copied first. A middleware of a router need not care:
 * each response that it is given can be changed.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { withHeaders } from "onejot/http";
 *
 * const response = withHeaders(Response.redirect("http://h/x"), [
 *   ["cache-control", "no-store"],
 * ]);
 * assert.equal(response.headers.get("cache-control"), "no-store");
 * assert.equal(response.headers.get("location"), "http://h/x");
 * ```
 */
export function withHeaders(
  response: Response,
  fields: Iterable<readonly [string, string]>,
): Response {
  try {
    setHeaders(response, fields);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const copy = new Response(response.body, response);
    setHeaders(copy, fields);
    return copy;
  }
}

function setHeaders(
  { headers }: Response,
  fields: Iterable<readonly [string, string]>,
): void {
  for (const [name, value] of fields) headers.set(name, value);
}

const securityFields: readonly (readonly [string, string])[] = [
  // RFC 6749 §5.1 for tokens; and nothing here is made to be cached.
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];

/**
 * Makes the middleware that adds header fields to every response by which
 * browsers do no more with it than it is meant for: they keep no copy, load
 * nothing for it, show it in no frame, and guess no other type. A field that a
 * handler has set itself stays as it is.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { json, router, securityHeaders } from "onejot/http";
 *
 * const site = router({ around: [securityHeaders()] });
 * site.get("/", () => json("hello"));
 * const { headers } = await site.request("/");
 * assert.equal(headers.get("x-content-type-options"), "nosniff");
 * ```
 */
export function securityHeaders(): Middleware<Context, AddsNothing> {
  return async (_context, next) => {
    const response = await next({});
    const missing = securityFields.filter(([name]) =>
      !response.headers.has(name)
    );
    return withHeaders(response, missing);
  };
}
