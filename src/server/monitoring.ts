/**
 * What those who run the server watch: whether it is ready, and the metrics.
 * Refused: the metrics to all but this machine and the addresses of
 * METRICS_FROM (404). What a proxy on this machine hands on does not come from
 * this machine.
 */

import {
  isProxied,
  type OnEvent,
  type PasswordHasher,
  sessionsSince,
  type SessionStore,
  type TokenRefusal,
  type UserStore,
} from "../auth/auth.ts";
import {
  type AddsNothing,
  type Context,
  type Handler,
  HttpError,
  isSettledWithin,
  json,
  type Metrics,
  type Middleware,
} from "../http/http.ts";
import { type AddressList, includesAddress } from "./client_address.ts";

/** `GET /healthz`: the server answers. */
export function showHealth(): Handler<Context> {
  return () => json({ status: "ok" });
}

/** `GET /readyz`: whether the database answers within 5 seconds. */
export function showReadiness(
  { store }: { readonly store: UserStore },
): Handler<Context> {
  return async () => {
    const asked = Promise.try(() => store.listUsers({ after: 0, limit: 1 }));
    const answered = await isSettledWithin(5, asked).catch(() => false);
    if (!answered) throw new HttpError(503, "The database does not answer");
    return json({ status: "ok" });
  };
}

/**
 * Makes the middleware that lets through this machine, and whom METRICS_FROM
 * names.
 */
export function monitorRequired(
  { metricsFrom }: { readonly metricsFrom: AddressList | null },
): Middleware<Context, AddsNothing> {
  return ({ request, remoteAddress }, next) => {
    if (isThisMachine(remoteAddress) && !isProxied(request.headers)) {
      return next({});
    }
    if (includesAddress(remoteAddress, metricsFrom)) return next({});
    throw new HttpError(404);
  };
}

function isThisMachine(address: string | null): boolean {
  return address === "::1" || address?.startsWith("127.") === true;
}

/**
 * `GET /metrics`. Adds to the metrics what is counted when it is asked.
 */
export function showMetrics({ metrics, store, passwords }: {
  readonly metrics: Metrics;
  readonly store: SessionStore;
  readonly passwords: PasswordHasher;
}): Handler<Context> {
  let sessions = NaN;
  metrics.gauge(
    "onejot_hashing_waiting",
    "Passwords that wait to be hashed.",
    () => passwords.waiting,
  );
  metrics.gauge(
    "onejot_sessions",
    "Sessions that have not ended.",
    () => sessions,
  );
  return async () => {
    const count = Promise.try(() => store.countSessions(sessionsSince()));
    // Without the database it shows NaN, as the format has it, and the rest,
    // which is wanted most then.
    sessions = await count.catch(() => NaN);
    return metrics.respond();
  };
}

/** Registers the count of logins, and gives what counts one. */
export function countLogins(metrics: Metrics): OnEvent {
  const add = metrics.counter("onejot_logins_total", "Logins by outcome.", [
    "outcome",
  ]);
  return (event) => {
    if (event.event === "login") add([event.outcome]);
  };
}

/** Registers the count of refused tokens, and gives what counts one. */
export function countRefusals(metrics: Metrics): (code: TokenRefusal) => void {
  const add = metrics.counter(
    "onejot_tokens_refused_total",
    "Refused tokens.",
    ["code"],
  );
  return (code) => add([code]);
}
