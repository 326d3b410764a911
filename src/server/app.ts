/**
 * The auth server as one fetch handler: the only place that wires the folders
 * together. What it answers is in routes.ts. A program hangs its own routes to
 * it, behind its login where it likes, and has it served as the command does.
 * Refused: an option that cannot be read (a TypeError).
 */

import {
  accessTokenPolicy,
  type AccessTokens,
  type AddsAuthentication,
  adminRequired,
  authenticate,
  type Authentication,
  createPasswordHasher,
  isUnavailable,
  loginRequired,
  type OnEvent,
  type PasswordScheme,
  type RefusalStatus,
  sameOriginForCookies,
  type Store,
} from "../auth/auth.ts";
import {
  accessLog,
  type Context,
  HttpError,
  type Log,
  type LogRecord,
  measureRequests,
  Metrics,
  type RootRouter,
  type Router,
  router,
  type RouterOptions,
  securityHeaders,
} from "../http/http.ts";
import { type HmacKey, rememberVerified } from "../jwt/jwt.ts";
import {
  type AddressList,
  clientAddress,
  includesAddress,
  networksOf,
  parseAddresses,
} from "./client_address.ts";
import { serveBun } from "./bun.ts";
import { serveDeno } from "./deno.ts";
import { logFault } from "./log_fault.ts";
import {
  countDroppedLines,
  countLogins,
  countRefusals,
  countRepeats,
  describeProcess,
} from "./monitoring.ts";
import { hangRoutes, routesOfMonitors } from "./routes.ts";
import { logEvents } from "./security_log.ts";
import { sweepInBackground } from "./sweep.ts";

/** What the server is made of. */
export interface AppOptions {
  /** Where users, sessions and failed attempts are. */
  readonly store: Store;
  /** The key that signs and verifies tokens, or a ring of keys. */
  readonly key: HmacKey;
  /** Takes a line for every request and for every fault. */
  readonly log: Log;
  /** How long an access token lives, in seconds; 900 by default. */
  readonly lifetimeSeconds?: number;
  /**
   * The status for wrong credentials and bad tokens; 400 by default, as in the
   * tutorial.
   */
  readonly refusalStatus?: RefusalStatus;
  /** What passwords are hashed by; Argon2id by default. */
  readonly passwordScheme?: PasswordScheme;
  /** The cost of a password hash by PBKDF2; 600,000 by default. */
  readonly passwordIterations?: number;
  /** The least length of a new password in characters; 8 by default. */
  readonly passwordMinLength?: number;
  /**
   * The proxies whose X-Forwarded-For is believed: addresses and CIDRs between
   * commas, such as `10.0.0.0/8, 192.0.2.1`; none by default.
   */
  readonly trustedProxies?: string | null;
  /**
   * Where the routes are found as well, such as `/onejot`, as a proxy mounts
   * them; nowhere by default.
   */
  readonly pathPrefix?: string;
  /**
   * Whether the server's routes are found below `pathPrefix` alone, so that all
   * other paths are free for your own; false by default.
   */
  readonly prefixOnly?: boolean;
  /**
   * "sessions" to refuse tokens that name no session; "any" by default.
   */
  readonly accessTokens?: AccessTokens;
  /**
   * Who may read the metrics in addition to this machine, written as
   * `trustedProxies` is; nobody by default.
   */
  readonly metricsFrom?: string | null;
  /** Whether `GET /` shows the token inspector; false by default. */
  readonly page?: boolean;
  /**
   * Whether `/healthz`, `/readyz` and `/metrics` are logged where they answer
   * well; true by default.
   */
  readonly healthIsLogged?: boolean;
  /**
   * Says whether the server is about to stop, so that `/readyz` answers 503;
   * false by default.
   */
  readonly isStopping?: () => boolean;
}

/** What a handler receives behind the login. */
export type MemberContext = Context & AddsAuthentication & Authentication;

/**
 * The server: its `fetch` answers requests, and more routes can be hung to it,
 * to itself for everybody, and to its two views.
 */
