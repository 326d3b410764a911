/**
 * The commands that concern the server itself: to serve, to make the secret
 * that it needs, to tell Deno what it needs, and to ask whether it answers.
 */

import { encodeBase64url } from "../jwt/jwt.ts";
import { originOf, placeOf } from "../server/authority.ts";
import { readConfig, readHealthConfig } from "../server/config.ts";
import { CommandError } from "../server/fault.ts";
import type { Place } from "../server/listening.ts";
import { permissionsOf } from "../server/permissions.ts";
import { print } from "../server/standard_output.ts";
import { start } from "../server/start.ts";
import type { Call, Command } from "./command.ts";

/** `serve`: until a signal comes. */
export const serve: Command<Call> = {
  words: ["serve"],
  argument: null,
  options: [],
  meaning: "serve (also without a command)",
  run: ({ environment }) => start(readConfig(environment)),
};

/** `key`: 32 random bytes, in letters that every setting and file takes. */
export const key: Command<Call> = {
  words: ["key"],
  argument: null,
  options: [],
  meaning: "print a fresh secret for JWT_SECRET",
  async run() {
    await print(encodeBase64url(crypto.getRandomValues(new Uint8Array(32))));
  },
};

/** `permissions`: for Deno, which allows nothing by itself. */
export const permissions: Command<Call> = {
  words: ["permissions"],
  argument: null,
  options: [],
  meaning: "print the options with which deno run allows it what it needs",
  run: ({ environment }) => print(permissionsOf(environment).join(" ")),
};

/** `health`: for those who watch a container. */
export const health: Command<Call> = {
  words: ["health"],
  argument: null,
  options: [],
  meaning: "ask the running server; exit code 0 or 1",
  run: checkHealth,
};

async function checkHealth({ environment }: Call): Promise<void> {
  const { host, port } = readHealthConfig(environment);
  const place = placeOf(host, port);
  const status = await statusOf(place, "/healthz");
  if (status === 200) return await print("ok");
  const outcome = status === null ? "does not answer" : `answers ${status}`;
  throw new CommandError(`${originOf(place)}/healthz ${outcome}.`);
}

/**
 * The status of an answer to GET; null where there is none within 3 seconds.
 * Asks directly: fetch would go through HTTP_PROXY and follow redirects.
 */
async function statusOf(place: Place, path: string): Promise<number | null> {
  // Not at every start: it takes Bun 10 ms to load.
  const { get } = await import("node:http");
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const request = get({
    ...("path" in place ? { socketPath: place.path } : place),
    path,
    signal: AbortSignal.timeout(3000),
  });
  request.on("response", (response) => {
    response.resume();
    resolve(response.statusCode ?? null);
  });
  request.on("error", () => resolve(null));
  return await promise;
}
