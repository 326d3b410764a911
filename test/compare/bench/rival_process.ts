/**
 * A rival as a process on either runtime: started on a free port, asked until it answers, watched
 * through /proc, and stopped.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Runtime } from "./result.ts";
import type { Rival } from "./rivals.ts";

/** How a rival is started. */
export interface StartOptions {
  readonly runtime: Runtime;
  readonly variables: Readonly<Record<string, string>>;
  /** Where its output goes, such as a log; the file is emptied first. */
  readonly outputFile: string;
}

/** A rival that answers. */
export interface RivalProcess {
  readonly port: number;
  readonly processId: number;
  /** From the moment before it was started to its first answer. */
  readonly startMilliseconds: number;
  /** The status of its first answer, to GET /healthz. */
  readonly firstStatus: number;
  /** The memory that is resident now, in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Starts a rival and waits for its first answer. */
export async function startRival(
  { command, name }: Rival,
  { runtime, variables, outputFile }: StartOptions,
): Promise<RivalProcess> {
  const port = await findFreePort();
  const [program = "", ...args] = command;
  const line = [
    ...runtimeCommand(runtime, program, variables),
    `${root}${program}`,
    ...args,
  ];
  // 1,000 connections are 1,000 files, and 1,024 is what many machines allow by default.
  const limited = [
    "-c",
    'ulimit -S -n 4096 2>/dev/null; exec "$@"',
    "sh",
    ...line,
  ];
  const { PATH = "", HOME = "" } = process.env;
  const env = {
    PATH,
    HOME,
    HOST: "127.0.0.1",
    PORT: String(port),
    ...variables,
  };
  const output = openSync(outputFile, "w", 0o600);
  const start = performance.now();
  const child = spawn("sh", limited, {
    env,
    stdio: ["ignore", output, "pipe"],
  });
  closeSync(output);
  const closed = once(child, "close");
  let errors = "";
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => errors += text,
  );
  const processId = child.pid ?? 0;
  try {
    const firstStatus = await Promise.race([
      askUntilAnswered(port, child),
      closed.then(() => Promise.reject(new Error("it ended"))),
    ]);
    const startMilliseconds = performance.now() - start;
    const residentBytes = () => readResidentBytes(processId);
    return {
      port,
      processId,
      startMilliseconds,
      firstStatus,
      residentBytes,
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`${name} did not start on ${runtime}: ${errors}`, {
      cause: error,
    });
  }

  async function stop(): Promise<void> {
    if (isRunning(child)) child.kill("SIGKILL");
    await closed;
  }
}

function runtimeCommand(
  runtime: Runtime,
  program: string,
  variables: StartOptions["variables"],
): string[] {
  if (runtime === "bun") return ["bun"];
  if (program !== "src/main.ts") {
    return ["deno", "run", "--no-prompt", "--allow-all"];
  }
  const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8")); // as it ships
  const permissions = String(tasks.start).split(" ").filter((word) =>
    word.startsWith("--")
  );
  const path = variables["DATABASE_URL"]?.slice("sqlite:".length);
  if (path !== undefined) {
    permissions.push(`--allow-read=${path}`, `--allow-write=${path}`);
  }
  return ["deno", "run", "--no-prompt", ...permissions];
}

/** A port below those that Linux gives to clients, so that none of wrk's connections can hold it. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Asks a server that may not be there yet, again and again; gives the status of the first answer. */
async function askUntilAnswered(
  port: number,
  child: ChildProcess,
): Promise<number> {
  const deadline = performance.now() + 30_000; // milliseconds
  while (performance.now() < deadline && isRunning(child)) {
    const status = await ask(port);
    if (status !== null) return status;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error("it does not answer");
}

/** Asks once; null where nobody listens yet. */
function ask(port: number): Promise<number | null> {
  const request =
    "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.write(request));
    socket.once("data", (bytes) => {
      resolve(
        Number(/^HTTP\/1\.1 (\d{3})/.exec(bytes.toString("latin1"))?.[1]),
      );
      socket.destroy();
    });
    socket.once("error", () => resolve(null));
    socket.once("close", () => resolve(null));
  });
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function readResidentBytes(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
