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
import { logFault } from "./log_fault.ts";
import { countLogins, countRefusals, countRepeats } from "./monitoring.ts";
import { hangRoutes } from "./routes.ts";
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
 * // It is served by Bun.serve({ fetch: app.fetch }) and Deno.serve(app.fetch).
 * for (const path of ["/hello", "/healthz", "/"]) {
 *   assert.equal((await app.request(path)).status, 200);
 * }
 * store.close();
 * ```
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
      warnOfNoAddress(log),
    ]),
    onRefusal: countRefusals(metrics),
    metrics,
    metricsFrom: readAddresses("metricsFrom", metricsFrom),
    page,
  };
  const onError: RouterOptions["onError"] = (error, { requestId }) => {
    logFault(log, { error, requestId });
    return isUnavailable(error) ? databaseIsAway() : undefined;
  };
  const site = router({
    prefix: prefixOnly ? "" : pathPrefix,
    clientAddress: behindProxies(proxies, log),
    around: [
      measureRequests(metrics),
      accessLog(log),
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
  return site;
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
