/**
 * The auth server as one fetch handler: the only place that wires the folders
 * together. What it answers is in routes.ts.
 * Refused: an option that cannot be read (a TypeError).
 */

import {
  accessTokenPolicy,
  type AccessTokens,
  createPasswordHasher,
  isUnavailable,
  type OnEvent,
  type PasswordScheme,
  type RefusalStatus,
  sameOriginForCookies,
  type Store,
} from "../auth/auth.ts";
import {
  accessLog,
  HttpError,
  type Log,
  type LogRecord,
  measureRequests,
  Metrics,
  type RootRouter,
  router,
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
  /** Where a proxy mounts the routes, such as `/onejot`; nowhere by default. */
  readonly pathPrefix?: string;
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

/**
 * Makes the server. Its `fetch` answers requests, and more routes can be hung
 * to it.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { createApp } from "onejot/app";
 * import { createLog } from "onejot/http";
 * import { importKey } from "onejot/jwt";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const store = openSqlite(":memory:");
 * const app = createApp({
 *   store,
 *   key: await importKey(secret),
 *   log: createLog((lines) => console.log(lines), "json"),
 *   trustedProxies: "10.0.0.0/8",
 *   page: true,
 * });
 * app.get("/hello", () => new Response("hello"));
 *
 * // Bun.serve and Deno.serve take a function such as this one:
 * const answer = (request: Request) => app.fetch(request);
 *
 * const headers = { host: "localhost" };
 * for (const path of ["/hello", "/healthz", "/"]) {
 *   const request = new Request(`http://localhost${path}`, { headers });
 *   assert.equal((await answer(request)).status, 200);
 * }
 * store.close();
 * ```
 *
 * @throws {TypeError} where addresses are not written as they must be
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
  accessTokens = "any",
  metricsFrom = null,
  page = false,
  healthIsLogged = true,
  isStopping = () => false,
}: AppOptions): RootRouter {
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
  const site = router({
    prefix: pathPrefix,
    around: [
      measureRequests(metrics),
      accessLog(log, { quietRoutes }),
      securityHeaders(),
      sameOriginForCookies(),
    ],
    onError: (error, { requestId }) => {
      logFault(log, { error, requestId });
      return isUnavailable(error) ? databaseIsAway() : undefined;
    },
  });
  hangRoutes(site, parts);
  return { ...site, fetch: fromClients(site, { log, proxies }) };
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
 * Hands on requests with the address of the client in the place of a trusted
 * proxy's.
 */
function fromClients(
  site: RootRouter,
  { log, proxies }: {
    readonly log: Log;
    readonly proxies: AddressList | null;
  },
): RootRouter["fetch"] {
  let noticed = false;
  return (request, socketAddress = null) => {
    const forwardedFor = request.headers.get("x-forwarded-for");
    if (
      !noticed && forwardedFor !== null &&
      !includesAddress(socketAddress, proxies)
    ) {
      noticed = true;
      log.write(distrustRecord());
    }
    const arrival = { forwardedFor, socketAddress };
    return site.fetch(request, clientAddress(arrival, proxies));
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
