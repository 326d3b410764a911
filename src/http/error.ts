/**
 * HttpError, the statuses that a handler may refuse with, and `toResponse`, the
 * one place where a throw becomes a response. A JwtError that nobody has caught
 * is a token that was refused: 401. Whatever else is thrown becomes a 500 that
 * says nothing.
 * Refused: a status that is no refusal (a RangeError).
 */

import { json } from "./response.ts";

/**
 * A status that a request can be refused with: each of 400 to 599 (RFC 9110
 * §15.5, §15.6).
 */
export type HttpErrorStatus = NumberOf<`${4 | 5}${Digit}${Digit}`>;

/** @internal */
type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** @internal */
type NumberOf<Digits extends string> = Digits extends
  `${infer Value extends number}` ? Value : never;

/** What a client is told where a refusal has no message of its own. */
const messages: Readonly<Partial<Record<HttpErrorStatus, string>>> = {
  400: "Bad request",
  401: "Auth required",
  402: "Payment required",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  407: "Proxy authentication required",
  408: "The body did not arrive in time",
  409: "Conflict",
  410: "Gone",
  411: "Length required",
  412: "Precondition failed",
  413: "The body is too large",
  414: "URI too long",
  415: "Unsupported media type",
  416: "Range not satisfiable",
  417: "Expectation failed",
  421: "Misdirected request",
  422: "Unprocessable content",
  426: "Upgrade required",
  428: "Precondition required", // RFC 6585 §3
  429: "Too many requests",
  431: "Request header fields too large", // RFC 6585 §5
  451: "Unavailable for legal reasons", // RFC 7725
  500: "Internal server error",
  501: "Not implemented",
  502: "Bad gateway",
  503: "Busy, try again later",
  504: "Gateway timeout",
  505: "HTTP version not supported",
};

/** RFC 9110 §15: a status that is not known is as the first of its class. */
function messageOf(status: HttpErrorStatus): string {
  const first = status < 500 ? "Bad request" : "Internal server error";
  return messages[status] ?? first;
}

/**
 * The challenge of a 401 that has none of its own. RFC 6750 §3 asks for a
 * parameter behind the scheme.
 */
export const defaultChallenge = 'Bearer realm="api"';

/**
 * Refuses a request, with a status of 400 to 599. The message goes to the
 * client: never put a secret or an input into it.
 *
 * A 401 without `www-authenticate` is sent with `Bearer realm="api"`, because
 * RFC 9110 §15.5.2 asks for a challenge. Give the field that another status
 * asks for: 405 Allow, 407 Proxy-Authenticate, 426 Upgrade.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { HttpError, router } from "onejot/http";
 *
 * const site = router();
 * site.get("/old", () => {
 *   throw new HttpError(410, "Moved out", { link: "</new>" });
 * });
 * const response = await site.request("/old");
 * assert.equal(response.status, 410);
 * assert.equal(response.headers.get("link"), "</new>");
 * assert.deepEqual(await response.json(), { message: "Moved out" });
 * ```
 */
export class HttpError extends Error {
  /** "HttpError", by which a log can tell a refusal from a fault. */
  override readonly name = "HttpError";
  /** The response's status. */
  readonly status: HttpErrorStatus;
  /** The response's further header fields, such as Retry-After. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * Makes a refusal; its message is the status's own words by default.
   *
   * @throws {RangeError} the status is none of 400 to 599
   */
  constructor(
    status: HttpErrorStatus,
    message: string = messageOf(status),
    headers: Readonly<Record<string, string>> = {},
  ) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(
        "Cannot refuse a request: its status must be one of 400 to 599.",
      );
    }
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Turns a throw into a response: `{"message": …}` with the status of an
 * HttpError, 401 for a JwtError, or a bare 500.
 *
 * @param report is handed what was thrown when it is neither; may give an
 * HttpError to answer with
 */
export function toResponse(
  error: unknown,
  report: (error: unknown) => HttpError | null | void,
): Response {
  try {
    if (error instanceof HttpError) return refuse(error);
    if (isJwtError(error)) return refuse(tokenIsInvalid());
    const refusal = report(error);
    if (refusal instanceof HttpError) return refuse(refusal);
  } catch {
    // A log that fails, or a refusal with a header field that cannot be sent,
    // must not keep the client from its answer.
  }
  return json({ message: "Internal server error" }, { status: 500 });
}

/** Refuses a token, whatever is wrong with it (RFC 6750 §3.1). */
export function tokenIsInvalid(): HttpError {
  const challenge = `${defaultChallenge}, error="invalid_token"`;
  return new HttpError(401, "Token is invalid", {
    "www-authenticate": challenge,
  });
}

/**
 * Says whether it is a JwtError of onejot/jwt, which this folder does not
 * import. It is known by its name and its code, and nothing of it is shown.
 */
export function isJwtError(error: unknown): boolean {
  return error instanceof Error && error.name === "JwtError" &&
    "code" in error && typeof error.code === "string";
}

function refuse({ message, status, headers }: HttpError): Response {
  const response = json({ message }, { status, headers });
  // RFC 9110 §15.5.2: a 401 has a challenge.
  if (status === 401 && !response.headers.has("www-authenticate")) {
    response.headers.set("www-authenticate", defaultChallenge);
  }
  return response;
}
