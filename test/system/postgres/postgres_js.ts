/**
 * PostgreSQL by postgres.js, as a program on Deno hands it to onejot/postgres.
 * It is handed on as it is: that this compiles shows that its own types fit.
 * Imported only where its package is installed.
 */

import postgres from "postgres";
import type { PostgresClient } from "../../../src/storage/postgres.ts";

/** A client that connects when first asked. */
export interface PostgresJs {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

/** Makes a client with at most that many connections. */
export function connectByPostgresJs(
  url: string,
  connections: number,
): PostgresJs {
  const client = postgres(url, { max: connections, onnotice: () => {} });
  return { client, close: () => client.end() };
}
