/**
 * Metrics in the Prometheus text exposition format, version 0.0.4, and a
 * middleware that measures requests. A series stays as long as the process, so
 * label values come from closed sets and never from a client: a route is the
 * pattern that was registered, or "none" where none answers (a malformed Host,
 * 404, 405, OPTIONS), and a method that no route can have is "other".
 */

import type { AddsNothing, Context, Middleware } from "./context.ts";

/**
 * Adds an amount, 1 by default, to the series of these label values: of closed
 * sets.
 */
export type Add = (values: readonly string[], amount?: number) => void;

// deno-fmt-ignore
const bounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  Infinity,
];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** One histogram's series: how many values fell under each bound alone. */
interface Durations {
  sum: number;
  readonly counts: number[];
}

/** A registry of metrics, which shows them all. */
export class Metrics {
  readonly #families: (() => readonly string[])[] = [];

  /**
   * Registers a counter, with the names of its labels.
   *
   * @param series the label values of those that are shown from the start, with
   *   0. A series that appears with its first event begins at 1, so that nobody
   *   who asks how much it has grown is told of that event.
   */
  counter(
    name: string,
    help: string,
    labels: readonly string[],
    series: readonly (readonly string[])[] = [],
  ): Add {
    const totals = new Map(series.map((values) => [seriesKey(values), 0]));
    this.#register({ name, help, type: "counter" }, () => {
      return [...totals].map(([key, total]) =>
        `${name}{${labelsOfSeries(labels, key)}} ${total}`
      );
    });
    return (values, amount = 1) => {
      const key = seriesKey(values);
      totals.set(key, (totals.get(key) ?? 0) + amount);
    };
  }

  /** Registers a number that is read whenever it is shown. */
  gauge(name: string, help: string, read: () => number): void {
    this.#register({ name, help, type: "gauge" }, () => [`${name} ${read()}`]);
  }

  /** Registers a number that only grows, and is read whenever it is shown. */
  total(name: string, help: string, read: () => number): void {
    const type = "counter";
    this.#register({ name, help, type }, () => [`${name} ${read()}`]);
  }

  /** Registers what does not change, as the labels of a gauge that is 1. */
  info(
    name: string,
    help: string,
    labels: Readonly<Record<string, string>>,
  ): void {
    const names = Object.keys(labels);
    const key = seriesKey(Object.values(labels));
    const line = `${name}{${labelsOfSeries(names, key)}} 1`;
    this.#register({ name, help, type: "gauge" }, () => [line]);
  }

  /**
   * Registers durations in seconds; shows how many were at most 0.001, 0.0025,
   * 0.005 … 10.
   */
  histogram(name: string, help: string, labels: readonly string[]): Add {
    const series = new Map<string, Durations>();
    this.#register({ name, help, type: "histogram" }, () => {
      return [...series].flatMap(([key, durations]) =>
        histogramLines(name, labelsOfSeries(labels, key), durations)
      );
    });
    return (values, seconds = 0) => {
      const key = seriesKey(values);
      const durations = series.get(key) ?? newDurations();
      const index = bounds.findIndex((bound) => seconds <= bound);
      durations.sum += seconds;
      durations.counts[index] = (durations.counts[index] ?? 0) + 1;
      series.set(key, durations);
    };
  }

  /** All metrics, as the answer to a scrape. */
  respond(): Response {
    const lines = this.#families.flatMap((show) => show());
    const headers = {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    };
    return new Response(lines.map((line) => `${line}\n`).join(""), { headers });
  }

  #register(
    { name, help, type }: Readonly<Record<"name" | "help" | "type", string>>,
    show: () => readonly string[],
  ): void {
    this.#families.push(
      () => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...show()],
    );
  }
}

/**
 * Makes the middleware that counts requests and times them. It belongs
 * outermost.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { json, measureRequests, Metrics, router } from "onejot/http";
 *
 * const metrics = new Metrics();
 * const site = router({ around: [measureRequests(metrics)] });
 * site.get("/users/:id", ({ params }) => json(params.id));
 * site.get("/metrics", () => metrics.respond()); // for your scraper alone
 *
 * await site.request("/users/1");
 * const text = await (await site.request("/metrics")).text();
 * assert.match(text, /requests_total\{method="GET",route="\/users\/:id"/);
 * ```
 */
export function measureRequests(
  metrics: Metrics,
): Middleware<Context, AddsNothing> {
  const count = metrics.counter(
    "onejot_http_requests_total",
    "Requests answered.",
    ["method", "route", "status"],
  );
  const time = metrics.histogram(
    "onejot_http_request_duration_seconds",
    "Time from a request to the body of its response.",
    ["route"],
  );
  return async (context, next) => {
    const start = performance.now();
    const response = await next({});
    const { request, routePattern } = context;
    const method = methods.includes(request.method) ? request.method : "other";
    const route = routePattern ?? "none";
    count([method, route, String(response.status)]);
    time([route], (performance.now() - start) / 1000);
    return response;
  };
}

function newDurations(): Durations {
  return { sum: 0, counts: bounds.map(() => 0) };
}

/** The lines of one series: counts that add up to +Inf, the sum, the count. */
function histogramLines(
  name: string,
  labels: string,
  { sum, counts }: Durations,
): readonly string[] {
  const lines: string[] = [];
  let count = 0;
  for (const [index, bound] of bounds.entries()) {
    count += counts[index] ?? 0;
    const text = bound === Infinity ? "+Inf" : String(bound);
    lines.push(`${name}_bucket{${labels},le="${text}"} ${count}`);
  }
  lines.push(`${name}_sum{${labels}} ${sum}`);
  lines.push(`${name}_count{${labels}} ${count}`);
  return lines;
}

/**
 * What a series is looked up by: its label values, of which none holds a line
 * feed. Their text in the format is made when it is asked for, not on the way
 * of a request.
 */
function seriesKey(values: readonly string[]): string {
  return values.join("\n");
}

/** A key's labels as the format writes them, which escapes as JSON does. */
function labelsOfSeries(labels: readonly string[], key: string): string {
  const values = key.split("\n");
  const pairs = values.map((value, index) =>
    `${labels[index]}=${JSON.stringify(value)}`
  );
  return pairs.join(",");
}
