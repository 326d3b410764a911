/**
 * Metrics: their text, held to the format by a strict reader; under which
 * method, route and status a request is counted, and that nothing a client
 * sends makes a series.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AddsNothing,
  type Context,
  HttpError,
  json,
  measureRequests,
  Metrics,
  type Middleware,
  router,
} from "../../../src/http/http.ts";
import { type Family, readExposition } from "../../support/exposition.ts";
import { send, wireRequest } from "../../support/send.ts";
import { pause } from "../../support/wait.ts";

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
];

/** The text of all metrics. */
function render(metrics: Metrics): Promise<string> {
  return metrics.respond().text();
}

/** All metrics, read. */
async function read(metrics: Metrics): Promise<readonly Family[]> {
  return readExposition(await render(metrics));
}

/** The values of a histogram's only series: by bound, then sum and count. */
async function taken(seconds: readonly number[]): Promise<readonly number[]> {
  const metrics = new Metrics();
  const take = metrics.histogram("h_seconds", "H.", ["queue"]);
  for (const one of seconds) take(["q"], one);
  const [family] = await read(metrics);
  return family?.samples.map(({ value }) => value) ?? [];
}

/** The only sample of a gauge's text. */
async function shown(value: number): Promise<string> {
  const metrics = new Metrics();
  metrics.gauge("g", "G.", () => value);
  return (await render(metrics)).split("\n")[2] ?? "";
}

/**
 * A router whose requests are measured, and the counts by "method route
 * status".
 */
function measuredRouter() {
  const metrics = new Metrics();
  const around = [measureRequests(metrics)];
  const site = router({ around, onError: () => null });
  site.get("/users/:id", ({ params }) => json({ id: params.id }));
  site.patch("/users/:name", () => new Response(null, { status: 204 }));
  site.get("/throw", () => Promise.reject(new Error("secret")));
  site.get("/refuse", () => Promise.reject(new HttpError(409)));

  async function counts(): Promise<Record<string, number>> {
    const [total] = await read(metrics);
    assert.equal(total?.name, "onejot_http_requests_total");
    return Object.fromEntries(total.samples.map(({ labels, value }) => {
      const { method, route, status, ...others } = labels;
      assert.deepEqual(others, {});
      return [`${method} ${route} ${status}`, value];
    }));
  }

  /** Of each route, how many durations there are and their sum. */
  async function durations(): Promise<
    Record<string, { count: number; sum: number }>
  > {
    const [, duration] = await read(metrics);
    assert.equal(duration?.name, "onejot_http_request_duration_seconds");
    const values = (end: string) =>
      duration.samples.filter(({ name }) => name.endsWith(end)).map((
        { value },
      ) => value);
    const sums = values("_sum");
    const routes = duration.samples.filter(({ name }) =>
      name.endsWith("_count")
    );
    return Object.fromEntries(
      routes.map(({ labels: { route, ...others }, value }, index) => {
        assert.deepEqual(others, {});
        return [route, { count: value, sum: sums[index] ?? NaN }];
      }),
    );
  }

  return { metrics, site, counts, durations };
}

test("a small registry has exactly this text, in the order of registration", async () => {
  const metrics = new Metrics();
  const logins = metrics.counter("logins_total", "Logins by outcome.", [
    "outcome",
  ]);
  const take = metrics.histogram("wait_seconds", "Waiting.", ["queue"]);
  metrics.gauge("queue", "Jobs that wait.", () => 3);
  const swept = metrics.counter("swept_total", "Rows.", ["table", "by"]);
  logins(["ok"]);
  logins(["wrong"]);
  logins(["ok"]);
  take(["q"], 0.25);
  take(["q"], 7);
  swept(["users", "a"]);
  swept(["users", "a"], 41);
  const lines = [
    "# HELP logins_total Logins by outcome.",
    "# TYPE logins_total counter",
    'logins_total{outcome="ok"} 2',
    'logins_total{outcome="wrong"} 1',
    "# HELP wait_seconds Waiting.",
    "# TYPE wait_seconds histogram",
    'wait_seconds_bucket{queue="q",le="0.001"} 0',
    'wait_seconds_bucket{queue="q",le="0.0025"} 0',
    'wait_seconds_bucket{queue="q",le="0.005"} 0',
    'wait_seconds_bucket{queue="q",le="0.01"} 0',
    'wait_seconds_bucket{queue="q",le="0.025"} 0',
    'wait_seconds_bucket{queue="q",le="0.05"} 0',
    'wait_seconds_bucket{queue="q",le="0.1"} 0',
    'wait_seconds_bucket{queue="q",le="0.25"} 1',
    'wait_seconds_bucket{queue="q",le="0.5"} 1',
    'wait_seconds_bucket{queue="q",le="1"} 1',
    'wait_seconds_bucket{queue="q",le="2.5"} 1',
    'wait_seconds_bucket{queue="q",le="5"} 1',
    'wait_seconds_bucket{queue="q",le="10"} 2',
    'wait_seconds_bucket{queue="q",le="+Inf"} 2',
    'wait_seconds_sum{queue="q"} 7.25',
    'wait_seconds_count{queue="q"} 2',
    "# HELP queue Jobs that wait.",
    "# TYPE queue gauge",
    "queue 3",
    "# HELP swept_total Rows.",
    "# TYPE swept_total counter",
    'swept_total{table="users",by="a"} 42',
  ];
  assert.equal(await render(metrics), `${lines.join("\n")}\n`);
  assert.equal((await read(metrics)).length, 4);
});

