/**
 * A free TCP port of this machine, for programs that cannot say which one the
 * system has given them.
 */

import { createServer } from "node:net";

/**
 * A port on which nobody listens now, on any address. It is below those that
 * Linux gives to clients: none of a load's connections can take it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(true)));
  });
}
