/**
 * What an adapter to a runtime's HTTP server offers, the same for every runtime, and the wait with a
 * deadline that stopping a server and reading a body have in common.
 */

/** Where to listen, and what answers. */
export interface ServeOptions {
  /** A host name or an IP address. */
  readonly hostname: string;
  /** A TCP port; 0 for any that is free. */
  readonly port: number;
  /** Answers a request; `remoteAddress` is the one at the other end of the connection. */
  readonly fetch: (
    request: Request,
    remoteAddress: string | null,
  ) => Promise<Response>;
}

/** A server that listens. */
export interface RunningServer {
  /** The TCP port that it listens on. */
  readonly port: number;
  /** Stops accepting and waits so long for what is in flight; the rest ends with the process. */
  stop(deadlineSeconds: number): Promise<void>;
}

/** Waits for a promise, but no longer than that; says whether it was settled in time. */
export function isSettledWithin(
  seconds: number,
  promise: Promise<unknown>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    const cleared = promise.finally(() => clearTimeout(timer)); // or it would hold up the exit
    cleared.then(() => resolve(true), reject);
  });
}
