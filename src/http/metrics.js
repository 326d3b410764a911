/**
 * Metrics in the Prometheus text exposition format, version 0.0.4, and a middleware that measures
 * requests. A series stays as long as the process, so label values come from closed sets and never
 * from a client: a route is the pattern that was registered, or "none" where none answers (a
 * malformed Host, 404, 405, OPTIONS), and a method that no route can have is "other".
 */
const bounds = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  Infinity,
];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** A registry. */
export class Metrics {
  #families = [];
  /** Registers a counter, with the names of its labels. */
  counter(name, help, labels) {
    const totals = new Map();
    this.#register(name, "counter", help, () => {
      return [...totals].map(([key, total]) =>
        `${name}{${pairs(labels, key)}} ${total}`
      );
    });
    return (values, amount = 1) => {
      const key = values.join("\n"); // the text is made when it is asked for
      totals.set(key, (totals.get(key) ?? 0) + amount);
    };
  }
  /** Registers a number that is read whenever it is shown. */
  gauge(name, help, read) {
    this.#register(name, "gauge", help, () => [`${name} ${read()}`]);
  }
  /** Registers durations in seconds; shows how many were at most 0.001, 0.0025, 0.005 … 10. */
  histogram(name, help, labels) {
    const series = new Map();
    this.#register(name, "histogram", help, () => {
      return [...series].flatMap(([key, { sum, counts }]) => {
        const own = pairs(labels, key);
        let count = 0;
        const lines = bounds.map((bound, index) => {
          count += counts[index] ?? 0;
          return `${name}_bucket{${own},le="${
            bound === Infinity ? "+Inf" : bound
          }"} ${count}`;
        });
        return [
          ...lines,
          `${name}_sum{${own}} ${sum}`,
          `${name}_count{${own}} ${count}`,
        ];
      });
    });
    return (values, seconds = 0) => {
      const key = values.join("\n");
      const one = series.get(key) ?? { sum: 0, counts: bounds.map(() => 0) };
      const index = bounds.findIndex((bound) => seconds <= bound);
      one.sum += seconds;
      one.counts[index] = (one.counts[index] ?? 0) + 1;
      series.set(key, one);
    };
  }
  /** All metrics, as the answer to a scrape. */
  respond() {
    const lines = this.#families.flatMap((show) => show());
    const headers = {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    };
    return new Response(lines.map((line) => `${line}\n`).join(""), { headers });
  }
  #register(name, type, help, show) {
    this.#families.push(
      () => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...show()],
    );
  }
}
/** Makes the middleware that counts requests and times them. It belongs outermost. */
export function measureRequests(metrics) {
  const labels = ["method", "route", "status"];
  const count = metrics.counter(
    "onejot_http_requests_total",
    "Requests answered.",
    labels,
  );
  const help = "Time from a request to the body of its response.";
  const time = metrics.histogram("onejot_http_request_duration_seconds", help, [
    "route",
  ]);
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
/** Label values as the format writes them, which escapes as JSON does; none holds a line feed. */
function pairs(labels, key) {
  const values = key.split("\n");
  return values.map((value, index) =>
    `${labels[index]}=${JSON.stringify(value)}`
  ).join();
}