export interface App extends RootRouter {
  /** Routes that hang here ask for a login, and have its `user`. */
  readonly members: Router<MemberContext>;
  /** Those that hang here ask for an administrator's. */
  readonly administrators: Router<MemberContext>;
  /**
   * Begins to remove from the database what has expired, in the background and
   * a few rows at a time. Gives what ends it. {@link serve} does it by itself.
   */
  readonly sweep: () => () => void;
}

/**
 * Makes the server.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { createApp } from "onejot/app";
 * import { createLog, json } from "onejot/http";
 * import { generateKey } from "onejot/jwt";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const store = openSqlite(":memory:");
 * const app = createApp({
 *   store,
 *   key: await generateKey(),
 *   log: createLog((lines) => console.log(lines), "json"),
 *   trustedProxies: "10.0.0.0/8",
 *   page: true,
 * });
 * app.get("/hello", () => new Response("hello"));
 * app.members.get("/me", ({ user }) => json({ email: user.email }));
 * app.administrators.get("/secret", () => new Response("for administrators"));
 *
 * for (const path of ["/hello", "/healthz", "/"]) {
 *   assert.equal((await app.request(path)).status, 200);
 * }
 * assert.equal((await app.request("/me")).status, 401);
 * store.close();
 * ```
 *
 * It is served by {@link serve}, or by the runtime itself:
 * `Bun.serve({ fetch: app.fetch })`, `Deno.serve(app.fetch)`. Then call `sweep`,
 * or what has expired stays in the database.
 *
 * @throws {TypeError} where addresses or the prefix are not written as they must
 * be
 */
export function createApp({
  store,
  key,
  log,
  lifetimeSeconds = 900,
  refusalStatus = 400,
  passwordScheme = "argon2id",
  passwordIterations = 600_000,
  passwordMinLength = 8,
  trustedProxies = null,
  pathPrefix = "",
  prefixOnly = false,
  accessTokens = "any",
  metricsFrom = null,
  page = false,
  healthIsLogged = true,
  isStopping = () => false,
}: AppOptions): App {
  const proxies = readAddresses("trustedProxies", trustedProxies);
  const metrics = new Metrics();
  const parts = {
    store,
    key,
    verifier: rememberVerified(key, accessTokenPolicy),
    lifetimeSeconds,
    refusalStatus,
    passwords: createPasswordHasher({
      store,
      scheme: passwordScheme,
      iterations: passwordIterations,
    }),
    passwordMinLength,
    networksOf,
    pathPrefix,
    accessTokens,
    onEvent: tellAll([
      logEvents(log),
      countLogins(metrics),
      countRepeats(metrics),
      warnOfNoAddress(log),
    ]),
    onRefusal: countRefusals(metrics),
    metrics,
    metricsFrom: readAddresses("metricsFrom", metricsFrom),
    page,
    isStopping,
  };
  describeProcess(metrics);
  countDroppedLines(metrics, log);
  const quietRoutes = healthIsLogged ? [] : routesOfMonitors;
  const onError: RouterOptions["onError"] = (error, { requestId }) => {
    logFault(log, { error, requestId });
    return isUnavailable(error) ? databaseIsAway() : undefined;
  };
  const site = router({
    prefix: prefixOnly ? "" : pathPrefix,
    clientAddress: behindProxies(proxies, log),
    around: [
      measureRequests(metrics),
      accessLog(log, { quietRoutes }),
      securityHeaders(),
      sameOriginForCookies(),
    ],
    onError,
  });
  if (prefixOnly) {
    const server = router({ onError });
    hangRoutes(server, parts);
    site.mount(pathPrefix, server);
  } else {
    hangRoutes(site, parts);
  }
  const members = site.use(authenticate(parts)).use(loginRequired());
  return {
    ...site,
    members,
    administrators: members.use(adminRequired()),
    sweep: () => sweepInBackground(store),
  };
}

/** Where an app is served. */
export interface ListenOptions {
  /** A host name or an IP address; 127.0.0.1, this machine, by default. */
  readonly hostname?: string;
  /** A TCP port; 8080 by default, and 0 for any that is free. */
  readonly port?: number;
}

