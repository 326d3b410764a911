/**
 * Making responses: JSON with its length, and header fields for responses that come from anywhere.
 */

/** The status and the header fields of a response. */
export interface ResponseParts {
  /** 200 by default. */
  readonly status?: number;
  /** Header fields by name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes a response of a value as JSON (RFC 8259), with Content-Type and Content-Length. */
export function json(value: unknown, { status = 200, headers = {} }: ResponseParts = {}): Response {
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
export function withHeaders(
  response: Response,
  fields: Iterable<readonly [string, string]>,
): Response {
  try {
    for (const [name, value] of fields) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const copy = new Response(response.body, response);
    for (const [name, value] of fields) copy.headers.set(name, value);
    return copy;
  }
}
