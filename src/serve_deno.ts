/**
 * The adapter to Deno.serve. Nothing outside this file names Deno.
 */

import { isSettledWithin, type RunningServer, type Serve, type ServeOptions } from "./http/http.ts";

interface DenoServer {
  readonly addr: { readonly port: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

interface DenoRuntime {
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly onListen: () => void;
      readonly onError: () => Response;
    },
    handler: (
      request: Request,
      info: { readonly remoteAddr: { readonly hostname?: string } },
    ) => Promise<Response>,
  ): DenoServer;
}

// The types of Deno's global are not known to tsc; these are the members that are used here.
const { Deno: deno } = globalThis as { readonly Deno?: DenoRuntime };

/** Serves with Deno; null on another runtime. */
export const serveDeno: Serve | null = deno === undefined
  ? null
  : (options) => serveWith(deno, options);

function serveWith(deno: DenoRuntime, { hostname, port, fetch }: ServeOptions): RunningServer {
  let isStopping = false;
  let server = listen(port);

  function listen(port: number): DenoServer {
    const listening = deno.serve(
      {
        hostname,
        port,
        onListen: () => {}, // or Deno prints a line of its own
        onError: () => new Response(null, { status: 500 }),
      },
      (request, { remoteAddr: { hostname: address } }) => fetch(request, address ?? null),
    );
    listening.finished.catch(() => listenAgain(listening.addr.port));
    return listening;
  }

  /** Deno gives a listener up when it runs out of file descriptors, which strangers can bring on. */
  function listenAgain(port: number): void {
    setTimeout(() => {
      if (isStopping) return;
      try {
        server = listen(port);
      } catch {
        listenAgain(port);
      }
    }, 100);
  }

  return {
    port: server.addr.port,
    stop: async (deadlineSeconds) => {
      isStopping = true;
      await isSettledWithin(deadlineSeconds, server.shutdown());
    },
  };
}
