/**
 * The auth server as one fetch handler: the only place that wires the folders together.
 */

import {
  accessTokenPolicy,
  authenticate,
  describeUser,
  login,
  loginRequired,
  PasswordHasher,
  type RefusalStatus,
  type UserStore,
} from "./auth/auth.ts";
import {
  accessLog,
  json,
  type Log,
  type RootRouter,
  router,
  securityHeaders,
} from "./http/http.ts";
import { type HmacKey, rememberVerified } from "./jwt/jwt.ts";

/** What the server is made of. */
export interface AppOptions {
  /** Where users are. */
  readonly users: UserStore;
  /** The key that signs and verifies tokens, or a ring of keys. */
  readonly key: HmacKey;
  /** Takes a line for every request and for every fault. */
  readonly log: Log;
  /** How long a token lives, in seconds; 900 by default. */
  readonly lifetimeSeconds?: number;
  /** The status for wrong credentials and bad tokens; 400 by default, as in the tutorial. */
  readonly refusalStatus?: RefusalStatus;
  /** The cost of a password hash; 600,000 by default. */
  readonly passwordIterations?: number;
}

/** Makes the server; its `fetch` answers requests, and more routes can be hung to it. */
export function createApp({
  users,
  key,
  log,
  lifetimeSeconds = 900,
  refusalStatus = 400,
  passwordIterations = 600_000,
}: AppOptions): RootRouter {
  const passwords = createPasswordHasher(passwordIterations);
  const verifier = rememberVerified(key, accessTokenPolicy);
  const site = router({
    around: [accessLog(log), securityHeaders()],
    onError: (error, { requestId }) => logFault(log, error, requestId),
  });

  site.get("/healthz", () => json({ status: "ok" }));
  site.post("/login", login({ users, passwords, key, lifetimeSeconds, refusalStatus }));

  const members = site.use(authenticate({ verifier, users, refusalStatus })).use(loginRequired);
  members.get("/get-user", ({ user }) => json({ user: describeUser(user) }));

  return site;
}

/**
 * Makes a hasher that leaves a core to everything else: with as many derivations as cores, token
 * checks wait for them (measured: 68 ms instead of 0.1).
 */
export function createPasswordHasher(iterations: number): PasswordHasher {
  const maxActive = Math.max(1, navigator.hardwareConcurrency - 1);
  return new PasswordHasher(iterations, { maxActive, maxWaiting: 32 * maxActive });
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
