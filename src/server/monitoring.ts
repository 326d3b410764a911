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

import process from "node:process";
import {
  isProxied,
  type LoginOutcome,
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
  type Log,
  type Metrics,
  type Middleware,
} from "../http/http.ts";
import { type AddressList, includesAddress } from "./client_address.ts";
import { version } from "./version.ts";

/** `GET /healthz`: the server answers. */
export function showHealth(): Handler<Context> {
  return () => json({ status: "ok" });
}

/**
 * `GET /readyz`: whether the database answers within 5 seconds, and the server
 * is not about to stop.
 */
export function showReadiness({ store, isStopping }: {
  readonly store: UserStore;
  readonly isStopping: () => boolean;
}): Handler<Context> {
  return async () => {
    if (isStopping()) throw new HttpError(503, "The server stops");
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
  const add = metrics.counter(
    "onejot_logins_total",
    "Logins by outcome.",
    ["outcome"],
    seriesOf(loginOutcomes),
  );
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
    seriesOf(repeatOutcomes),
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
    seriesOf(tokenRefusals),
  );
  return (code) => add([code]);
}

/** Registers what the process says of itself. */
export function describeProcess(metrics: Metrics): void {
  const [runtime, runtimeVersion] = runtimeOf(process.versions);
  metrics.info(
    "onejot_build_info",
    "What this server is and runs on.",
    { version, runtime, runtime_version: runtimeVersion },
  );
  metrics.gauge(
    "process_start_time_seconds",
    "When the process started, in seconds since 1970.",
    () => performance.timeOrigin / 1000,
  );
  metrics.gauge(
    "process_resident_memory_bytes",
    "Resident memory.",
    () => process.memoryUsage.rss(),
  );
}

/** The name and the version of the runtime; Bun and Deno give Node's, too. */
function runtimeOf(
  { bun, deno, node = "" }: Readonly<Record<string, string | undefined>>,
): readonly [string, string] {
  if (bun !== undefined) return ["bun", bun];
  if (deno !== undefined) return ["deno", deno];
  return ["node", node];
}

/** Registers the count of lines that the log has dropped, if it counts them. */
export function countDroppedLines(metrics: Metrics, log: Log): void {
  if (log.droppedLines === undefined) return;
  metrics.total(
    "onejot_log_lines_dropped_total",
    "Lines of the log that were dropped, as nothing read them.",
    () => log.droppedLines ?? NaN,
  );
}

/** The words of a closed set: the compiler asks for each of them. */
type Words<W extends string> = Readonly<Record<W, true>>;

const loginOutcomes: Words<LoginOutcome> = {
  right: true,
  wrong: true,
  throttled: true,
  locked: true,
  busy: true,
  malformed: true,
  failed: true,
};

const repeatOutcomes: Words<"repeated" | "reused"> = {
  repeated: true,
  reused: true,
};

/** What no policy of ours asks for is no reason. */
type UnaskedCode = "typ" | "issuer" | "issued_in_future" | "too_old";

const tokenRefusals: Words<Exclude<TokenRefusal, UnaskedCode>> = {
  malformed: true,
  too_long: true,
  encrypted: true,
  algorithm: true,
  critical: true,
  unknown_key: true,
  signature: true,
  nested: true,
  claims_set: true,
  claim_type: true,
  missing_claim: true,
  audience: true,
  expired: true,
  not_yet_valid: true,
  nobody: true,
};

/** A series for each word. */
function seriesOf(words: Words<string>): readonly (readonly string[])[] {
  return Object.keys(words).map((word) => [word]);
}
