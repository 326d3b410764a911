/**
 * The adapter to Deno.serve. Nothing outside this file names Deno.
 */

import process from "node:process";
import { isSettledWithin } from "../http/http.ts";
import {
  type Place,
  type RunningServer,
  type ServeOptions,
  unixPeer,
} from "./listening.ts";

interface DenoConnection {
  readonly remoteAddr: {
    readonly transport: string;
    readonly hostname?: string;
  };
}

interface DenoServer {
  readonly addr: { readonly port?: number };
  readonly finished: Promise<void>;
  shutdown(): Promise<void>;
}

// The types of Deno's global are not known to tsc. This cast names the members
// that are used here.
const { Deno: deno } = globalThis as {
  readonly Deno?: {
    serve(options: object): DenoServer;
    readonly stdout: { write(bytes: Uint8Array): Promise<number> };
    readonly permissions: {
      revokeSync(permission: { readonly name: string }): unknown;
    };
  };
};

/** Serves with Deno; null on another runtime. */
export function serveDeno(
  { place, fetch }: ServeOptions,
): RunningServer | null {
  if (deno === undefined) return null;
  let isStopping = false;
  const listen = (place: Place): DenoServer => {
    const listening = deno.serve({
      ...place,
      // Or Deno prints a line of its own.
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
      handler: (
        request: Request,
        { remoteAddr }: DenoConnection,
      ) => {
        if (remoteAddr.transport === "unix") return fetch(request, unixPeer);
        return fetch(request, remoteAddr.hostname ?? null);
      },
    });
    const { port } = listening.addr;
    const samePlace = port === undefined ? place : { ...place, port };
    listening.finished.catch(() => listenAgain(samePlace));
    return listening;
  };
  let server = listen(place);

  /**
   * Deno gives a listener up when it runs out of file descriptors, which
   * strangers can bring on. It is tried again until there is one.
   */
  function listenAgain(place: Place): void {
    setTimeout(() => {
      if (isStopping) return;
      try {
        server = listen(place);
      } catch {
        listenAgain(place);
      }
    }, 100);
  }

  return {
    port: server.addr.port ?? null,
    stop: async (deadlineSeconds) => {
      isStopping = true;
      await isSettledWithin(deadlineSeconds, server.shutdown());
    },
  };
}

/**
 * What a server no longer needs once it has read its settings, its files of
 * secrets, and has opened its database, which goes on to use
 * the file that it has open.
 */
const neededAtStart = ["env", "read", "write", "run", "ffi", "sys"];

/**
 * Gives up, on Deno, what is not needed after the start, also where it was
 * allowed by name or by --allow-all. Whoever takes a handler over then finds no
 * secret in the environment and no file to open.
 */
export function giveUpPermissions(): void {
  for (const name of neededAtStart) deno?.permissions.revokeSync({ name });
}

/**
 * Writes to standard output with Deno, whose `node:fs` would keep all else
 * waiting for a reader that stands still; null on another runtime.
 *
 * @returns how many of the bytes were written
 */
export function writeWithDeno(bytes: Uint8Array): Promise<number> | null {
  return deno === undefined ? null : deno.stdout.write(bytes);
}

/** A TypeScript module without its types, by Deno; null on another runtime. */
export function stripTypesWithDeno(source: string): string | null {
  if (deno === undefined) return null;
  // Not imported: it would be loaded at every start, and Bun's does not have
  // this function.
  return process.getBuiltinModule("node:module").stripTypeScriptTypes(source);
}
