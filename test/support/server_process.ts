/**
 * The real server as a process of its own, on the runtime that runs the tests, with the permissions
 * that `deno task start` gives it, and raw sockets to talk to it.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A secret for tests alone; too regular to be anything else. */
export const testSecret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

export type Variables = Readonly<Record<string, string>>;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end. */
export async function runOnejot(
  args: readonly string[],
  variables: Variables = {},
  input: string | Uint8Array = "",
): Promise<Finished> {
  const child = spawnOnejot(args, variables);
  const output = collect(child);
  child.stdin?.on("error", () => {}).end(input); // it may have ended before it read all
  const [code] = await once(child, "close");
  return { code, ...output };
}

/** A server that listens. */
export interface ServerProcess {
  readonly port: number;
  readonly origin: string;
  /** What it has printed so far. */
  readonly output: { stdout: string; stderr: string };
  readonly child: ChildProcess;
  /** Sends a signal and resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the server on a free port of this machine and waits until it listens. */
export async function startServer(
  variables: Variables = {},
): Promise<ServerProcess> {
  const child = spawnOnejot([], { HOST: "127.0.0.1", PORT: "0", ...variables });
  const output = collect(child);
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.on("data", () => {
      const found = /listens on http:\/\/\S+:(\d+)/.exec(output.stdout)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once(
      "close",
      () => reject(new Error(`The server did not start: ${output.stderr}`)),
    );
  });
  const closed = once(child, "close");
  let isKilled = false; // after that its id can be another process's
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    output,
    child,
    stop: async (signal = "SIGTERM") => {
      // Deno's child.kill would report the signal, also when the child exits by itself.
      const isRunning = child.exitCode === null && child.signalCode === null &&
        !isKilled;
      if (signal === "SIGKILL") isKilled = true;
      if (child.pid !== undefined && isRunning) process.kill(child.pid, signal);
      const [code] = await closed;
      return code;
    },
  };
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

/** Sends bytes as they are and returns all that comes back until the other end closes. */
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
    socket.on("error", () => {}); // a reset is an end as well
    socket.on("close", () => {
      clearTimeout(timer);
      finish();
    });
  });
}

const root = fileURLToPath(new URL("../../", import.meta.url));

function spawnOnejot(
  args: readonly string[],
  variables: Variables,
): ChildProcess {
  const { PATH = "", HOME = "" } = process.env;
  const runtime = [...runtimeArguments(variables), `${root}src/main.ts`];
  return spawn(process.execPath, [...runtime, ...args], {
    env: { PATH, HOME, ...variables },
  });
}

function runtimeArguments(variables: Variables): string[] {
  if ("Bun" in globalThis) return [];
  const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  const permissions = String(tasks.start).split(" ").filter((word) =>
    word.startsWith("--")
  );
  const database = /^sqlite:(.+)$/.exec(variables["DATABASE_URL"] ?? "")?.[1];
  const secretFile = variables["JWT_SECRET_FILE"];
  const readable = [database, secretFile].filter((path) => path !== undefined);
  if (readable.length > 0) {
    permissions.push(`--allow-read=${readable.join(",")}`);
  }
  if (database !== undefined) permissions.push(`--allow-write=${database}`);
  return ["run", "--no-prompt", ...permissions];
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on(
    "data",
    (text: string) => output.stdout += text,
  );
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => output.stderr += text,
  );
  return output;
}
