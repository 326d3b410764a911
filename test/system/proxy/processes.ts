/**
 * The processes of a site, and that none of them is left.
 */

import { connect } from "node:net";
import {
  type Command,
  type Program,
  startProgram,
  type Variables,
} from "../../support/process.ts";
import { pause, until } from "../../support/wait.ts";

export type { Variables } from "../../support/process.ts";

export class Processes {
  readonly #running = new Set<Program>();

  /** Starts a program. */
  start(command: Command, env: Variables): Program {
    const program = startProgram(command, { env });
    this.#running.add(program);
    program.ended.then(() => this.#running.delete(program));
    return program;
  }

  /**
   * Runs a program to its end, and gives what it printed.
   *
   * @throws Error where it fails.
   */
  async run(command: Command, env: Variables, input = ""): Promise<string> {
    const program = this.start(command, env);
    program.child.stdin?.end(input);
    const code = await program.ended;
    const printed = printedBy(program);
    if (code === 0) return printed;
    throw new Error(`${command.join(" ")} ended with code ${code}: ${printed}`);
  }

  /** Starts a server and waits until it listens. */
  async serve(
    command: Command,
    env: Variables,
    port: number,
  ): Promise<Program> {
    const program = this.start(command, env);
    await until(`${command[0]} listens or has ended`, async () => {
      return !program.isRunning() || await isListening(port);
    });
    if (program.isRunning()) return program;
    await program.ended;
    throw new Error(`${command[0]} does not listen: ${printedBy(program)}`);
  }

  /** Ends a program, which has two seconds for it. */
  async stop(program: Program): Promise<void> {
    const ended = program.stop("SIGTERM");
    await Promise.race([ended, pause(2000)]);
    await program.stop("SIGKILL");
  }

  /** Ends all that run. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((program) => this.stop(program)));
  }
}

function printedBy({ output: { stdout, stderr } }: Program): string {
  return stdout + stderr;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
