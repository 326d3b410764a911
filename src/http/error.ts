/**
 * HttpError, the closed table of statuses that a handler may refuse with, and
 * `toResponse`, the one place where a throw becomes a response. Whatever else
 * is thrown becomes a 500 that says nothing.
 */

import { json } from "./response.ts";

/** A status that a request can be refused with (RFC 9110 §15.5, §15.6). */
export type HttpErrorStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 413
  | 415
  | 429
  | 503;

const messages: Readonly<Record<HttpErrorStatus, string>> = {
  400: "Bad request",
  401: "Auth required",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  408: "The body did not arrive in time",
  409: "Conflict",
  413: "The body is too large",
  415: "Unsupported media type",
  429: "Too many requests",
  503: "Busy, try again later",
};

/**
 * Refuses a request, with a status out of a closed table. The message goes to
 * the client: never put a secret or an input into it.
 */
export class HttpError extends Error {
  /** "HttpError", by which a log can tell a refusal from a fault. */
  override readonly name = "HttpError";
  /** The response's status. */
  readonly status: HttpErrorStatus;
  /** The response's further header fields, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  /** Makes a refusal; its message is the status's own words by default. */
  constructor(
    status: HttpErrorStatus,
    message: string = messages[status],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Turns a throw into a response: `{"message": …}` with the status of an
 * HttpError, or a bare 500.
 *
 * @param report is handed what was thrown when it is no HttpError; may give an
 * HttpError to answer with
 */
export function toResponse(
  error: unknown,
  report: (error: unknown) => HttpError | null | void,
): Response {
  try {
    if (error instanceof HttpError) return refuse(error);
    const refusal = report(error);
    if (refusal instanceof HttpError) return refuse(refusal);
  } catch {
    // A log that fails, or a refusal with a header field that cannot be sent,
    // must not keep the client from its answer.
  }
  return json({ message: "Internal server error" }, { status: 500 });
}

function refuse({ message, status, headers }: HttpError): Response {
  return json({ message }, { status, headers });
}
