#!/usr/bin/env bun
/**
 * The command line. With no command it serves.
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.
 */

import process from "node:process";
import { parseArgs } from "node:util";
import { createPasswordHasher } from "./app.ts";
import { faultOfPassword, parseEmail } from "./auth/auth.ts";
import {
  ConfigError,
  type Environment,
  readAccountConfig,
  readConfig,
  readHealthConfig,
  settings,
} from "./config.ts";
import { encodeBase64url } from "./jwt/jwt.ts";
import { inUrl, openStore, print, start, StartError, usingDatabase } from "./start.ts";
import { InputError, readNewPassword } from "./terminal.ts";

/** A command was called in a way that is not understood. */
class UsageError extends Error {
  override readonly name = "UsageError";
}

interface Command {
  /** The command as it is typed, with its arguments. */
  readonly usage: string;
  readonly meaning: string;
  /** Runs it; resolves to the exit code, or to null while it goes on. */
  readonly run: (call: Call) => Promise<number | null>;
}

/** What stands behind a command. */
interface Call {
  readonly args: readonly string[];
  readonly admin: boolean;
}

const version = "0.1.0"; // as in package.json and deno.json
const environment: Environment = (name) => process.env[name];

const commands: readonly Command[] = [
  { usage: "serve", meaning: "serve (also without a command)", run: serve },
  {
    usage: "user add EMAIL [--admin]",
    meaning: "add an account to DATABASE_URL; asks for the password, or reads it from stdin",
    run: addUser,
  },
  { usage: "key", meaning: "print a fresh secret for JWT_SECRET", run: printKey },
  { usage: "health", meaning: "ask the running server; exit code 0 or 1", run: checkHealth },
];

const exitCode = await main(process.argv.slice(2)).catch(exitCodeOf);
if (exitCode !== null) process.exit(exitCode);

async function main(argv: readonly string[]): Promise<number | null> {
  const { values, positionals } = parseArguments(argv);
  if (values.help || values.version) return say(values.help ? helpText() : version);
  const words = positionals.length === 0 ? ["serve"] : positionals;
  for (const { usage, run } of commands) {
    const names = usage.split(" ").filter((word) => /^[a-z]+$/.test(word));
    if (!names.every((name, index) => words[index] === name)) continue;
    const args = words.slice(names.length);
    const isComplete = args.length === (usage.includes("EMAIL") ? 1 : 0);
    if (isComplete && (!values.admin || usage.includes("--admin"))) {
      return await run({ args, admin: values.admin });
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

async function addUser({ args: [emailText = ""], admin: isAdmin }: Call): Promise<number> {
  const { databasePath, passwordIterations } = readAccountConfig(environment);
  const email = parseEmail(emailText);
  if (email === null) {
    throw new InputError("The e-mail address must look like name@host, in ASCII.");
  }
  const store = openStore(databasePath);
  try {
    const password = await readNewPassword();
    const fault = faultOfPassword(password);
    if (fault !== null) throw new InputError(fault);
    const passwordHash = await createPasswordHasher(passwordIterations).hash(password);
    const user = await usingDatabase(databasePath, () => {
      return store.addUser({ email, isAdmin, passwordHash });
    });
    if (user === null) throw new InputError(`There is an account ${email} already.`);
    return say(`Added user ${user.id}: ${email}${isAdmin ? ", an administrator" : ""}.`);
  } finally {
    store.close();
  }
}

function printKey(): Promise<number> {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return Promise.resolve(say(encodeBase64url(secret)));
}

async function checkHealth(): Promise<number> {
  const { host, port } = readHealthConfig(environment);
  const url = `http://${inUrl(host)}:${port}/healthz`;
  const status = await statusOf(url);
  if (status === 200) return say("ok");
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
    ...commands.map(({ usage, meaning }) => `  ${usage.padEnd(26)}${meaning}`),
    `  ${"--help".padEnd(26)}print this`,
    `  ${"--version".padEnd(26)}print the version`,
    "\nSettings, from the environment (name, meaning, default):",
    ...settings.map(([name, meaning, fallback]) => `  ${name.padEnd(23)}${meaning} [${fallback}]`),
  ];
  return `onejot: an auth server with nothing to install\n\nCommands:\n${rows.join("\n")}`;
}

/** Prints a result, and is done. */
function say(text: string): number {
  print(text);
  return 0;
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
