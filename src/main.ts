#!/usr/bin/env bun
/**
 * The command line. With no command it serves.
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import * as accounts from "./account_commands.ts";
import { ConfigError, type Environment, readConfig, readHealthConfig, settings } from "./config.ts";
import { encodeBase64url } from "./jwt/jwt.ts";
import { inUrl, print, start, StartError } from "./start.ts";
import { InputError } from "./terminal.ts";

/** A command was called in a way that is not understood. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs a command; resolves to the exit code where that is not 0, or to null while it goes on. */
type Run = (call: accounts.Call) => Promise<number | null | void>;

const version = "0.1.0"; // as in package.json and deno.json
const environment: Environment = (name) => process.env[name];

/** A command as it is typed, an argument in capitals; what it does. */
const commands: readonly (readonly [usage: string, meaning: string, run: Run])[] = [
  ["serve", "serve (also without a command)", serve],
  [
    "user add EMAIL [--admin]",
    "add an account; its password is asked, or piped in",
    accounts.addUser,
  ],
  ["user list", "list the accounts", accounts.listUsers],
  ["user disable EMAIL", "disable an account and end its sessions", accounts.disableUser],
  ["user enable EMAIL", "enable it again", accounts.enableUser],
  ["user passwd EMAIL", "set its password and end its sessions", accounts.setPassword],
  ["user sessions EMAIL", "list its sessions", accounts.listSessions],
  ["backup FILE", "copy the database, also while servers use it", accounts.backUp],
  ["key", "print a fresh secret for JWT_SECRET", printKey],
  ["health", "ask the running server; exit code 0 or 1", checkHealth],
];

const exitCode = await main(process.argv.slice(2)).catch(exitCodeOf);
if (exitCode !== null) process.exit(exitCode);

async function main(argv: readonly string[]): Promise<number | null> {
  const { values, positionals } = parseArguments(argv);
  if (values.help || values.version) {
    print(values.help ? helpText() : version);
    return 0;
  }
  const words = positionals.length === 0 ? ["serve"] : positionals;
  for (const [usage, , run] of commands) {
    const names = usage.split(" ").filter((word) => /^[a-z]+$/.test(word));
    if (!names.every((name, index) => words[index] === name)) continue;
    const [argument = "", ...others] = words.slice(names.length);
    const isComplete = others.length === 0 && (argument !== "") === / [A-Z]/.test(usage);
    if (isComplete && (!values.admin || usage.includes("--admin"))) {
      const code = await run({ environment, argument, admin: values.admin });
      return code === undefined ? 0 : code;
    }
    throw new UsageError(`Usage: onejot ${usage}`);
  }
  throw new UsageError(`There is no command "${words.join(" ")}": onejot --help lists them.`);
}

function parseArguments(argv: readonly string[]) {
  const options = {
    help: { type: "boolean", short: "h", default: false },
    version: { type: "boolean", default: false },
    admin: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch {
    throw new UsageError("There is no such option: onejot --help lists them.");
  }
}

async function serve(): Promise<null> {
  await start(readConfig(environment));
  return null;
}

function printKey(): Promise<void> {
  print(encodeBase64url(crypto.getRandomValues(new Uint8Array(32))));
  return Promise.resolve();
}

async function checkHealth(): Promise<number | void> {
  const { host, port } = readHealthConfig(environment);
  const url = `http://${inUrl(host)}:${port}/healthz`;
  const status = await statusOf(url);
  if (status === 200) return print("ok");
  console.error(status === null ? `${url} does not answer.` : `${url} answers ${status}.`);
  return 1;
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

/** Says what went wrong in a line each; only a fault of ours shows where it arose. */
function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const fault of error.faults) console.error(fault);
    return 1;
  }
  if (
    error instanceof UsageError || error instanceof InputError || error instanceof StartError
  ) {
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
  throw error;
}
