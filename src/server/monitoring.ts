/**
 * What those who run the server watch: whether it is ready, and the metrics.
 * Refused: the metrics to all but this machine and the addresses of METRICS_FROM (404). What a proxy
 * on this machine hands on does not come from this machine.
 */

import {
  areCredentialsWrong,
  isProxied,
  type PasswordHasher,
  sessionsSince,
} from "../auth/auth.ts";
import type { SessionStore, UserStore } from "../auth/auth.ts";
import { type AddressList, includesAddress } from "./client_address.ts";
import type { Add, AddsNothing, Context, Handler } from "../http/http.ts";
import {
  HttpError,
  isSettledWithin,
  json,
  type Metrics,
  type Middleware,
} from "../http/http.ts";

/** `GET /readyz`: whether the database answers within 5 seconds. */
export async function showReadiness(store: UserStore): Promise<Response> {
  const isAsked = Promise.try(() => store.listUsers({ after: 0, limit: 1 }));
  if (await isSettledWithin(5, isAsked).catch(() => false)) {
    return json({ status: "ok" });
  }
  throw new HttpError(503, "The database does not answer");
}

/** Lets through this machine, and whom METRICS_FROM names. */
export function forMonitors(
  from: AddressList | null,
): Middleware<Context, AddsNothing> {
  return ({ request: { headers }, remoteAddress }, next) => {
    const isHere = remoteAddress === "::1" ||
      remoteAddress?.startsWith("127.") === true;
    if (isHere && !isProxied(headers) || includesAddress(remoteAddress, from)) {
      return next({});
    }
    throw new HttpError(404);
  };
}

/** Makes the handler of `GET /metrics`, and adds to the metrics what is counted when it is asked. */
export function showMetrics(
  metrics: Metrics,
  store: SessionStore,
  passwords: PasswordHasher,
): Handler<Context> {
  let sessions = NaN;
  metrics.gauge(
    "onejot_hashing_waiting",
    "Passwords that wait to be hashed.",
    () => {
      return passwords.waiting;
    },
  );
  metrics.gauge(
    "onejot_sessions",
    "Sessions that have not ended.",
    () => sessions,
  );
  return async () => {
    const count = Promise.try(() => store.countSessions(sessionsSince()));
    sessions = await count.catch(() => NaN); // the rest is wanted most while the database is away
    return metrics.respond();
  };
}

/** Counts logins as right, wrong, throttled, busy, malformed (no e-mail and password) or failed. */
export function countLogins(count: Add): Middleware<Context, AddsNothing> {
  return async (_context, next) => {
    try {
      const response = await next({});
      count(["right"]);
      return response;
    } catch (error) {
      count([error instanceof HttpError ? outcomeOf(error) : "failed"]);
      throw error;
    }
  };
}

function outcomeOf(refusal: HttpError): string {
  if (areCredentialsWrong(refusal)) return "wrong";
  if (refusal.status === 429) return "throttled";
  return refusal.status === 503 ? "busy" : "malformed";
}
