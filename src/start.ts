/**
 * Starting and stopping the server: what is said at start, and what becomes of SIGTERM and SIGINT.
 */

import process from "node:process";
import { createApp, createPasswordHasher } from "./app.ts";
import { parseEmail, sessionSeconds, throttleSeconds } from "./auth/auth.ts";
import type { Config } from "./config.ts";
import { createLog, type Log, type RunningServer } from "./http/http.ts";
import { generateKey, type HmacKey, importKey, keyRing } from "./jwt/jwt.ts";
import type { TokenSecret } from "./secrets.ts";
import { serveBun } from "./serve_bun.ts";
import { serveDeno } from "./serve_deno.ts";
import { openSqlite, type SqliteStore } from "./storage/sqlite.ts";

/** The server cannot start; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

const demoAccount = { email: "user@email.com", password: "password" }; // the tutorial's

/** Serves until a signal comes, then stops in order. */
export async function start(config: Config): Promise<void> {
  const store = openStore(config.databasePath);
  const isTerminal = process.stdout.isTTY === true;
  const log = createLog((lines) => console.log(lines), isTerminal ? "readable" : "json");
  const { secrets, host, passwordIterations } = config;
  const app = createApp({ ...config, store, key: await importSecrets(secrets), log });
  const server = listen(config, app.fetch);
  sweepInBackground(store);
  stopOnSignal(server, log, store);
  if (secrets.length === 0) {
    await addDemoAccount(store, passwordIterations); // a hash takes longer than all else here
    print(trialBanner(host, server.port));
  } else {
    await sayStart(log, config, server.port, store);
  }
}

/** Opens the database. Throws a StartError. */
export function openStore(path: string): SqliteStore {
  try {
    return openSqlite(path);
  } catch (error) {
    throw new StartError(`Cannot use the database ${path}: ${messageOf(error)}.`);
  }
}

/** Does something with the database. Throws a StartError for what the database throws. */
export async function usingDatabase(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const isOfSqlite = error instanceof Error && "code" in error &&
      error.code === "ERR_SQLITE_ERROR";
    if (!isOfSqlite) throw error;
    throw new StartError(`Cannot use the database ${path}: ${error.message}.`);
  }
}

async function importSecrets(secrets: readonly TokenSecret[]): Promise<HmacKey> {
  const keys = await Promise.all(secrets.map(({ bytes, kid }) => importKey(bytes, kid)));
  const [first, second] = keys;
  if (first === undefined) return await generateKey();
  return second === undefined ? first : keyRing(keys); // in a ring, one without name wants no kid
}

/** Removes what has expired, a few rows at a time: each step is short, and others go on between. */
function sweepInBackground(store: SqliteStore): void {
  const sweep = async () => {
    const now = Math.floor(Date.now() / 1000);
    try {
      const ended = await store.sweepSessions(now - sessionSeconds, 200);
      const forgotten = await store.sweepThrottle(now - throttleSeconds, 200);
      setTimeout(sweep, Math.max(ended, forgotten) >= 200 ? 200 : 60_000); // milliseconds
    } catch {
      setTimeout(sweep, 60_000); // the database is busy or down, which requests tell
    }
  };
  setTimeout(sweep, 1000);
}

async function addDemoAccount(store: SqliteStore, iterations: number): Promise<void> {
  const email = parseEmail(demoAccount.email);
  const passwordHash = await createPasswordHasher(iterations).hash(demoAccount.password);
  if (email !== null) await store.addUser({ email, isAdmin: false, passwordHash });
}

function listen(
  { host, port }: Config,
  fetch: (request: Request, remoteAddress: string | null) => Promise<Response>,
): RunningServer {
  const serve = serveBun ?? serveDeno;
  if (serve === null) throw new StartError("onejot serves on Bun and on Deno only.");
  try {
    return serve({ hostname: host, port, fetch });
  } catch (error) {
    const isInUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    const reason = isInUse // Bun says so of a name that it does not know, too
      ? "PORT is in use, or HOST is not this machine's"
      : messageOf(error);
    throw new StartError(`Cannot listen on ${inUrl(host)}:${port}: ${reason}.`);
  }
}

async function sayStart(
  log: Log,
  config: Config,
  port: number,
  store: SqliteStore,
): Promise<void> {
  const accounts = await store.hasUsers() ? "" : "; there is no account yet: onejot user add EMAIL";
  const isCheap = config.passwordIterations < 600_000;
  const cost = isCheap ? "; PASSWORD_ITERATIONS is below 600000, what OWASP asks for" : "";
  log.write({
    time: new Date().toISOString(),
    level: isCheap ? "warning" : "info",
    message: `onejot listens on http://${inUrl(config.host)}:${port}${accounts}${cost}`,
  });
  log.flush();
}

function trialBanner(host: string, port: number): string {
  const origin = `http://${inUrl(host)}:${port}`;
  const { email, password } = demoAccount;
  return `onejot listens on ${origin}

Nothing is configured, so this is a trial: it listens on this machine alone, keeps its accounts in
memory, signs with a fresh key, and has the demo account ${email} with the password "${password}".

Log in and see the user, with curl:

  TOKEN=$(curl -s -d email=${email} -d password=${password} ${origin}/login | cut -d '"' -f 4)
  curl -H "Authorization: $TOKEN" ${origin}/get-user

or with HTTPie:

  TOKEN=$(http -f ${origin}/login email=${email} password=${password} | cut -d '"' -f 4)
  http ${origin}/get-user "Authorization:$TOKEN"

For production set JWT_SECRET and DATABASE_URL; \`onejot --help\` lists the settings.
`;
}

function stopOnSignal(server: RunningServer, log: Log, store: SqliteStore): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(1); // a second signal: at once
    isStopping = true;
    await server.stop(5); // seconds for what is in flight
    log.flush();
    store.close();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

/** Prints a text for a person. Throws a StartError where there is no room for it. */
export function print(text: string): void {
  try {
    console.log(text);
  } catch (error) {
    throw new StartError(`Cannot write to standard output: ${messageOf(error)}.`);
  }
}

/** A host name or address as it stands in a URL. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host; // RFC 3986 §3.2.2
}

/** What an error of the system says, for a line that is told to a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "for a reason that it does not give";
}
