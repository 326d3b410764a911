#!/usr/bin/env bun
/**
 * The command line. With no command it serves.
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.
 */

import process from "node:process";
import { accountCommands } from "./cli/account_commands.ts";
import {
  type Call,
  type Command,
  helpText,
  readCommandLine,
} from "./cli/command_line.ts";
import { readConfig, readHealthConfig, settings } from "./server/config.ts";
import { encodeBase64url } from "./jwt/jwt.ts";
import type { Environment } from "./server/setting_reader.ts";
import { authorityOf, start } from "./server/start.ts";
import { CommandError, print } from "./server/fault.ts";
import { tokenCommands } from "./cli/token_commands.ts";

const version = "0.1.0"; // as in package.json and deno.json
const environment: Environment = (name) => process.env[name];

const commands: readonly Command<Call>[] = [
  [
    "serve",
    "serve (also without a command)",
    () => start(readConfig(environment)),
  ],
  ...accountCommands,
  ...tokenCommands,
  ["key", "print a fresh secret for JWT_SECRET", printKey],
  ["health", "ask the running server; exit code 0 or 1", checkHealth],
];

try {
  await main(process.argv.slice(2));
  process.exit();
} catch (error) {
  if (!(error instanceof CommandError)) throw error; // a fault of ours shows where it arose
  console.error(error.message);
  process.exit(error.exitCode);
}

async function main(argv: readonly string[]): Promise<void> {
  const typed = readCommandLine(argv, commands);
  if (typed.wish === "version") return print(version);
  if (typed.wish === "help") {
    return print(helpText(typed.command, commands, settingLines()));
  }
  const { command: [, , run], argument, options } = typed;
  return await run({ environment, argument, options });
}

function printKey(): void {
  print(encodeBase64url(crypto.getRandomValues(new Uint8Array(32))));
}

async function checkHealth(): Promise<void> {
  const { host, port } = readHealthConfig(environment);
  const url = `http://${authorityOf(host, port)}/healthz`;
  const status = await statusOf(url);
  if (status === 200) return print("ok");
  throw new CommandError(
    `${url} ${status === null ? "does not answer" : `answers ${status}`}.`,
  );
}

/** Asks directly: fetch would go through HTTP_PROXY and follow redirects. */
async function statusOf(url: string): Promise<number | null> {
  const { get } = await import("node:http"); // not at every start: it takes Bun 10 ms to load
  return await new Promise((resolve) => {
    const request = get(
      url,
      { signal: AbortSignal.timeout(3000) },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? null);
      },
    );
    request.on("error", () => resolve(null));
  });
}

function settingLines(): string[] {
  return [
    "Settings, from the environment (name, meaning, default):",
    ...settings.map(([name, meaning, fallback]) =>
      `  ${name.padEnd(23)}${meaning} [${fallback}]`
    ),
  ];
}
