/**
 * The adapter to Bun.serve. Nothing outside this file names Bun.
 */

import type { PostgresClient } from "../storage/postgres.ts";
import { isSettledWithin } from "../http/http.ts";
import type { RunningServer, ServeOptions } from "./listening.ts";

interface BunGlobal {
  serve(options: object): BunServer;
  readonly SQL: new (url: string, options: object) => BunClient;
  readonly Transpiler: new (options: { readonly loader: "ts" }) => {
    transformSync(source: string): string;
  };
}

/** A client of PostgreSQL, with its connections. */
export type BunClient = PostgresClient & {
  /** Closes them; waits for what runs, but no longer than so many seconds where told. */
  close(wait?: { readonly timeout: number }): Promise<void>;
};

interface BunServer {
  readonly port: number;
  requestIP(request: Request): { readonly address: string } | null;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

// The types of Bun's global are a development package; these are the members that are used here.
const { Bun: bun } = globalThis as { readonly Bun?: BunGlobal };

// Bun ignores a name that it does not know: so the compiler asks for these, which protect somebody.
type Names =
  | "development"
  | "reusePort"
  | "idleTimeout"
  | "maxRequestBodySize"
  | "error";

/** Serves with Bun; null on another runtime. */
export function serveBun(
  { hostname, port, fetch }: ServeOptions,
): RunningServer | null {
  if (bun === undefined) return null;
  const server = bun.serve(
    {
      hostname,
      port,
      development: false, // or error pages show the source
      reusePort: false, // or, without development, a second server takes the port unnoticed
      idleTimeout: 60, // seconds; it also cuts a handler that waits for its turn to hash
      maxRequestBodySize: 1024 * 1024, // bodies are read under a lower limit (http/body.ts)
      fetch: (request: Request, server: BunServer) => {
        return fetch(request, server.requestIP(request)?.address ?? null);
      },
      error: () => new Response(null, { status: 500 }),
    } satisfies Record<Names, unknown> & Record<string, unknown>,
  );
  return {
    port: server.port,
    stop: async (deadlineSeconds) => {
      if (await isSettledWithin(deadlineSeconds, server.stop())) return;
      await isSettledWithin(1, server.stop(true)); // half-open connections have no other end
    },
  };
}

/** Takes the types out of a TypeScript module, with Bun; null on another runtime. */
export function stripTypesWithBun(source: string): string | null {
  if (bun === undefined) return null;
  return new bun.Transpiler({ loader: "ts" }).transformSync(source);
}

/** Makes a client of PostgreSQL with Bun, which connects when first asked; null on another runtime. */
export function postgresClientOfBun(
  url: string,
  connections: number,
): BunClient | null {
  if (bun === undefined) return null;
  return new bun.SQL(url, {
    max: connections,
    idleTimeout: 0, // seconds; 0 for none: no connection ends by itself
    maxLifetime: 0, // the same
    connectionTimeout: 5, // seconds
  });
}
