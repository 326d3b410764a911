/**
 * The auth server as one fetch handler: the only place that wires the folders together.
 */

import * as auth from "../auth/auth.ts";
import {
  type AddressList,
  clientAddress,
  includesAddress,
} from "./client_address.ts";
import { throttleKeyOf } from "./client_address.ts";
import {
  accessLog,
  HttpError,
  json,
  type Log,
  measureRequests,
  Metrics,
} from "../http/http.ts";
import { type RootRouter, router, securityHeaders } from "../http/http.ts";
import { type HmacKey, rememberVerified } from "../jwt/jwt.ts";
import {
  countLogins,
  forMonitors,
  showMetrics,
  showReadiness,
} from "./monitoring.ts";
import { type PageFile, showFile } from "./show_page.ts";

/** What the server is made of. */
export interface AppOptions {
  /** Where users, sessions and failed attempts are. */
  readonly store: auth.AuthOptions["store"];
  /** The key that signs and verifies tokens, or a ring of keys. */
  readonly key: HmacKey;
  /** Takes a line for every request and for every fault. */
  readonly log: Log;
  /** How long an access token lives, in seconds; 900 by default. */
  readonly lifetimeSeconds?: number;
  /** The status for wrong credentials and bad tokens; 400 by default, as in the tutorial. */
  readonly refusalStatus?: auth.RefusalStatus;
  /** The cost of a password hash; 600,000 by default. */
  readonly passwordIterations?: number;
  /** The proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies?: AddressList | null;
  /** Where a proxy mounts the routes, such as `/onejot`; nowhere by default. */
  readonly pathPrefix?: string;
  /** Who may read the metrics beside this machine; nobody by default. */
  readonly metricsFrom?: AddressList | null;
  /** The token inspector that `GET /` shows; none by default. */
  readonly page?: readonly PageFile[];
}

/** Makes the server; its `fetch` answers requests, and more routes can be hung to it. */
export function createApp({
  store,
  key,
  log,
  lifetimeSeconds = 900,
  refusalStatus = 400,
  passwordIterations = 600_000,
  trustedProxies = null,
  pathPrefix = "",
  metricsFrom = null,
  page = [],
}: AppOptions): RootRouter {
  const metrics = new Metrics();
  const logins = metrics.counter("onejot_logins_total", "Logins by outcome.", [
    "outcome",
  ]);
  const refusals = metrics.counter(
    "onejot_tokens_refused_total",
    "Refused tokens.",
    ["code"],
  );
  const passwords = createPasswordHasher(passwordIterations);
  const options = {
    ...{
      store,
      key,
      passwords,
      lifetimeSeconds,
      refusalStatus,
      throttleKeyOf,
      pathPrefix,
    },
    verifier: rememberVerified(key, auth.accessTokenPolicy),
    onRefusal: (code: string) => refusals([code]),
  };
  const site = router({
    prefix: pathPrefix,
    around: [
      ...[measureRequests(metrics), accessLog(log), securityHeaders()],
      auth.sameOriginForCookies,
    ],
    onError: (error, { requestId }) => {
      logFault(log, error, requestId);
      if (!auth.isUnavailable(error)) return undefined;
      return new HttpError(503, "The database does not answer", {
        "retry-after": "1",
      });
    },
  });

  for (const file of page) site.get(file.path, () => showFile(file));
  site.get("/healthz", () => json({ status: "ok" }));
  site.get("/readyz", () => showReadiness(store));
  site.use(forMonitors(metricsFrom)).get(
    "/metrics",
    showMetrics(metrics, store, passwords),
  );
  site.use(countLogins(logins)).post(
    "/login",
    (context) => auth.login(options, context),
  );
  site.post("/refresh", (context) => auth.refresh(options, context));

  site.get("/forward-auth", (context) => auth.forwardAuth(options, context));
  site.get(
    "/forward-auth/nginx",
    (context) => auth.forwardAuthForNginx(options, context),
  );
  site.get("/signin", (context) => auth.showSignIn(options, context));
  const sameOrigin = site.use(auth.sameOriginRequired);
  sameOrigin.post("/signout", (context) => auth.signOut(options, context));
  const signIn = sameOrigin.use(auth.showRefusal).use(countLogins(logins));
  signIn.post("/signin", (context) => auth.signIn(options, context));

  const callers = site.use(auth.authenticate(options));
  callers.post("/logout", (context) => auth.logout(options, context));

  const members = callers.use(auth.loginRequired);
  members.get(
    "/get-user",
    ({ user }) => json({ user: auth.describeUser(user) }),
  );
  members.get("/sessions", (context) => auth.listSessions(options, context));
  members.delete(
    "/sessions/:id",
    (context) => auth.endSession(options, context),
  );
  members.post("/password", (context) => auth.changePassword(options, context));

  const administrators = members.use(auth.adminRequired);
  administrators.post("/users", (context) => auth.addUser(options, context));
  administrators.get("/users", (context) => auth.listUsers(options, context));
  administrators.get(
    "/users/:id",
    (context) => auth.showUser(options, context),
  );
  administrators.patch(
    "/users/:id",
    (context) => auth.changeUser(options, context),
  );

  return { ...site, fetch: fromClients(site, log, trustedProxies) };
}

/** Hands on requests with the address of the client in place of a trusted proxy's. */
function fromClients(
  site: RootRouter,
  log: Log,
  proxies: AddressList | null,
): RootRouter["fetch"] {
  let isNoticed = false;
  return (request, socketAddress = null) => {
    const forwardedFor = request.headers.get("x-forwarded-for");
    if (
      !isNoticed && forwardedFor !== null &&
      !includesAddress(socketAddress, proxies)
    ) {
      isNoticed = true;
      const message =
        "X-Forwarded-For comes from an address that is not in TRUSTED_PROXIES: " +
        "throttling and the log take all clients behind it for one";
      log.write({ time: new Date().toISOString(), level: "warning", message });
    }
    return site.fetch(
      request,
      clientAddress({ forwardedFor, socketAddress }, proxies),
    );
  };
}

/** Makes a hasher that leaves a core to everything else. */
export function createPasswordHasher(iterations: number): auth.PasswordHasher {
  // With as many derivations as cores, token checks wait for them (measured: 68 ms instead of 0.1).
  const maxActive = Math.max(1, navigator.hardwareConcurrency - 1);
  return new auth.PasswordHasher(iterations, {
    maxActive,
    maxWaiting: 64 * maxActive,
  });
}

/** Logs where a fault arose and its SQLSTATE, but no message, which could quote what a client sent. */
function logFault(log: Log, error: unknown, id: string): void {
  const common = { time: new Date().toISOString(), level: "error" } as const;
  if (auth.isUnavailable(error)) {
    return log.write({ ...common, message: error.message, id });
  }
  const fault: Error = error instanceof Error
    ? error
    : { name: typeof error, message: "" };
  const [, ...frames] = fault.stack?.split(`${fault.message}\n`) ?? []; // behind the message
  const at = frames.join("\n").trim().split(/\s*\n\s*/).slice(0, 8).join(" | ");
  const [sqlState = ""] = /^[\dA-Z]{5}$/.exec(String(Object(error).errno)) ??
    []; // of Bun.SQL
  log.write({ ...common, fault: `${fault.name} ${sqlState}`.trim(), at, id });
}
