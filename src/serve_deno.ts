/**
 * The adapter to Deno.serve. Nothing outside this file names Deno.
 */

import {
  isSettledWithin,
  type RunningServer,
  type Serve,
  type ServeOptions,
  withoutIpv4Mapping,
} from "./http/http.ts";

interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}

interface DenoRuntime {
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly signal: AbortSignal;
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
  const cut = new AbortController();
  const server = deno.serve(
    {
      hostname,
      port,
      signal: cut.signal,
      onListen: () => {}, // or Deno prints a line of its own
      onError: () => new Response(null, { status: 500 }),
    },
    (request, { remoteAddr: { hostname: address } }) =>
      fetch(request, address === undefined ? null : withoutIpv4Mapping(address)),
  );
  return {
    port: server.addr.port,
    stop: async (deadlineSeconds) => {
      if (await isSettledWithin(deadlineSeconds, server.shutdown())) return;
      cut.abort(); // half-open connections have no other end
    },
  };
}
