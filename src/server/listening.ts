/**
 * What an adapter to a runtime's HTTP server takes and gives, the same for
 * every runtime.
 */

/** Where to listen, and what answers. */
export interface ServeOptions {
  /** A host name or an IP address. */
  readonly hostname: string;
  /** A TCP port; 0 for any that is free. */
  readonly port: number;
  /**
   * Answers a request; `remoteAddress` is the one at the other end of the
   * connection.
   */
  readonly fetch: (
    request: Request,
    remoteAddress: string | null,
  ) => Promise<Response>;
}

/** A server that listens. */
export interface RunningServer {
  /** The TCP port that it listens on. */
  readonly port: number;
  /**
   * Stops accepting and waits so many seconds for what is in flight; the rest
   * ends with the process.
   */
  stop(deadlineSeconds: number): Promise<void>;
}
