/**
 * The adapter to Bun.serve. Nothing outside this file names Bun.
 */

import { existsSync } from "node:fs";
import process from "node:process";
import type { PostgresClient } from "../storage/postgres.ts";
import { isSettledWithin } from "../http/http.ts";
import {
  type RunningServer,
  type ServeOptions,
  unixPeer,
} from "./listening.ts";

interface BunGlobal {
  serve(options: object): BunServer;
  readonly SQL: new (url: string, options: object) => BunClient;
  readonly Transpiler: new (options: { readonly loader: "ts" }) => {
    transformSync(source: string): string;
  };
}

/** A client of PostgreSQL, with its connections. */
export type BunClient = PostgresClient & {
  /**
   * Closes them. Waits for what runs, and where `timeout` is given, no longer
   * than so many seconds.
   */
  close(wait?: { readonly timeout: number }): Promise<void>;
};

interface BunServer {
  readonly port?: number;
  requestIP(request: Request): { readonly address: string } | null;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

// The types of Bun's global are a development package. This cast names the
// members that are used here.
const { Bun: bun } = globalThis as { readonly Bun?: BunGlobal };

/**
 * The options that protect somebody. Bun ignores a name that it does not know,
 * so that nobody would notice a misspelt one, or one that was lost: `serve`
 * takes any object. Where options are said to satisfy this
 * type, the compiler asks for each of these names; it does not judge the values
 * and lets the other options pass.
 */
type ProtectingOptions = Record<
  | "development"
  | "reusePort"
  | "idleTimeout"
  | "maxRequestBodySize"
  | "error",
  unknown
>;

/** Serves with Bun; null on another runtime. */
export function serveBun(
  { place, fetch }: ServeOptions,
): RunningServer | null {
  if (bun === undefined) return null;
  const isUnix = "path" in place;
  const options = {
    ...(isUnix ? { unix: place.path } : place),
    // Or error pages show the source.
    development: false,
    // Or, without development, a second server takes the port unnoticed.
    reusePort: false,
    // Seconds. It also cuts a handler that waits for its turn to hash.
    idleTimeout: 60,
    // Bodies are read under a lower limit (http/body.ts).
    maxRequestBodySize: 1024 * 1024,
    fetch: (request: Request, server: BunServer) => {
      if (isUnix) return fetch(request, unixPeer);
      return fetch(request, server.requestIP(request)?.address ?? null);
    },
    error: () => new Response(null, { status: 500 }),
  } satisfies ProtectingOptions & Record<string, unknown>;
  const server = bun.serve(options);
  return {
    port: server.port ?? null,
    stop: async (deadlineSeconds) => {
      if (await isSettledWithin(deadlineSeconds, server.stop())) return;
      // Half-open connections have no other end.
      await isSettledWithin(1, server.stop(true));
    },
  };
}

/**
 * The first of the files in this folder that Bun has read into the environment
 * without having been asked to; null where there is none, or where Bun was told
 * which ones to read, and on another runtime.
 */
export function unaskedEnvironmentFile(): string | null {
  if (bun === undefined) return null;
  const isOption = /^--(?:no-)?env-file(?:=|$)/;
  if (process.execArgv.some((word) => isOption.test(word))) return null;
  const { NODE_ENV = "" } = process.env;
  const isNamed = ["production", "test"].includes(NODE_ENV);
  const mode = isNamed ? NODE_ENV : "development";
  const files = [".env", ".env.local", `.env.${mode}`, `.env.${mode}.local`];
  return files.find((file) => existsSync(file)) ?? null;
}

/** A TypeScript module without its types, by Bun; null on another runtime. */
export function stripTypesWithBun(source: string): string | null {
  if (bun === undefined) return null;
  return new bun.Transpiler({ loader: "ts" }).transformSync(source);
}

/**
 * Makes a client of PostgreSQL with Bun, which connects when it is first asked;
 * null on another runtime.
 */
export function postgresClientOfBun(
  url: string,
  connections: number,
): BunClient | null {
  if (bun === undefined) return null;
  return new bun.SQL(url, {
    max: connections,
    // In seconds, 0 for none: no connection ends by itself.
    idleTimeout: 0,
    maxLifetime: 0,
    connectionTimeout: 5,
  });
}