test("an empty registry is an empty text, and a metric without a series is its two lines", async () => {
  const metrics = new Metrics();
  assert.equal(await render(metrics), "");
  metrics.counter("c_total", "C.", ["a"]);
  metrics.histogram("h_seconds", "H.", ["a"]);
  const [counter, histogram, ...others] = await read(metrics);
  assert.deepEqual([counter?.samples, histogram?.samples, others], [
    [],
    [],
    [],
  ]);
});

test("a scrape is answered with the text, and its media type", async () => {
  const metrics = new Metrics();
  metrics.counter("c_total", "Zähler.", ["a"])(["b"]);
  const response = metrics.respond();
  assert.equal(response.status, 200);
  const type = "text/plain; version=0.0.4; charset=utf-8";
  assert.deepEqual([...response.headers], [["content-type", type]]);
  const text =
    '# HELP c_total Zähler.\n# TYPE c_total counter\nc_total{a="b"} 1\n';
  assert.equal(await response.text(), text);
});

test("backslash and quote are escaped in label values, and nothing else that is printable", async () => {
  const metrics = new Metrics();
  const values = [
    "\\",
    '"',
    "\\n",
    '\\"',
    'a\\\\n"\\',
    "{},=# ",
    "ä😀",
    "$&$1",
    "",
  ];
  const counter = metrics.counter("c_total", "C.", ["value"]);
  for (const value of values) counter([value]);
  assert.ok(
    (await render(metrics)).includes(String.raw`c_total{value="a\\\\n\"\\"} 1`),
  );
  const [family] = await read(metrics);
  assert.deepEqual(
    family?.samples.map(({ labels }) => labels["value"]),
    values,
  );
});

test("label values that could run into one another are series apart", async () => {
  const metrics = new Metrics();
  const counter = metrics.counter("c_total", "C.", ["a", "b"]);
  const pairs = [['1",b="2', ""], ["1", "2"], ["1,b=2", ""], ["12", ""], [
    "",
    "12",
  ], ["2", "1"]];
  for (const values of pairs) counter(values);
  const [family] = await read(metrics);
  assert.deepEqual(
    family?.samples.map(({ labels: { a, b } }) => [a, b]),
    pairs,
  );
});

test("a counter with the amount 0 shows a series before anything has happened", async () => {
  const metrics = new Metrics();
  metrics.counter("c_total", "C.", ["code"])(["expired"], 0);
  assert.ok((await render(metrics)).endsWith('c_total{code="expired"} 0\n'));
});

test("a gauge is read at each showing, and every number is written as the format has it", async () => {
  let value = 0;
  const metrics = new Metrics();
  metrics.gauge("g", "G.", () => value++);
  assert.equal(value, 0); // registering does not read
  assert.ok((await render(metrics)).endsWith("\ng 0\n"));
  assert.ok((await render(metrics)).endsWith("\ng 1\n"));
  const table: readonly (readonly [number, string])[] = [
    [-2, "-2"],
    [0.1, "0.1"],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [NaN, "NaN"],
  ];
  for (const [number, text] of table) {
    assert.equal(await shown(number), `g ${text}`);
  }
});

test("a bucket holds every duration up to its bound, the bound included", async () => {
  for (const [index, bound] of bounds.entries()) {
    const countsFrom = (first: number) =>
      [...Array(14).keys()].map((at) => Number(at >= first));
    assert.deepEqual(await taken([bound]), [...countsFrom(index), bound, 1]);
    const above = bound * 1.0001;
    assert.deepEqual(await taken([above]), [
      ...countsFrom(index + 1),
      above,
      1,
    ]);
  }
  assert.deepEqual(await taken([0]), [...Array(14).fill(1), 0, 1]);
});

