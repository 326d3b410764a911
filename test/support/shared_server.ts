/**
 * One server for the tests of a file, instead of one for each.
 */

import { after } from "node:test";
import {
  type ServerProcess,
  startServer,
  type Variables,
} from "./server_process.ts";

/**
 * A server for those tests of a file that change nothing which another one of
 * them sees. It starts with the first that asks for it, and ends with the file.
 */
export function sharedServer(
  variables: Variables = {},
): () => Promise<ServerProcess> {
  let starting: Promise<ServerProcess> | undefined;
  after(async () => {
    const server = await starting;
    await server?.stop("SIGKILL");
  });
  return () => starting ??= startServer(variables);
}
