/**
 * The auth server as one fetch handler: the only place that wires the folders together.
 */

import { accessTokenPolicy, addUser, adminRequired, authenticate } from "./auth/auth.ts";
import { changePassword, changeUser, describeUser, endSession, listSessions } from "./auth/auth.ts";
import { listUsers, login, loginRequired, logout, PasswordHasher, refresh } from "./auth/auth.ts";
import type { RefusalStatus, SessionStore } from "./auth/auth.ts";
import { showUser, Throttle, type ThrottleStore, type UserStore } from "./auth/auth.ts";
import { clientAddress, isUnbelieved, throttleKeyOf } from "./client_address.ts";
import type { TrustedProxies } from "./client_address.ts";
import { accessLog, type Context, type Handler, HttpError, json, type Log } from "./http/http.ts";
import { type RootRouter, router, securityHeaders } from "./http/http.ts";
import { type HmacKey, rememberVerified } from "./jwt/jwt.ts";

/** What the server is made of. */
export interface AppOptions {
  /** Where users, sessions and failed attempts are. */
  readonly store: UserStore & SessionStore & ThrottleStore;
  /** The key that signs and verifies tokens, or a ring of keys. */
  readonly key: HmacKey;
  /** Takes a line for every request and for every fault. */
  readonly log: Log;
  /** How long an access token lives, in seconds; 900 by default. */
  readonly lifetimeSeconds?: number;
  /** The status for wrong credentials and bad tokens; 400 by default, as in the tutorial. */
  readonly refusalStatus?: RefusalStatus;
  /** The cost of a password hash; 600,000 by default. */
  readonly passwordIterations?: number;
  /** The proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies?: TrustedProxies | null;
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
}: AppOptions): RootRouter {
  const options = {
    ...{ users: store, sessions: store, key, lifetimeSeconds, refusalStatus },
    passwords: createPasswordHasher(passwordIterations),
    throttle: new Throttle(store, throttleKeyOf),
    verifier: rememberVerified(key, accessTokenPolicy),
  };
  const site = router({
    around: [accessLog(log), securityHeaders()],
    onError: (error, { requestId }) => logFault(log, error, requestId),
  });

  site.get("/healthz", () => json({ status: "ok" }));
  site.get("/readyz", ready(store));
  site.post("/login", login(options));
  site.post("/refresh", refresh(options));

  const callers = site.use(authenticate(options));
  callers.post("/logout", logout(options));

  const members = callers.use(loginRequired);
  members.get("/get-user", ({ user }) => json({ user: describeUser(user) }));
  members.get("/sessions", listSessions(store));
  members.delete("/sessions/:id", endSession(store));
  members.post("/password", changePassword(options));

  const administrators = members.use(adminRequired);
  administrators.post("/users", addUser(options));
  administrators.get("/users", listUsers(options));
  administrators.get("/users/:id", showUser(options));
  administrators.patch("/users/:id", changeUser(options));

  return { ...site, fetch: fromClients(site, log, trustedProxies) };
}

/** The database answers, or not. */
function ready(store: UserStore): Handler<Context> {
  return async () => {
    try {
      await store.hasUsers();
      return json({ status: "ok" });
    } catch {
      throw new HttpError(503, "The database does not answer");
    }
  };
}

/** Hands on requests with the address of the client in place of a trusted proxy's. */
function fromClients(
  site: RootRouter,
  log: Log,
  trustedProxies: TrustedProxies | null,
): RootRouter["fetch"] {
  let isNoticed = false;
  return (request, socketAddress = null) => {
    const arrival = { forwardedFor: request.headers.get("x-forwarded-for"), socketAddress };
    if (!isNoticed && isUnbelieved(arrival, trustedProxies)) {
      isNoticed = true;
      const message = "X-Forwarded-For comes from an address that is not in TRUSTED_PROXIES: " +
        "throttling and the log take all clients behind it for one";
      log.write({ time: new Date().toISOString(), level: "warning", message });
    }
    return site.fetch(request, clientAddress(arrival, trustedProxies));
  };
}

/**
 * Makes a hasher that leaves a core to everything else: with as many derivations as cores, token
 * checks wait for them (measured: 68 ms instead of 0.1).
 */
export function createPasswordHasher(iterations: number): PasswordHasher {
  const maxActive = Math.max(1, navigator.hardwareConcurrency - 1);
  return new PasswordHasher(iterations, { maxActive, maxWaiting: 64 * maxActive });
}

/** Logs where a fault arose, without its message, which could quote what a client sent. */
function logFault(log: Log, error: unknown, requestId: string): void {
  const { name, message, stack = "" } = error instanceof Error
    ? error
    : { name: typeof error, message: "" };
  const start = stack.indexOf(`${message}\n`); // the frames stand behind the message
  const frames = start < 0 ? "" : stack.slice(start + message.length);
  log.write({
    time: new Date().toISOString(),
    level: "error",
    fault: name,
    at: frames.trim().split(/\s*\n\s*/).slice(0, 8).join(" | "),
    id: requestId,
  });
}
