/**
 * Containers: started, entered, stopped, and killed at the end if they still
 * run.
 */

import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { freePort } from "../../support/port.ts";
import {
  type Command,
  type Finished,
  type Output,
  type Program,
  startProgram,
} from "../../support/process.ts";
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
  readonly output: Output;
  /** What Linux says of its PID 1: `/proc/<pid>/status`. */
  status(): string;
  /** Runs a command in it, as `docker exec` does. */
  execute(command: readonly string[]): Promise<Finished>;
  /** Sends a signal to its PID 1 and resolves when that has ended. */
  stop(
    signal: NodeJS.Signals,
  ): Promise<{ readonly code: number | null; readonly seconds: number }>;
}

const patienceSeconds = 15;

export class ContainerHost {
  readonly #folder: string;
  readonly #running = new Set<Program>();

  /** The folder is for volumes. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Makes a fresh volume; as with Docker it has the owner and mode of the
   * image's directory.
   */
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
    return await finish(this.#startContainer(image, options), options.input);
  }

  /** Starts a server on a free port and waits until it listens. */
  async start(image: Image, given: RunOptions): Promise<Container> {
    const port = await freePort();
    const options = {
      ...given,
      variables: { PORT: String(port), ...given.variables },
    };
    const program = this.#startContainer(image, options);
    await program.untilPrinted(new RegExp(`:${port}`), {
      seconds: patienceSeconds,
    });
    const pid = firstProcessOf(program);
    return {
      port,
      origin: `http://127.0.0.1:${port}`,
      output: program.output,
      status: () => readFileSync(`/proc/${pid}/status`, "utf8"),
      execute: async (command) => {
        const enter = commandToEnter(image, { ...options, pid, command });
        return await finish(this.#start(enter));
      },
      stop: async (signal) => {
        const start = performance.now();
        process.kill(pid, signal);
        const code = await endInTime(program);
        return { code, seconds: (performance.now() - start) / 1000 };
      },
    };
  }

  /** Kills what still runs. */
  close(): void {
    for (const program of this.#running) kill(program);
    this.#running.clear();
  }

  #startContainer(image: Image, options: RunOptions): Program {
    const volume = options.volume ?? this.makeVolume(image);
    return this.#start(commandToRun(image, { ...options, volume }));
  }

  #start(command: Command): Program {
    const program = startProgram(command);
    this.#running.add(program);
    program.child.once("exit", () => this.#running.delete(program));
    return program;
  }
}

/** What has become PID 1 of a container; 0 before that or after it. */
function firstProcessOf({ child: { pid } }: Program): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim(),
    );
  } catch {
    return 0;
  }
}

/** Ends a container with its first process, or whatever else this is. */
function kill(program: Program): void {
  const pid = firstProcessOf(program) || program.child.pid;
  if (pid !== undefined && program.isRunning()) process.kill(pid, "SIGKILL");
}

async function finish(program: Program, input = ""): Promise<Finished> {
  program.child.stdin?.end(input);
  const code = await endInTime(program);
  return { code, ...program.output };
}

/** Waits for the end of a program, and kills one that takes too long. */
async function endInTime(program: Program): Promise<number | null> {
  const timer = setTimeout(kill, patienceSeconds * 1000, program);
  const code = await program.ended;
  clearTimeout(timer);
  return code;
}
