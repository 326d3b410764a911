/**
 * What an adapter to a runtime's HTTP server takes and gives, the same for
 * every runtime.
 */

/** Where to listen: at a TCP port, or at a Unix socket. */
export type Place =
  | {
    /** A host name or an IP address. */
    readonly hostname: string;
    /** 0 for any that is free. */
    readonly port: number;
  }
  | {
    /** The path of the socket, which must not be there. */
    readonly path: string;
  };

/** Where to listen, and what answers. */
export interface ServeOptions {
  readonly place: Place;
  /**
   * Answers a request; `remoteAddress` is the one at the other end of the
   * connection, or "unix" where that has come through a Unix socket.
   */
  readonly fetch: (
    request: Request,
    remoteAddress: string | null,
  ) => Promise<Response>;
}

/** A server that listens. */
export interface RunningServer {
  /** The TCP port that it listens on; null at a Unix socket. */
  readonly port: number | null;
  /**
   * Stops accepting and waits so many seconds for what is in flight; the rest
   * ends with the process.
   */
  stop(deadlineSeconds: number): Promise<void>;
}

/**
 * The address of whoever comes through a Unix socket. It is no IP address, so
 * that no header can name it.
 */
export const unixPeer = "unix";
