/**
 * The processes of a site, and that none of them is left.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

export type Variables = Readonly<Record<string, string>>;

/** How a program ended. */
export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export class Processes {
  readonly #running = new Map<ChildProcess, Promise<Finished>>();

  /** Starts a program. */
  start(
    [program = "", ...args]: readonly string[],
    env: Variables,
  ): ChildProcess {
    const child = spawn(program, args, { env: { ...env }, stdio: "pipe" });
    let output = "";
    child.stdout.on(
      "data",
      (chunk: Uint8Array) => output += Buffer.from(chunk).toString(),
    );
    child.stderr.on(
      "data",
      (chunk: Uint8Array) => output += Buffer.from(chunk).toString(),
    );
    child.stdin.on("error", () => {}); // it may end before it has read all
    const finished = new Promise<Finished>((resolve) => {
      child.once(
        "error",
        (error) => resolve({ code: null, output: error.message }),
      );
      child.once("close", (code) => resolve({ code, output }));
    }).finally(() => this.#running.delete(child));
    this.#running.set(child, finished);
    return child;
  }

  /** Runs a program to its end. */
  async run(
    command: readonly string[],
    env: Variables,
    input = "",
  ): Promise<string> {
    const child = this.start(command, env);
    child.stdin?.end(input);
    const { code, output } = await this.#finished(child);
    if (code === 0) return output;
    throw new Error(`${command.join(" ")} ended with code ${code}: ${output}`);
  }

  /** Starts a server and waits until it listens. */
  async serve(
    command: readonly string[],
    env: Variables,
    port: number,
  ): Promise<ChildProcess> {
    const child = this.start(command, env);
    const ended = this.#finished(child).then(({ output }) => {
      throw new Error(`${command[0]} does not listen: ${output}`);
    });
    await Promise.race([ended, isListening(port)]);
    ended.catch(() => {}); // from now on it may end
    return child;
  }

  /** Ends a program, which has two seconds for it. */
  async stop(child: ChildProcess): Promise<void> {
    const finished = this.#finished(child);
    child.kill("SIGTERM");
    const isLate = await Promise.race([
      finished.then(() => false),
      setTimeout(2000, true),
    ]);
    if (isLate) child.kill("SIGKILL");
    await finished;
  }

  /** Ends all that run. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.keys()].map((child) => this.stop(child)),
    );
  }

  /** The same at once, when there is no time to wait. */
  kill(): void {
    for (const child of this.#running.keys()) child.kill("SIGKILL");
  }

  async #finished(child: ChildProcess): Promise<Finished> {
    return await (this.#running.get(child) ??
      { code: child.exitCode, output: "" });
  }
}

/** A TCP port that nobody uses now. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise((resolve) => {
      socket.once("connect", () => resolve(true)).once(
        "error",
        () => resolve(false),
      );
    });
    socket.destroy();
    if (isOpen) return;
    await setTimeout(25);
  }
  throw new Error(`Nothing listens on port ${port}`);
}
