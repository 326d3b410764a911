/**
 * The real server as a process, on either runtime, with the permissions that `deno task start` gives
 * it, and with those for a database file.
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

export type Runtime = "Bun" | "Deno";
export type Variables = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A server that listens. */
export interface Server {
  readonly origin: string;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** Starts it on a free port of this machine. */
export async function startServer(
  runtime: Runtime,
  variables: Variables,
): Promise<Server> {
  const [program = "", ...args] = commandOf(runtime);
  const child = spawn(program, args, {
    env: environment({ PORT: "0", ...variables }),
  });
  const port = await portOf(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) {
        await once(child, "close");
      }
    },
  };
}

/** Adds an account. */
export function addUser(
  email: string,
  password: string,
  variables: Variables,
): void {
  const args = [`${root}src/main.ts`, "user", "add", email];
  const options = {
    env: environment(variables),
    input: `${password}\n`,
    encoding: "utf8",
  } as const;
  const { status, stderr } = spawnSync("bun", args, options);
  if (status !== 0) throw new Error(`No account was added: ${stderr}`);
}

function commandOf(runtime: Runtime): string[] {
  if (runtime === "Bun") return ["bun", `${root}src/main.ts`];
  const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  const words = String(tasks.start).split(" ").filter((word) =>
    word.startsWith("--")
  );
  return [
    "deno",
    "run",
    ...words,
    "--allow-read",
    "--allow-write",
    `${root}src/main.ts`,
  ];
}

function environment(variables: Variables): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...variables };
}

function portOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Uint8Array) => {
      output += String(chunk);
      const found = /listens on http:\/\/\S+:(\d+)/.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  }
  child.once(
    "close",
    () => reject(new Error(`The server did not start: ${output}`)),
  );
  return promise;
}
