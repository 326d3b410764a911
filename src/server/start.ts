/**
 * Starting and stopping the server: what is said at start, and what becomes of SIGTERM and SIGINT.
 */

import process from "node:process";
import { createApp, createPasswordHasher } from "./app.ts";
import { type Awaitable, currentSecond, parseEmail } from "../auth/auth.ts";
import { sessionsSince, throttleSeconds } from "../auth/auth.ts";
import type { Config, DatabaseAddress } from "./config.ts";
import { createLog, type LogRecord } from "../http/http.ts";
import { generateKey, type HmacKey, importKey, keyRing } from "../jwt/jwt.ts";
import type { RunningServer, ServeOptions } from "./listening.ts";
import { readPageFiles } from "./page_files.ts";
import type { TokenSecret } from "./secrets.ts";
import { postgresClientOfBun, serveBun, stripTypesWithBun } from "./bun.ts";
import { serveDeno, stripTypesWithDeno } from "./deno.ts";
import type { PageFile } from "./show_page.ts";
import { openPostgres, type PostgresStore } from "../storage/postgres.ts";
import { openSqlite, type SqliteStore } from "../storage/sqlite.ts";
import { cannot, CommandError, print } from "./fault.ts";

const demoAccount = { email: "user@email.com", password: "password" }; // the tutorial's

/** Serves until a signal comes, then stops in order. */
export async function start(config: Config): Promise<void> {
  const store = await openStore(config.database);
  const isTerminal = process.stdout.isTTY === true;
  const log = createLog(
    (lines) => console.log(lines),
    isTerminal ? "readable" : "json",
  );
  const key = await importSecrets(config.secrets);
  const page = config.pageIsShown ? await readPage() : [];
  const app = createApp({ ...config, store, key, log, page });
  const server = listen(config, app.fetch);
  const stopping = signalToStop();
  sweepInBackground(store);
  const origin = `http://${authorityOf(config.host, server.port)}`;
  if (config.secrets.length === 0) {
    await addDemoAccount(store, config); // a hash takes longer than all else here
    print(trialBanner(origin, config));
  } else {
    log.write(await startRecord(origin, config, store));
    log.flush();
  }
  await stopping;
  await server.stop(5); // seconds for what is in flight
  log.flush();
  await store.close();
}

/** The stores, on whatever database. */
export type OpenStore =
  & (SqliteStore | PostgresStore & { readonly copyTo?: undefined })
  & { close(): Awaitable<void> };

/** Opens the database. Throws a CommandError. */
export async function openStore(address: DatabaseAddress): Promise<OpenStore> {
  try {
    return "sqlite" in address
      ? openSqlite(address.sqlite)
      : await connect(address.postgres);
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : cannot(`use ${nameOf(address)}`, error);
  }
}

/** What a database is called where it is spoken of: a URL may hold a password. */
export function nameOf(address: DatabaseAddress): string {
  return "sqlite" in address ? `the database ${address.sqlite}` : "PostgreSQL";
}

async function connect(url: string): Promise<OpenStore> {
  const client = postgresClientOfBun(url, 10); // as many as openPostgres uses
  if (client === null) {
    throw new CommandError(
      "PostgreSQL needs Bun here: run onejot with it, or hand a client to onejot/postgres.",
    );
  }
  const stores = await openPostgres(client);
  return { ...stores, close: () => client.close({ timeout: 1 }) }; // it may never answer
}

/** A host and a port as they stand in a URL. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`; // RFC 3986 §3.2.2
}

/** The key, or the ring of keys, that the secrets make; a fresh one where there is none. */
export async function importSecrets(
  secrets: readonly TokenSecret[],
): Promise<HmacKey> {
  const keys = await Promise.all(
    secrets.map(({ bytes, kid }) => importKey(bytes, kid)),
  );
  const [first, second] = keys;
  if (first === undefined) return await generateKey();
  return second === undefined ? first : keyRing(keys); // in a ring, one without name wants no kid
}

