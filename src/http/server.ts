/**
 * What an adapter to a runtime's HTTP server offers, the same for every runtime.
 */

/** Where to listen, and what answers. */
export interface ServeOptions {
  /** A host name or an IP address. */
  readonly hostname: string;
  /** A TCP port; 0 for any that is free. */
  readonly port: number;
  /** Answers a request; `remoteAddress` is the one at the other end of the connection. */
  readonly fetch: (request: Request, remoteAddress: string | null) => Promise<Response>;
}

/** A server that listens. */
export interface RunningServer {
  /** The TCP port that it listens on. */
  readonly port: number;
  /**
   * Stops accepting and waits for what is in flight. What is left after that time ends with the
   * process, if not before.
   *
   * @param deadlineSeconds the longest time to wait
   */
  stop(deadlineSeconds: number): Promise<void>;
}

/** Starts a server. Throws what the runtime throws when it cannot listen. */
export type Serve = (options: ServeOptions) => RunningServer;

/** Waits for a promise, but no longer than that; says whether it was settled in time. */
export async function isSettledWithin(
  seconds: number,
  promise: Promise<unknown>,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  const isInTime = await Promise.race([promise.then(() => true), deadline]);
  clearTimeout(timer);
  return isInTime;
}
