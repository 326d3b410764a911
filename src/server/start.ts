/**
 * Starting and stopping the server: what is said at start, and what becomes of
 * SIGTERM and SIGINT.
 */

import process from "node:process";
import { createApp } from "./app.ts";
import {
  createPasswordHasher,
  currentSecond,
  parseEmail,
} from "../auth/auth.ts";
import { originOf, placeOf, reachOf } from "./authority.ts";
import type { Config } from "./config.ts";
import { type OpenStore, openStore } from "./database.ts";
import {
  createLog,
  isSettledWithin,
  type LogRecord,
  withHeaders,
} from "../http/http.ts";
import type { Place, RunningServer, ServeOptions } from "./listening.ts";
import { importSecrets } from "./secrets.ts";
import { serveBun } from "./bun.ts";
import { giveUpPermissions, serveDeno } from "./deno.ts";
import { cannot, CommandError } from "./fault.ts";
import { removeStaleSocket } from "./unix_socket.ts";
import { writeLines } from "./standard_output.ts";

/** The tutorial's account. */
const demoAccount = { email: "user@email.com", password: "password" };

/** How long what is in flight has when the server stops. */
const gracePeriodSeconds = 5;

/** Serves until a signal comes, then stops in order. */
export async function start(config: Config): Promise<void> {
  const store = await openStore(config.database);
  const isTerminal = process.stdout.isTTY === true;
  const log = createLog(writeLines, isTerminal ? "readable" : "json");
  const key = await importSecrets(config.secrets);
  let isStopping = false;
  const app = createApp({
    store,
    key,
    log,
    lifetimeSeconds: config.lifetimeSeconds,
    refusalStatus: config.refusalStatus,
    passwordScheme: config.passwordScheme,
    passwordIterations: config.passwordIterations,
    passwordMinLength: config.passwordMinLength,
    trustedProxies: config.trustedProxies,
    pathPrefix: config.pathPrefix,
    metricsFrom: config.metricsFrom,
    accessTokens: config.accessTokens,
    page: config.pageIsShown,
    healthIsLogged: config.healthIsLogged,
    isStopping: () => isStopping,
  });
  const place = placeOf(config.host, config.port);
  const server = await listen(place, async (request, remoteAddress) => {
    const response = await app.fetch(request, remoteAddress);
    // So that a connection that is kept open takes no further request when it
    // is cut.
    return isStopping
      ? withHeaders(response, [["connection", "close"]])
      : response;
  });
  giveUpPermissions();
  const stopping = signalToStop();
  app.sweep();
  const { port } = server;
  const origin = originOf(port === null ? place : { ...place, port });
  if (config.secrets.length === 0) {
    // After the server listens: a hash takes longer than all else here.
    await addDemoAccount(store, config);
    await orGiveUp(writeLines(trialBanner(origin, config)));
  } else {
    log.write(await startRecord(origin, config, store));
    await orGiveUp(log.flush());
  }
  const signal = await stopping;
  isStopping = true;
  log.write(stopRecord(`onejot stops: ${signal}`));
  await pause(config.drainSeconds);
  await server.stop(gracePeriodSeconds);
  log.write(stopRecord("onejot has stopped"));
  await orGiveUp(log.flush());
  await store.close();
}

/**
 * Waits for a text to be written, but not for a reader that stands still, nor
 * for a disk that has room again: a server can do without.
 */
async function orGiveUp(writing: Promise<void>): Promise<void> {
  await isSettledWithin(1, writing).catch(() => false);
}

async function addDemoAccount(
  store: OpenStore,
  { passwordScheme: scheme, passwordIterations: iterations }: Config,
): Promise<void> {
  const email = parseEmail(demoAccount.email);
  const passwords = createPasswordHasher({ store, scheme, iterations });
  const passwordHash = await passwords.hash(demoAccount.password);
  if (email !== null) {
    await store.addUser({
      email,
      isAdmin: false,
      passwordHash,
      createdAt: currentSecond(),
    }, null);
  }
}

async function listen(
  place: Place,
  fetch: ServeOptions["fetch"],
): Promise<RunningServer> {
  try {
    if ("path" in place) await removeStaleSocket(place.path);
    const server = serveBun({ place, fetch }) ?? serveDeno({ place, fetch });
    if (server !== null) return server;
  } catch (error) {
    throw cannot(`listen on ${reachOf(place)}`, reasonOf(error));
  }
  throw new CommandError("onejot serves on Bun and on Deno only.");
}

/**
 * Bun gives the code of a port in use also for a HOST that it does not know.
 */
function reasonOf(error: unknown): unknown {
  const isCoded = error instanceof Error && "code" in error;
  if (!isCoded || error.code !== "EADDRINUSE") return error;
  return new Error("PORT is in use, or HOST is not this machine's");
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
  const isCheap = config.passwordScheme === "pbkdf2" &&
    config.passwordIterations < 600_000;
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
  curl -H "Authorization: Bearer $TOKEN" ${origin}/get-user

or with HTTPie:

  TOKEN=$(http -f ${origin}/login email=${email} password=${password} | cut -d '"' -f 4)
  http ${origin}/get-user "Authorization:Bearer $TOKEN"

For production set JWT_SECRET and DATABASE_URL, as README.md does; the option --help lists the settings.
`;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

function stopRecord(message: string): LogRecord {
  return { time: new Date().toISOString(), level: "info", message };
}

/**
 * Resolves with the name of the first SIGTERM or SIGINT; a second one ends the
 * process at once.
 */
function signalToStop(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let signals = 0;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      signals++;
      if (signals > 1) process.exit(1);
      resolve(signal);
    });
  }
  return promise;
}
