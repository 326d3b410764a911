/**
 * Containers: started, entered, stopped, and killed at the end if they still run.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  statSync,
} from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import type { Finished } from "../../support/server_process.ts";
import type { Image } from "./buildah.ts";
import {
  commandToEnter,
  commandToRun,
  type RunOptions,
  volumePathOf,
} from "./namespaces.ts";

/** A server in a container. */
export interface Container {
  readonly port: number;
  readonly origin: string;
  /** What it has printed so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  /** What Linux says of its PID 1: `/proc/<pid>/status`. */
  status(): string;
  /** Runs a command beside it, as `docker exec`. */
  execute(command: readonly string[]): Promise<Finished>;
  /** Sends a signal to its PID 1 and resolves when that has ended. */
  stop(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly seconds: number }>;
}

const patienceMilliseconds = 15_000;

export class ContainerHost {
  readonly #folder: string;
  readonly #running = new Set<ChildProcess>();

  /** The folder is for volumes. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a fresh volume; as with Docker it has the owner and mode of the image's directory. */
  makeVolume(image: Image): string {
    const { uid, gid, mode } = statSync(
      join(image.root, volumePathOf(image) ?? "/"),
    );
    const volume = mkdtempSync(join(this.#folder, "volume-"));
    chownSync(volume, uid, gid);
    chmodSync(volume, mode & 0o7777);
    return volume;
  }

  /** Runs a container to its end. */
  async run(image: Image, options: RunOptions = {}): Promise<Finished> {
    const child = this.#spawnContainer(image, options);
    return await finish(child, options.input);
  }

  /** Starts a server on a free port and waits until it listens. */
  async start(image: Image, given: RunOptions): Promise<Container> {
    const port = await findPort();
    const options = {
      ...given,
      variables: { PORT: String(port), ...given.variables },
    };
    const child = this.#spawnContainer(image, options);
    const output = collect(child);
    const closed = once(child, "close");
    const isListening = () => output.stdout.includes(`:${port}`);
    await new Promise<void>((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(`It does not listen: ${output.stderr}${output.stdout}`),
        );
      const timer = setTimeout(fail, patienceMilliseconds);
      child.once("close", () => {
        clearTimeout(timer);
        fail();
      });
      child.stdout?.on("data", () => {
        if (!isListening()) return;
        clearTimeout(timer);
        resolve();
      });
    });
    const pid = firstProcessOf(child);
    return {
      port,
      origin: `http://127.0.0.1:${port}`,
      output,
      status: () => readFileSync(`/proc/${pid}/status`, "utf8"),
      execute: async (command) => {
        return await finish(
          this.#spawn(commandToEnter(image, { ...options, pid, command })),
        );
      },
      stop: async (signal) => {
        const start = performance.now();
        const timer = setTimeout(kill, patienceMilliseconds, child);
        process.kill(pid, signal);
        const [code] = await closed;
        clearTimeout(timer);
        return { code, seconds: (performance.now() - start) / 1000 };
      },
    };
  }

  /** Kills what still runs. */
  close(): void {
    for (const child of this.#running) kill(child);
    this.#running.clear();
  }

  #spawnContainer(image: Image, options: RunOptions): ChildProcess {
    const volume = options.volume ?? this.makeVolume(image);
    return this.#spawn(commandToRun(image, { ...options, volume }));
  }

  #spawn([program = "", ...args]: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: "pipe" });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }
}

/** A TCP port that nobody uses now; containers share this machine's network. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What has become PID 1 of a container; 0 before that or after it. */
function firstProcessOf({ pid }: ChildProcess): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim(),
    );
  } catch {
    return 0;
  }
}

/** Ends a container with its first process, or whatever else this is. */
function kill(child: ChildProcess): void {
  const pid = firstProcessOf(child) || child.pid;
  const isRunning = child.exitCode === null && child.signalCode === null;
  if (pid !== undefined && isRunning) process.kill(pid, "SIGKILL");
}

async function finish(child: ChildProcess, input = ""): Promise<Finished> {
  const output = collect(child);
  const timer = setTimeout(kill, patienceMilliseconds, child);
  child.stdin?.on("error", () => {}).end(input); // it may have ended before it read all
  const [code] = await once(child, "close");
  clearTimeout(timer);
  return { code, ...output };
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