test("buckets are cumulative, and the last is the count", async () => {
  const values = await taken([0.0005, 0.002, 0.002, 0.3, 0.75, 20, 0.01]);
  assert.deepEqual(values.slice(0, 14), [
    1,
    3,
    3,
    4,
    4,
    4,
    4,
    4,
    5,
    6,
    6,
    6,
    6,
    7,
  ]);
  assert.ok(Math.abs((values[14] ?? 0) - 21.0645) < 1e-9);
  assert.equal(values[15], 7);
});

test("a histogram's series are apart from one another", async () => {
  const metrics = new Metrics();
  const series = metrics.histogram("h_seconds", "H.", ["route", "method"]);
  series(["/a", "GET"], 1);
  series(["/b", "GET"], 2);
  series(["/b", "GET"], 3);
  series(["/b", "PUT"], 4);
  const [family] = await read(metrics);
  const sums = family?.samples.filter(({ name }) => name === "h_seconds_sum");
  assert.deepEqual(sums?.map(({ labels }) => ({ ...labels })), [
    { route: "/a", method: "GET" },
    { route: "/b", method: "GET" },
    { route: "/b", method: "PUT" },
  ]);
  assert.deepEqual(sums?.map(({ value }) => value), [1, 5, 4]);
});

test("before the first request both metrics are there, without a series", async () => {
  const [total, duration, ...others] = await read(measuredRouter().metrics);
  assert.deepEqual([total?.type, total?.samples], ["counter", []]);
  assert.deepEqual([duration?.type, duration?.samples, others], [
    "histogram",
    [],
    [],
  ]);
});

test("a request is counted under its method, its route's pattern and its status", async () => {
  const { site, counts, durations } = measuredRouter();
  const lines = [
    "GET /users/1",
    "GET /users/2?x",
    "PATCH /users/1",
    "GET /refuse",
  ];
  for (const line of lines) await send(site, line);
  assert.deepEqual(await counts(), {
    "GET /users/:id 200": 2,
    "PATCH /users/:name 204": 1, // each method has its own pattern
    "GET /refuse 409": 1,
  });
  const numbers = Object.entries(await durations()).map((
    [route, { count }],
  ) => [route, count]);
  assert.deepEqual(numbers, [["/users/:id", 2], ["/users/:name", 1], [
    "/refuse",
    1,
  ]]);
});

test("each of the seven known methods is counted under its own name", async () => {
  const { site, counts } = measuredRouter();
  for (
    const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
  ) {
    await send(site, `${method} /no`);
    assert.equal((await counts())[`${method} none 404`], 1);
  }
  assert.equal(Object.keys(await counts()).length, 7);
});

test("what no route answers is counted under none: 404, 405, OPTIONS, a malformed Host", async () => {
  const { site, counts, durations } = measuredRouter();
  for (
    const line of ["GET /no", "GET /users", "POST /users/1", "OPTIONS /users/1"]
  ) {
    await send(site, line);
  }
  await site.fetch(wireRequest("GET", "http://h/users/1", "a b"));
  assert.deepEqual(await counts(), {
    "GET none 404": 2,
    "POST none 405": 1,
    "OPTIONS none 204": 1,
    "GET none 400": 1,
  });
  assert.equal((await durations())["none"]?.count, 5);
});

test("HEAD is counted as HEAD, under the route of its GET", async () => {
  const { site, counts } = measuredRouter();
  await send(site, "HEAD /users/1");
  await send(site, "HEAD /no");
  assert.deepEqual(await counts(), {
    "HEAD /users/:id 200": 1,
    "HEAD none 404": 1,
  });
});

test("a route's refusals are its own: a guard's, and that of a malformed parameter", async () => {
  const { site, counts } = measuredRouter();
  const guard: Middleware<Context, AddsNothing> = () =>
    Promise.reject(new HttpError(401));
  site.use(guard).get("/guarded/:id", () => json({}));
  await send(site, "GET /guarded/1");
  await send(site, "GET /guarded/%");
  assert.deepEqual(await counts(), {
    "GET /guarded/:id 401": 1,
    "GET /guarded/:id 400": 1,
  });
});

test("a handler that throws, or returns no Response, counts as 500", async () => {
  const { site, counts } = measuredRouter();
  site.post("/none", () => JSON.parse("null"));
  await send(site, "GET /throw");
  await send(site, "POST /none");
  assert.deepEqual(await counts(), {
    "GET /throw 500": 1,
    "POST /none 500": 1,
  });
});

test("a response comes through as it was", async () => {
  const { site } = measuredRouter();
  const response = new Response("text", {
    status: 203,
    headers: { "x-own": "1" },
  });
  site.get("/own", () => response);
  assert.equal(await send(site, "GET /own"), response);
});

