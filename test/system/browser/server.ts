/**
 * The real server as a process, on either runtime, with the permissions that
 * `deno task start` gives it.
 */

import { fileURLToPath } from "node:url";
import { type Command, run, startProgram } from "../../support/process.ts";
import {
  type ServerProcess,
  shippedPermissions,
  untilListening,
  type Variables,
} from "../../support/server_process.ts";

export type Runtime = "Bun" | "Deno";
export type { ServerProcess, Variables };

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

/** Starts it on a free port of this machine. */
export async function startServer(
  runtime: Runtime,
  variables: Variables,
): Promise<ServerProcess> {
  const env = { PORT: "0", ...variables };
  return await untilListening(startProgram(commandOf(runtime, env), { env }));
}

/** Adds an account. */
export async function addUser(
  email: string,
  password: string,
  env: Variables,
): Promise<void> {
  const command = ["bun", main, "user", "add", email];
  const { code, stderr } = await run(command, { env, input: `${password}\n` });
  if (code !== 0) throw new Error(`No account was added: ${stderr}`);
}

function commandOf(runtime: Runtime, variables: Variables): Command {
  if (runtime === "Bun") return ["bun", main];
  return ["deno", "run", ...shippedPermissions(variables), main];
}