/** An app that is served. */
export interface ServedApp {
  /** The TCP port that it listens on. */
  readonly port: number;
  /**
   * Stops in order: accepts no more connections, waits for what is in flight,
   * at most so many seconds (5 by default), and ends the sweeping. What the
   * program has opened, as the store, it closes itself, after that.
   */
  stop(deadlineSeconds?: number): Promise<void>;
}

/**
 * Serves an app on Bun and on Deno, as the command `onejot` does, and sweeps.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { createApp, serve } from "onejot/app";
 * import { createLog } from "onejot/http";
 * import { generateKey } from "onejot/jwt";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const store = openSqlite(":memory:");
 * const log = createLog((lines) => console.log(lines), "json");
 * const app = createApp({ store, key: await generateKey(), log });
 * const server = serve(app, { port: 0 });
 *
 * const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
 * assert.deepEqual(await response.json(), { status: "ok" });
 *
 * await server.stop();
 * log.flush();
 * store.close();
 * ```
 *
 * @throws {Error} the address cannot be listened on, or it is another runtime
 */
export function serve(
  { fetch, sweep }: App,
  { hostname = "127.0.0.1", port = 8080 }: ListenOptions = {},
): ServedApp {
  const options = { place: { hostname, port }, fetch };
  const server = serveBun(options) ?? serveDeno(options);
  if (server === null) {
    throw new Error("Cannot serve: that is done on Bun and on Deno only.");
  }
  const endSweeping = sweep();
  return {
    port: server.port ?? port,
    stop: async (deadlineSeconds = 5) => {
      await server.stop(deadlineSeconds);
      endSweeping();
    },
  };
}

/** Makes one listener of several. */
function tellAll(listeners: readonly OnEvent[]): OnEvent {
  return (event, origin) => {
    for (const tell of listeners) tell(event, origin);
  };
}

function databaseIsAway(): HttpError {
  const headers = { "retry-after": "1" };
  return new HttpError(503, "The database does not answer", headers);
}

/** Reads addresses and CIDRs between commas; null stands for none. */
function readAddresses(name: string, text: string | null): AddressList | null {
  if (text === null) return null;
  const addresses = parseAddresses(text);
  if (addresses !== null) return addresses;
  throw new TypeError(
    `Cannot make the app: ${name} must be addresses or CIDRs between commas.`,
  );
}

/**
 * Makes what gives the address of the client in the place of a trusted proxy's.
 */
function behindProxies(
  proxies: AddressList | null,
  log: Log,
): NonNullable<RouterOptions["clientAddress"]> {
  let isNoticed = false;
  return ({ headers }, socketAddress) => {
    const forwardedFor = headers.get("x-forwarded-for");
    if (
      !isNoticed && forwardedFor !== null &&
      !includesAddress(socketAddress, proxies)
    ) {
      isNoticed = true;
      log.write(distrustRecord());
    }
    return clientAddress({ forwardedFor, socketAddress }, proxies);
  };
}

/** Makes what says once that a login came whose client has no address. */
function warnOfNoAddress(log: Log): OnEvent {
  let isNoticed = false;
  return ({ event }, { remoteAddress }) => {
    if (isNoticed || event !== "login" || remoteAddress !== null) return;
    isNoticed = true;
    log.write(noAddressRecord());
  };
}

/** Said once, as it may be meant so, or a setting that was forgotten. */
function distrustRecord(): LogRecord {
  return {
    time: new Date().toISOString(),
    level: "warning",
    message:
      "X-Forwarded-For comes from an address that is not in TRUSTED_PROXIES: " +
      "throttling and the log take all clients behind it for one",
  };
}

function noAddressRecord(): LogRecord {
  return {
    time: new Date().toISOString(),
    level: "warning",
    message:
      "A login came without the address of its client: throttling counts such " +
      "logins by their account alone. Serve with Bun.serve({ fetch: app.fetch }) " +
      "or Deno.serve(app.fetch), or give app.fetch the address behind the request",
  };
}
