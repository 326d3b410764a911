/**
 * A rival as a process on either runtime: started on a free port, asked until
 * it answers, watched through /proc, and stopped.
 */

import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { freePort } from "../../support/port.ts";
import { type Program, startProgram } from "../../support/process.ts";
import { shippedPermissions } from "../../support/server_process.ts";
import { pause } from "../../support/wait.ts";
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
  const port = await freePort();
  const [script = "", ...args] = command;
  const env = { HOST: "127.0.0.1", PORT: String(port), ...variables };
  const line = [
    ...runtimeCommand(runtime, script, env),
    `${root}${script}`,
    ...args,
  ];
  const output = openSync(outputFile, "w", 0o600);
  const start = performance.now();
  const program = startProgram([...withManyFiles, ...line], {
    env,
    stdio: ["ignore", output, "pipe"],
  });
  closeSync(output);
  const stop = async () => {
    await program.stop("SIGKILL");
  };
  try {
    const firstStatus = await askUntilAnswered(port, program);
    const startMilliseconds = performance.now() - start;
    const processId = program.child.pid ?? 0;
    return {
      port,
      processId,
      startMilliseconds,
      firstStatus,
      residentBytes: () => readResidentBytes(processId),
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(
      `${name} did not start on ${runtime}: ${program.output.stderr}`,
      { cause: error },
    );
  }
}

/**
 * 1,000 connections are 1,000 files, and 1,024 is what many machines allow a
 * program that does not ask for more.
 */
const withManyFiles = [
  "sh",
  "-c",
  'ulimit -S -n 4096 2>/dev/null; exec "$@"',
  "sh",
];

function runtimeCommand(
  runtime: Runtime,
  script: string,
  variables: StartOptions["variables"],
): string[] {
  if (runtime === "bun") return ["bun"];
  if (script !== "src/main.ts") {
    return ["deno", "run", "--no-prompt", "--allow-all"];
  }
  return ["deno", "run", ...shippedPermissions(variables)];
}

/**
 * Asks a server that may not be there yet, again and again; gives the status of
 * the first answer.
 */
async function askUntilAnswered(
  port: number,
  program: Program,
): Promise<number> {
  const deadline = performance.now() + 30_000; // milliseconds
  while (performance.now() < deadline && program.isRunning()) {
    const status = await ask(port);
    if (status !== null) return status;
    await pause(1);
  }
  throw new Error("it does not answer, or has ended");
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

function readResidentBytes(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
