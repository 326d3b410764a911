/**
 * Directories outside this repository in which programs run, with caches of their own, so that nothing
 * is found but what was put there, and nothing is left when all is done.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

/** What a program printed. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** The directory of all directories, and the programs that run in them. */
export class Scratch {
  readonly #folder = mkdtempSync(join(tmpdir(), "onejot-pack-"));
  readonly #running = new Set<ChildProcess>();

  /** Makes a directory with these files: paths and texts. */
  project(name: string, files: Readonly<Record<string, string>> = {}): Project {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    for (const [path, text] of Object.entries(files)) {
      writeFileSync(join(folder, path), text);
    }
    return new Project(folder, (command) => this.#spawn(command, folder));
  }

  /** Ends whatever runs and removes everything. */
  close(): void {
    for (const child of this.#running) endGroup(child, "SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Starts a program as the head of a group: what it starts ends with it. */
  #spawn(
    [program = "", ...args]: readonly string[],
    cwd: string,
  ): ChildProcess {
    const { PATH = "", HOME = "" } = process.env;
    const env = {
      ...{
        PATH: `${dirname(process.execPath)}:${PATH}`,
        HOME,
        NO_COLOR: "1",
        PORT: "0",
      },
      BUN_INSTALL_CACHE_DIR: join(this.#folder, "cache/bun"),
      DENO_DIR: join(this.#folder, "cache/deno"),
      npm_config_cache: join(this.#folder, "cache/npm"),
      npm_config_update_notifier: "false",
    };
    const child = spawn(program, args, { cwd, env, detached: true });
    this.#running.add(child);
    child.once("close", () => this.#running.delete(child));
    return child;
  }
}

/** One directory. */
export class Project {
  readonly folder: string;
  readonly #spawn: (command: readonly string[]) => ChildProcess;

  constructor(
    folder: string,
    spawn: (command: readonly string[]) => ChildProcess,
  ) {
    this.folder = folder;
    this.#spawn = spawn;
  }

  /** Runs a program to its end. Throws an Error where it fails. */
  async run(command: readonly string[]): Promise<Output> {
    const child = this.#spawn(command);
    child.stdin?.end();
    const output = collect(child);
    const [code] = await once(child, "close");
    if (code === 0) return output;
    throw new Error(
      `This ended with code ${code}: ${command.join(" ")}\n${textOf(output)}`,
    );
  }

  /** Starts a server, hands on where it listens, and ends it. */
  async serve(
    command: readonly string[],
    use: (origin: string) => Promise<void>,
  ): Promise<void> {
    const child = this.#spawn(command);
    const output = collect(child);
    const closed = once(child, "close");
    const listening = new Promise<string>((resolve, reject) => {
      child.stdout?.on("data", () => {
        const [, origin] = /listens on (http:\/\/\S+)/.exec(output.stdout) ??
          [];
        if (origin !== undefined) resolve(origin);
      });
      closed.then(() =>
        reject(new Error(`It does not listen: ${textOf(output)}`))
      );
    });
    try {
      await use(await listening);
    } finally {
      endGroup(child, "SIGTERM");
      await closed;
    }
  }
}

function collect(child: ChildProcess): Output {
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

function textOf({ stdout, stderr }: Output): string {
  return stdout + stderr;
}

function endGroup(
  { pid, exitCode, signalCode }: ChildProcess,
  signal: NodeJS.Signals,
): void {
  const isRunning = exitCode === null && signalCode === null;
  if (pid !== undefined && isRunning) process.kill(-pid, signal);
}
