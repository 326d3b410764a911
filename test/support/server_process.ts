/**
 * The real server as a process of its own, on the runtime that runs the tests,
 * with the permissions that `deno task start` gives it, and raw sockets to talk
 * to it.
 */

import { connect } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { permissionsOf } from "../../src/server/permissions.ts";
import {
  type Command,
  type Finished,
  type Program,
  run,
  startProgram,
} from "./process.ts";

/** A secret for tests alone, of the kind that is accepted. */
export const testSecret = "zmoohq8iVtP4Ocyy8RcIof4l8vL1SwxM_sp1j3EZ3io";

/** The settings of a server. */
export type Variables = Readonly<Record<string, string>>;

/** Runs the command line to its end. */
export function runOnejot(
  args: readonly string[],
  variables: Variables = {},
  input: string | Uint8Array = "",
): Promise<Finished> {
  return run(commandOf(args, variables), { env: variables, input });
}

/** A server that listens. */
export interface ServerProcess extends Program {
  readonly port: number;
  readonly origin: string;
}

/** Starts the server on a free port of this machine, until it listens. */
export async function startServer(
  variables: Variables = {},
): Promise<ServerProcess> {
  const env = { HOST: "127.0.0.1", PORT: "0", ...variables };
  return await untilListening(startProgram(commandOf([], env), { env }));
}

/** Waits until a program says that it listens; ends it if it does not. */
export async function untilListening(program: Program): Promise<ServerProcess> {
  try {
    const listens = await program.untilPrinted(
      /listens on http:\/\/\S+:(?<port>\d+)/,
    );
    const port = Number(listens.groups?.["port"]);
    return { ...program, port, origin: `http://127.0.0.1:${port}` };
  } catch (error) {
    await program.stop("SIGKILL");
    throw new Error(`The server did not start: ${program.output.stderr}`, {
      cause: error,
    });
  }
}

/** Starts a server, hands it to a function, and stops it whatever happens. */
export async function withServer(
  variables: Variables,
  use: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await startServer(variables);
  try {
    await use(server);
  } finally {
    await server.stop("SIGKILL");
  }
}

/** Logs in and returns the token. */
export async function logIn(
  server: Pick<ServerProcess, "origin">,
  email = "user@email.com",
  password = "password",
): Promise<string> {
  const body = new URLSearchParams({ email, password });
  const response = await fetch(`${server.origin}/login`, {
    method: "POST",
    body,
  });
  const { token } = Object(await response.json());
  if (typeof token !== "string") {
    throw new Error(`The login answered ${response.status}.`);
  }
  return token;
}

/** How bytes are sent. */
export interface RawOptions {
  /** How long the other end may take to close; 2,000 by default. */
  readonly patienceMilliseconds?: number;
  /** The client's address; on Linux all of 127.0.0.0/8 is this machine. */
  readonly localAddress?: string;
}

/** Sends bytes as they are; gives all that comes back until the end closes. */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  { patienceMilliseconds = 2000, localAddress = "127.0.0.1" }: RawOptions = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    let answer = "";
    const finish = () => {
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(finish, patienceMilliseconds);
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk) => answer += chunk.toString("latin1"));
    // A reset is an end as well.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      finish();
    });
  });
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The command line as it is typed, on the runtime that runs the tests. */
export function commandOf(
  args: readonly string[],
  variables: Variables,
): Command {
  const runtime = runtimeArguments(variables);
  return [process.execPath, ...runtime, `${root}src/main.ts`, ...args];
}

function runtimeArguments(variables: Variables): readonly string[] {
  if ("Bun" in globalThis) return [];
  return ["run", ...shippedPermissions(variables)];
}

/**
 * The options that `deno task start` gives `deno run` where these settings are
 * set: the permissions, among others.
 */
export function shippedPermissions(
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return permissionsOf((name) => variables[name]);
}
