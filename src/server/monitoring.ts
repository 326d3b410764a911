/**
 * What those who run the server watch: whether it is ready, and the metrics.
 * Refused: the metrics to all but this machine and the addresses of
 * METRICS_FROM (404). What a proxy on this machine hands on does not come from
 * this machine, and neither does what a page asks for whose name leads here.
 *
 * Health and readiness are told to everybody, under any Host: a balancer, a
 * container's runtime and a probe ask by whatever name or address they know,
 * and what the two tell, each answer of the server tells as well.
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
  isLoopbackHost,
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
 *
 * This machine's browsers come from this machine, too. A page whose name its
 * owner makes point to 127.0.0.1 (DNS rebinding) could read what they are
 * shown: it would be of its own origin. Its name gives it away, which stands in
 * Host, so that this machine must be asked under a name of its own. An address
 * of METRICS_FROM need not: a scraper has a name of its operator's for the
 * server, and where such an address is one that people browse from, only a
 * password would help.
 */
export function monitorRequired(
  { metricsFrom }: { readonly metricsFrom: AddressList | null },
): Middleware<Context, AddsNothing> {
  return ({ request, remoteAddress }, next) => {
    const isAllowed = includesAddress(remoteAddress, metricsFrom) ||
      isThisMachine(remoteAddress) && isAskedDirectly(request.headers);
    if (!isAllowed) throw new HttpError(404);
    return next({});
  };
}

/** Says whether nobody has handed a request on, and it names this machine. */
function isAskedDirectly(headers: Headers): boolean {
  return !isProxied(headers) && isLoopbackHost(headers.get("host") ?? "");
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

/** Registers the count of refresh tokens that come again; counts one. */
export function countRepeats(metrics: Metrics): OnEvent {
  const add = metrics.counter(
    "onejot_refresh_repeats_total",
    "Refresh tokens that came again.",
    ["outcome"],
  );
  return (event) => {
    if (event.event === "refresh") add([event.outcome]);
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
