/**
 * The runtime's own server, the same for all rivals that have none of their
 * own, on the port that the environment names, and how those without a
 * framework find their token.
 */

import process from "node:process";

type Answer = (request: Request) => Response | Promise<Response>;

// The globals of the other runtime are not known to either's types.
const { Bun: bun, Deno: deno } = globalThis as {
  readonly Bun?: { serve(options: object): unknown };
  readonly Deno?: { serve(options: object): unknown };
};

/** Where every rival listens. */
export const address: { readonly hostname: string; readonly port: number } = {
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"]),
} as const;

/** The secret of all rivals, as text. */
export const secret: string = process.env["JWT_SECRET"] ?? "";

/** Serves with Bun or with Deno. */
export function serve(fetch: Answer): void {
  bun?.serve({ ...address, development: false, fetch });
  deno?.serve({ ...address, onListen: () => {}, handler: fetch });
}

/** The secret as a key that is imported once. */
export async function importSecret(): Promise<CryptoKey> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    hmac,
    false,
    [
      "sign",
      "verify",
    ],
  );
}

/** The token behind "Bearer"; empty where there is none. */
export function readToken(request: Request): string {
  const credentials = request.headers.get("authorization") ?? "";
  return credentials.startsWith("Bearer ") ? credentials.slice(7) : "";
}
