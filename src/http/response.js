/**
 * Making responses: JSON with its length, and header fields for responses that come from anywhere,
 * among them those that keep a browser from doing more with a response than it is meant for.
 */
/** Makes a response of a value as JSON (RFC 8259), with Content-Type and Content-Length. */
export function json(value, { status = 200, headers = {} } = {}) {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return new Response(body, {
    status,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.length), // so that HEAD tells it too (RFC 9110 §9.3.2)
      ...headers,
    },
  });
}
/** Sets header fields; a response whose own are immutable (Response.redirect) is copied first. */
export function withHeaders(response, fields) {
  try {
    for (const [name, value] of fields) {
      response.headers.set(name, value);
    }
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
    const copy = new Response(response.body, response);
    for (const [name, value] of fields) {
      copy.headers.set(name, value);
    }
    return copy;
  }
}
const securityFields = [
  ["cache-control", "no-store"], // RFC 6749 §5.1 for tokens; nothing here is made to be cached
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];
/** Adds these to every response; one that a handler has set itself stays as it is. */
export function securityHeaders() {
  return async (_context, next) => {
    const response = await next({});
    return withHeaders(
      response,
      securityFields.filter(([name]) => !response.headers.has(name)),
    );
  };
}