/** Removes what has expired, a few rows at a time: each step is short, and others go on between. */
function sweepInBackground(store: OpenStore): void {
  const sweep = async () => {
    try {
      const ended = await store.sweepSessions({
        before: sessionsSince(),
        limit: 200,
      });
      const forgotten = await store.sweepThrottle({
        before: currentSecond() - throttleSeconds,
        limit: 200,
      });
      setTimeout(sweep, Math.max(ended, forgotten) >= 200 ? 200 : 60_000); // milliseconds
    } catch {
      setTimeout(sweep, 60_000); // the database is busy or down, which requests tell
    }
  };
  setTimeout(sweep, 1000);
}

async function addDemoAccount(
  store: OpenStore,
  { passwordIterations }: Config,
): Promise<void> {
  const email = parseEmail(demoAccount.email);
  const passwordHash = await createPasswordHasher(passwordIterations).hash(
    demoAccount.password,
  );
  if (email !== null) {
    await store.addUser({
      email,
      isAdmin: false,
      passwordHash,
      createdAt: currentSecond(),
    });
  }
}

function listen(
  { host, port }: Config,
  fetch: ServeOptions["fetch"],
): RunningServer {
  const options = { hostname: host, port, fetch };
  try {
    const server = serveBun(options) ?? serveDeno(options);
    if (server !== null) return server;
  } catch (error) {
    const isInUse = error instanceof Error && "code" in error &&
      error.code === "EADDRINUSE";
    const reason = isInUse // Bun says so of a name that it does not know, too
      ? new Error("PORT is in use, or HOST is not this machine's")
      : error;
    throw cannot(`listen on ${authorityOf(host, port)}`, reason);
  }
  throw new CommandError("onejot serves on Bun and on Deno only.");
}

/** The page's files, without types as the runtime takes them away. */
async function readPage(): Promise<readonly PageFile[]> {
  return await readPageFiles((source) => {
    return stripTypesWithBun(source) ?? stripTypesWithDeno(source) ?? source;
  });
}

async function startRecord(
  origin: string,
  config: Config,
  store: OpenStore,
): Promise<LogRecord> {
  const [user] = await store.listUsers({ after: 0, limit: 1 });
  const accounts = user === undefined
    ? "; there is no account yet: onejot user add EMAIL"
    : "";
  const isCheap = config.passwordIterations < 600_000;
  const cost = isCheap
    ? "; PASSWORD_ITERATIONS is below 600000, what OWASP asks for"
    : "";
  const message = `onejot listens on ${origin}${accounts}${cost}`;
  return {
    time: new Date().toISOString(),
    level: isCheap ? "warning" : "info",
    message,
  };
}

function trialBanner(
  origin: string,
  { pageIsShown, pathPrefix }: Config,
): string {
  const { email, password } = demoAccount;
  const page = pageIsShown
    ? `Look at it in a browser: ${origin}${pathPrefix}/\n\n`
    : "";
  return `onejot listens on ${origin}

Nothing is configured, so this is a trial: it listens on this machine alone, keeps its accounts in
memory, signs with a fresh key, and has the demo account ${email} with the password "${password}".

${page}Log in and see the user, with curl:

  TOKEN=$(curl -s -d email=${email} -d password=${password} ${origin}/login | cut -d '"' -f 4)
  curl -H "Authorization: $TOKEN" ${origin}/get-user

or with HTTPie:

  TOKEN=$(http -f ${origin}/login email=${email} password=${password} | cut -d '"' -f 4)
  http ${origin}/get-user "Authorization:$TOKEN"

For production set JWT_SECRET and DATABASE_URL; \`onejot --help\` lists the settings.
`;
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function signalToStop(): Promise<void> {
  return new Promise((resolve) => {
    let stop: () => void = resolve;
    const onSignal = () => {
      stop();
      stop = () => process.exit(1);
    };
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, onSignal);
  });
}
