/**
 * The file of a Unix socket, which stays behind where a server was killed: the
 * next one could not listen. Removed is what nobody listens at, and nothing
 * else.
 */

import { promises } from "node:fs";
import { connect } from "node:net";

/**
 * Makes room for a socket.
 *
 * @throws {Error} there is something else, or another server listens
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await promises.lstat(path).catch(() => null);
  // What else keeps the server from listening there, it will be told.
  if (file === null) return;
  if (!file.isSocket()) throw new Error("there is a file that is no socket");
  if (await isListenedAt(path)) {
    throw new Error("another process listens there");
  }
  await promises.rm(path);
}

function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error) => {
      // Whoever may not connect cannot know.
      const code = "code" in error ? error.code : null;
      resolve(code !== "ECONNREFUSED");
    });
  });
}
