/**
 * HttpError, the closed table of statuses that a handler may refuse with, and `toResponse`, the one
 * place where a throw becomes a response. Whatever else is thrown becomes a 500 that says nothing.
 */
import { json } from "./response.ts";
const messages = {
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
/** Refuses a request. The message goes to the client: never put a secret or an input into it. */
export class HttpError extends Error {
  /** Always this. */
  name = "HttpError";
  /** The response's status. */
  status;
  /** The response's further header fields, such as Retry-After. */
  headers;
  /** Makes a refusal; its message is the status's own words by default. */
  constructor(status, message = messages[status], headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
/**
 * Turns a throw into a response: `{"message": …}` with the status of an HttpError, or a bare 500.
 *
 * @param report is handed what was thrown when it is no HttpError; may give one to answer with
 */
export function toResponse(error, report) {
  if (error instanceof HttpError) {
    return json({ message: error.message }, error);
  }
  try {
    const refusal = report(error);
    if (refusal instanceof HttpError) {
      return json({ message: refusal.message }, refusal);
    }
  } catch {
    // a log that fails must not keep the client from its answer
  }
  return json({ message: "Internal server error" }, { status: 500 });
}