test("a method that no route can have counts as other", async () => {
  const { site, counts } = measuredRouter();
  // deno-fmt-ignore
  const names = [
    "PROPFIND", "TRACE", "CONNECT", "get", "Options", "other", "constructor",
    "",
  ];
  for (const method of names) {
    await site.fetch(wireRequest(method, "http://h/users/1", "h"));
  }
  assert.deepEqual(await counts(), { "other none 405": names.length });
});

test("10,000 paths, methods, queries and Hosts that nobody knows make three series", async () => {
  const { metrics, site, counts } = measuredRouter();
  await send(site, "GET /users/1");
  await send(site, "GET /no");
  await site.fetch(wireRequest("X", "http://h/users/1", "h"));
  const lines = (await render(metrics)).split("\n").length;
  for (let index = 0; index < 10_000; index++) {
    await site.fetch(wireRequest("GET", `http://h/p${index}`, "h"));
    await site.fetch(
      wireRequest("GET", `http://h/users/u${index}?q${index}`, `h${index}`),
    );
    await site.fetch(wireRequest(`X${index}`, "http://h/users/1", "h"));
  }
  assert.equal((await render(metrics)).split("\n").length, lines);
  assert.deepEqual(await counts(), {
    "GET /users/:id 200": 10_001,
    "GET none 404": 10_001,
    "other none 405": 10_001,
  });
});

test("a duration is in seconds and ends when the response is there", async () => {
  const { site, durations } = measuredRouter();
  site.get("/slow", async () => {
    await pause(30);
    return new Response(new ReadableStream()); // a body that never ends
  });
  await send(site, "GET /slow");
  await send(site, "GET /users/1");
  const { "/slow": slow, "/users/:id": fast } = await durations();
  assert.ok(
    slow !== undefined && slow.sum >= 0.025 && slow.sum < 2,
    String(slow?.sum),
  );
  assert.ok(
    fast !== undefined && fast.sum > 0 && fast.sum < slow.sum,
    String(fast?.sum),
  );
});

test("requests that overlap are each counted under their own route", async () => {
  const { site, counts } = measuredRouter();
  const waiting: (() => void)[] = [];
  for (const path of ["/a/:x", "/b/:x"] as const) {
    site.get(path, async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return new Response();
    });
  }
  const answers = [
    send(site, "GET /a/1"),
    send(site, "GET /b/1"),
    send(site, "GET /no"),
  ];
  while (waiting.length < 2) await pause(1);
  for (const go of waiting.reverse()) go();
  await Promise.all(answers);
  assert.deepEqual(await counts(), {
    "GET none 404": 1,
    "GET /b/:x 200": 1,
    "GET /a/:x 200": 1,
  });
});

test("the reader of these tests refuses texts that are near the format", () => {
  const head = "# HELP c C.\n# TYPE c counter\n";
  const histogram = "# HELP h H.\n# TYPE h histogram\n";
  const infinite = 'h_bucket{le="+Inf"} 1\n';
  const good = [
    `${head}c{a="b"} 1\n`,
    `${histogram}${infinite}h_sum 2\nh_count 1\n`,
  ];
  for (const text of good) assert.equal(readExposition(text).length, 1, text);
  const bad = [
    `${head}c 1`,
    `${head}c 1\n\n`,
    `${head}c 1\nc 2\n`,
    `${head}c  1\n`,
    `${head}c{a="\\x"} 1\n`,
    `${head}c{a="""} 1\n`,
    `${head}c{a="b",} 1\n`,
    `${head}c{a="b",a="c"} 1\n`,
    `${head}c Infinity\n`,
    `${head}c_total 1\n`,
    `${head}${head}`,
    "# TYPE c counter\nc 1\n",
    "# HELP c C.\nc 1\n",
    "c 1\n",
    "# HELP c \\x\n# TYPE c counter\n",
    `${histogram}${infinite}h_sum 2\nh_count 2\n`,
    `${histogram}h_bucket{le="1"} 1\nh_sum 2\nh_count 1\n`,
    `${histogram}h_bucket{le="1"} 2\n${infinite}h_sum 2\nh_count 1\n`,
    `${histogram}h_bucket{le="2"} 1\nh_bucket{le="1"} 1\n` +
    `${infinite}h_sum 2\nh_count 1\n`,
    `${histogram}${infinite}h_sum 2\n`,
    `${histogram}${infinite}h_count 1\n`,
  ];
  for (const text of bad) {
    assert.throws(() => readExposition(text), { name: "AssertionError" }, text);
  }
});
