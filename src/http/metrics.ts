/**
 * Metrics in the Prometheus text exposition format, version 0.0.4, and a middleware that measures
 * requests. A series stays as long as the process, so label values come from closed sets and never
 * from a client: a route is the pattern that was registered, or "none" where none answers (a
 * malformed Host, 404, 405, OPTIONS), and a method that no route can have is "other".
 */

import type { Context } from "./context.ts";
import type { AddsNothing, Middleware } from "./router.ts";

/** A series' labels by name. Values of closed sets, never a client's. */
export type Labels = Readonly<Record<string, string>>;

/** Adds to a series: 1 or another amount to a counter, a duration in seconds to a histogram. */
export type Add = (labels?: Labels, amount?: number) => void;

const boundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** A registry. */
export class Metrics {
  readonly #families: (() => string)[] = [];

  /** Registers a counter. */
  counter(name: string, help: string): Add {
    const totals = new Map<string, number>();
    this.#register(name, "counter", help, () => {
      return [...totals].map(([labels, total]) => `${name}${inBraces(labels)} ${total}\n`).join("");
    });
    return (labels = {}, amount = 1) => {
      const key = textOf(labels);
      totals.set(key, (totals.get(key) ?? 0) + amount);
    };
  }

  /** Registers a number that is read whenever it is shown. */
  gauge(name: string, help: string, read: () => number): void {
    this.#register(name, "gauge", help, () => `${name} ${read()}\n`);
  }

  /** Registers durations in seconds; shows how many were at most 0.001, 0.0025, 0.005 … 10. */
  histogram(name: string, help: string): Add {
    const series = new Map<string, { sum: number; readonly counts: number[] }>();
    const bounds = [...boundsSeconds, Infinity];
    this.#register(name, "histogram", help, () =>
      [...series].map(([labels, { sum, counts }]) => {
        const buckets = bounds.map((bound, index) => {
          const le = `le="${bound === Infinity ? "+Inf" : bound}"`;
          return `${name}_bucket{${labels && `${labels},`}${le}} ${counts[index]}\n`;
        });
        const braces = inBraces(labels);
        return `${buckets.join("")}${name}_sum${braces} ${sum}\n${name}_count${braces} ${
          counts.at(-1)
        }\n`;
      }).join(""));
    return (labels = {}, seconds = 0) => {
      const key = textOf(labels);
      const one = series.get(key) ?? { sum: 0, counts: bounds.map(() => 0) };
      series.set(key, one);
      one.sum += seconds;
      for (const [index, bound] of bounds.entries()) {
        if (seconds <= bound) one.counts[index] = (one.counts[index] ?? 0) + 1;
      }
    };
  }

  /** All metrics as text. */
  render(): string {
    return this.#families.map((render) => render()).join("");
  }

  /** All metrics, as the answer to a scrape. */
  respond(): Response {
    const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
    return new Response(this.render(), { headers });
  }

  #register(name: string, type: string, help: string, render: () => string): void {
    this.#families.push(() => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${render()}`);
  }
}

/** Makes the middleware that counts requests and times them. It belongs outermost. */
export function measureRequests(metrics: Metrics): Middleware<Context, AddsNothing> {
  const count = metrics.counter("onejot_http_requests_total", "Requests answered.");
  const time = metrics.histogram(
    "onejot_http_request_duration_seconds",
    "Time from a request to the body of its response.",
  );
  return async (context, next) => {
    const start = performance.now();
    const response = await next({});
    const { request, routePattern } = context;
    const method = methods.includes(request.method) ? request.method : "other";
    const route = routePattern ?? "none";
    count({ method, route, status: String(response.status) });
    time({ route }, (performance.now() - start) / 1000);
    return response;
  };
}

function textOf(labels: Labels): string {
  return Object.entries(labels).map(([name, value]) => {
    return `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
  }).join(",");
}

function inBraces(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}
