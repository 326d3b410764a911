/**
 * onejot itself as a process, on either runtime, with the environment that its
 * container has in the example's compose file, except that the paths and
 * addresses are of this machine.
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { Command, Program } from "../../support/process.ts";
import { shippedPermissions } from "../../support/server_process.ts";
import type { Processes, Variables } from "./processes.ts";
import { containerEnvironment, root } from "./examples.ts";

export type Runtime = "Bun" | "Deno";

/** The password of every account. */
export const password = "correct horse battery staple";

export class Onejot {
  readonly port: number;
  readonly #processes: Processes;
  readonly #command: Command;
  readonly #variables: Variables;
  #server: Program | null = null;

  constructor(
    processes: Processes,
    { runtime, folder, port }: {
      runtime: Runtime;
      folder: string;
      port: number;
    },
  ) {
    this.port = port;
    this.#processes = processes;
    const { PATH = "", HOME = "" } = process.env;
    const files = {
      secret: `${folder}/jwt_secret`,
      database: `${folder}/onejot.sqlite`,
    };
    this.#variables = {
      PATH,
      HOME,
      ...containerEnvironment(),
      JWT_SECRET_FILE: files.secret,
      DATABASE_URL: `sqlite:${files.database}`,
      TRUSTED_PROXIES: "127.0.0.1",
      HOST: "127.0.0.1",
      PORT: String(port),
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000", // what a password costs is tested elsewhere
    };
    const runner = commandOf(runtime, this.#variables);
    this.#command = [...runner, `${root}src/main.ts`];
  }

  /** Makes the secret, as the example has it made, and starts the server. */
  async setUp(): Promise<void> {
    writeFileSync(
      this.#variables["JWT_SECRET_FILE"] ?? "",
      await this.run(["key"]),
    );
    await this.start();
  }

  async start(): Promise<void> {
    this.#server = await this.#processes.serve(
      this.#command,
      this.#variables,
      this.port,
    );
  }

  async stop(): Promise<void> {
    if (this.#server !== null) await this.#processes.stop(this.#server);
    this.#server = null;
  }

  /** Runs the command line beside the server. */
  async run(args: readonly string[], input = ""): Promise<string> {
    return await this.#processes.run(
      [...this.#command, ...args],
      this.#variables,
      input,
    );
  }

  /** Adds an account. */
  async addUser(email: string, ...options: readonly string[]): Promise<void> {
    await this.run(["user", "add", email, ...options], `${password}\n`);
  }

  /** The secret that signs tokens. */
  get secret(): string {
    return readFileSync(this.#variables["JWT_SECRET_FILE"] ?? "", "utf8")
      .trimEnd();
  }
}

/** Deno gets the permissions of `deno task start`. */
function commandOf(runtime: Runtime, variables: Variables): Command {
  if (runtime === "Bun") return ["bun"];
  return ["deno", "run", ...shippedPermissions(variables)];
}
