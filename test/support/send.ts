/**
 * Requests to a router as a server would hand them over: with a Host header,
 * which both runtimes keep in `new Request`. What they do not let through
 * (other methods, broken targets) is an object with the three members that the
 * router reads.
 */

import type { RootRouter } from "../../src/http/http.ts";

/** Sends a request, written as its first line: "GET /x". */
export function send(
  site: RootRouter,
  line: string,
  init: RequestInit = {},
): Promise<Response> {
  return site.fetch(makeRequest(line, init));
}

/** Makes a request of its first line; its Host is onejot.test by default. */
export function makeRequest(line: string, init: RequestInit = {}): Request {
  const [method = "", target = ""] = line.split(" ");
  const headers = new Headers(init.headers);
  if (!headers.has("host")) headers.set("host", "onejot.test");
  return new Request(`http://onejot.test${target}`, {
    ...init,
    method,
    headers,
  });
}

/**
 * What a server hands over for a method, a URL and a Host, none of which it
 * looks into.
 */
export function wireRequest(
  method: string,
  url: string,
  host: string | null,
): Request {
  const headers = new Headers(host === null ? {} : { host });
  return untyped<Request>({ method, url, headers });
}

/** Status and body on one line. */
export async function told(
  answer: Response | Promise<Response>,
): Promise<string> {
  const response = await answer;
  return `${response.status} ${await response.text()}`;
}

/** Hands over what the types forbid, as a program without types could. */
export function untyped<T>(value: unknown): T {
  return value as T;
}

/**
 * The message of what a promise rejects with, with the status of an HttpError
 * before it.
 */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "no refusal";
  } catch (error) {
    const { status, message } = Object(error);
    return `${status} ${message}`;
  }
}
