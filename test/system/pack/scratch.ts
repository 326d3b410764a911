/**
 * Folders outside this repository in which programs run, with caches of their
 * own, so that nothing is found but what was put there, and nothing is left
 * when all is done.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import {
  type Command,
  type Output,
  type ProgramOptions,
  run,
  startProgram,
} from "../../support/process.ts";
import { temporaryFolder } from "../../support/temp.ts";

/** The folder of all folders. */
export class Scratch {
  readonly #folder = temporaryFolder();

  /** Makes a folder with these files: paths and texts. */
  project(name: string, files: Readonly<Record<string, string>> = {}): Project {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    for (const [path, text] of Object.entries(files)) {
      writeFileSync(join(folder, path), text);
    }
    return new Project(folder, this.#environment());
  }

  #environment(): Readonly<Record<string, string>> {
    const { PATH = "" } = process.env;
    return {
      PATH: `${dirname(process.execPath)}:${PATH}`,
      NO_COLOR: "1",
      PORT: "0",
      BUN_INSTALL_CACHE_DIR: join(this.#folder, "cache/bun"),
      DENO_DIR: join(this.#folder, "cache/deno"),
      npm_config_cache: join(this.#folder, "cache/npm"),
      npm_config_update_notifier: "false",
    };
  }
}

/** One folder, and how programs run in it. */
export class Project {
  readonly folder: string;
  readonly #options: ProgramOptions;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#options = { cwd: folder, env, input: "", isGroup: true };
  }

  /**
   * Runs a program to its end.
   *
   * @throws Error where it fails.
   */
  async run(command: Command): Promise<Output> {
    const { code, stdout, stderr } = await run(command, this.#options);
    if (code === 0) return { stdout, stderr };
    throw new Error(
      `This ended with code ${code}: ${command.join(" ")}\n${stdout}${stderr}`,
    );
  }

  /** Starts a server, hands on where it listens, and ends it. */
  async serve(
    command: Command,
    use: (origin: string) => Promise<void>,
  ): Promise<void> {
    const program = startProgram(command, this.#options);
    try {
      const listens = await program.untilPrinted(
        /listens on (?<origin>http:\/\/\S+)/,
      );
      await use(listens.groups?.["origin"] ?? "");
    } finally {
      await program.stop("SIGTERM");
    }
  }
}
