#!/usr/bin/env bun
/**
 * The command line. With no command it serves.
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { accountCommands, type Call, type Command } from "./account_commands.ts";
import { readConfig, readHealthConfig, settings } from "./config.ts";
import { encodeBase64url } from "./jwt/jwt.ts";
import type { Environment } from "./setting_reader.ts";
import { authorityOf, start } from "./start.ts";
import { CommandError, print } from "./terminal.ts";

/** A command was called in a way that is not understood. */
class UsageError extends CommandError {
  override readonly exitCode = 2;
}

const version = "0.1.0"; // as in package.json and deno.json
const environment: Environment = (name) => process.env[name];

const commands: readonly Command<Call>[] = [
  ["serve", "serve (also without a command)", () => start(readConfig(environment))],
  ...accountCommands,
  ["key", "print a fresh secret for JWT_SECRET", printKey],
  ["health", "ask the running server; exit code 0 or 1", checkHealth],
];

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  if (!(error instanceof CommandError)) throw error; // a fault of ours shows where it arose
  console.error(error.message);
  process.exit(error.exitCode);
}

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArguments(argv);
  if (values.help) return print(helpText());
  if (values.version) return print(version);
  const words = positionals.length === 0 ? ["serve"] : positionals;
  for (const [usage, , run] of commands) {
    const names = usage.split(" ").filter((word) => /^[a-z]+$/.test(word));
    if (!names.every((name, index) => words[index] === name)) continue;
    const [argument = "", ...others] = words.slice(names.length);
    const isComplete = others.length === 0 && (argument !== "") === / [A-Z]/.test(usage);
    if (isComplete && (!values.admin || usage.includes("--admin"))) {
      return await run({ environment, argument, admin: values.admin });
    }
    throw new UsageError(`Usage: onejot ${usage}`);
  }
  throw new UsageError(`There is no command "${words.join(" ")}": onejot --help lists them.`);
}

function parseArguments(argv: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const options = { help: { ...flag, short: "h" }, version: flag, admin: flag } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch {
    throw new UsageError("There is no such option: onejot --help lists them.");
  }
}

function printKey(): void {
  print(encodeBase64url(crypto.getRandomValues(new Uint8Array(32))));
}

async function checkHealth(): Promise<void> {
  const { host, port } = readHealthConfig(environment);
  const url = `http://${authorityOf(host, port)}/healthz`;
  const status = await statusOf(url);
  if (status === 200) return print("ok");
  throw new CommandError(`${url} ${status === null ? "does not answer" : `answers ${status}`}.`);
}

/** Asks directly: fetch would go through HTTP_PROXY and follow redirects. */
async function statusOf(url: string): Promise<number | null> {
  const { get } = await import("node:http"); // not at every start: it takes Bun 10 ms to load
  return await new Promise((resolve) => {
    const request = get(url, { signal: AbortSignal.timeout(3000) }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.on("error", () => resolve(null));
  });
}

function helpText(): string {
  const rows = [
    ...commands.map(([usage, meaning]) => `  ${usage.padEnd(26)}${meaning}`),
    `  ${"--help".padEnd(26)}print this`,
    `  ${"--version".padEnd(26)}print the version`,
    "\nSettings, from the environment (name, meaning, default):",
    ...settings.map(([name, meaning, fallback]) => `  ${name.padEnd(23)}${meaning} [${fallback}]`),
  ];
  return `onejot: an auth server with nothing to install\n\nCommands:\n${rows.join("\n")}`;
}
