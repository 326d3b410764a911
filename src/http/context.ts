/**
 * The context of a request: what a handler receives, made once and added to by middleware.
 * Nothing in it is ever replaced.
 */

import { readTarget } from "./target.ts";

/** What every handler and every middleware receives. */
export interface Context {
  /** The request. Take path and query from here, not from its `url`. */
  readonly request: Request;
  /** The path as it was sent, not decoded; empty when the request was refused for its Host. */
  readonly path: string;
  /** The query's parameters. */
  readonly query: URLSearchParams;
  /** The address at the other end of the connection, or null where it is not known. */
  readonly remoteAddress: string | null;
  /** A name for this request that no other request has, for logs and X-Request-Id. */
  readonly requestId: string;
}

/** The context as the router makes it. */
export class RequestContext implements Context {
  readonly request: Request;
  readonly path: string;
  readonly remoteAddress: string | null;
  readonly requestId: string;
  readonly isRefused: boolean;
  readonly #queryText: string;
  #query: URLSearchParams | null = null;

  constructor(request: Request, remoteAddress: string | null, requestId: string) {
    const target = readTarget(request);
    this.request = request;
    this.path = target?.path ?? "";
    this.remoteAddress = remoteAddress;
    this.requestId = requestId;
    this.isRefused = target === null;
    this.#queryText = target?.queryText ?? "";
  }

  get query(): URLSearchParams { // made when first asked for
    return this.#query ??= new URLSearchParams(this.#queryText);
  }
}

/** Adds members to a context. A TypeError where one is there already. */
export function addMembers(context: RequestContext, adds: object): void {
  for (const [name, value] of Object.entries(adds)) {
    if (name in context) throw new TypeError(`A middleware replaced the context's ${name}.`);
    Object.defineProperty(context, name, { value, enumerable: true });
  }
}
