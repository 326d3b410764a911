/**
 * The access log: which members a line has and which it never has, and the id
 * that a response and its line share.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accessLog,
  json,
  type LogRecord,
  router,
} from "../../../src/http/http.ts";
import { send, wireRequest } from "../../support/send.ts";
import { pause } from "../../support/wait.ts";

/** A router behind an access log, and the records that it writes. */
function loggedRouter() {
  const records: LogRecord[] = [];
  const site = router({
    onError: () => null,
    around: [
      accessLog({ write: (record) => records.push(record), flush: () => {} }),
    ],
  });
  site.get("/x/:id", ({ params }) => json({ id: params.id }));
  site.get("/stream", () => new Response("text"));
  site.get("/throw", () => Promise.reject(new Error("secret")));
  site.post("/x", async ({ request }) => new Response(await request.text()));
  return { site, records };
}

test("a line has eight members, in order, and no other", async () => {
  const { site, records } = loggedRouter();
  const before = Date.now();
  const response = await site.fetch(
    wireRequest("GET", "http://h/x/1?y=2", "h"),
    "192.0.2.1",
  );
  const [record = {}] = records;
  const { time, milliseconds, id, ...others } = record;
  assert.deepEqual(Object.keys(record), [
    "time",
    "method",
    "path",
    "status",
    "milliseconds",
    "bytes",
    "address",
    "id",
  ]);
  assert.deepEqual(others, {
    method: "GET",
    path: "/x/:id",
    status: 200,
    bytes: 10,
    address: "192.0.2.1",
  });
  const written = new Date(String(time));
  assert.equal(written.toISOString(), time);
  assert.ok(written.getTime() >= before && written.getTime() <= Date.now());
  assert.match(String(milliseconds), /^\d{1,4}(\.\d{1,2})?$/);
  assert.equal(id, response.headers.get("x-request-id"));
  assert.equal(records.length, 1);
});

test("a line tells how long the answer took", async () => {
  const { site, records } = loggedRouter();
  site.get("/slow", async () => {
    await pause(30);
    return new Response();
  });
  await send(site, "GET /slow");
  // This one has none that is known.
  assert.equal(records[0]?.["address"], null);
  const milliseconds = Number(records[0]?.["milliseconds"]);
  assert.ok(milliseconds >= 25 && milliseconds < 2000, String(milliseconds));
});

test("every request has a line with its own status, also what no route answers", async () => {
  const { site, records } = loggedRouter();
  const lines = [
    "GET /x/1",
    "HEAD /x/1",
    "GET /no",
    "PUT /x",
    "OPTIONS /x",
    "GET /throw",
    "GET /x/%",
  ];
  for (const line of [...lines, "GET /stream"]) await send(site, line);
  await site.fetch(wireRequest("GET", "http://h/x/1", "a b"));
  const seen = records.map((
    { method, path, status, bytes },
  ) => [method, path, status, bytes]);
  assert.deepEqual(seen, [
    ["GET", "/x/:id", 200, 10],
    ["HEAD", "/x/:id", 200, 10],
    ["GET", "/no", 404, 23],
    ["PUT", "/x", 405, 32],
    ["OPTIONS", "/x", 204, null],
    ["GET", "/throw", 500, 35],
    ["GET", "/x/:id", 400, 59],
    ["GET", "/stream", 200, null],
    ["GET", "", 400, 53],
  ]);
});

test("a line holds no query, header value or body, and no message of a fault", async () => {
  const { site, records } = loggedRouter();
  const headers = {
    authorization: "secret",
    cookie: "secret",
    "x-forwarded-for": "secret",
  };
  await send(site, "GET /x/1?token=secret", { headers });
  await send(site, "GET /no?secret", { headers });
  await send(site, "POST /x", { headers, body: "secret" });
  await send(site, "GET /throw", { headers });
  assert.equal(records.length, 4);
  assert.equal(JSON.stringify(records).includes("secret"), false);
});

test("method and path are cut where they get long", async () => {
  const { site, records } = loggedRouter();
  const path = "/p23456789".repeat(60);
  await site.fetch(wireRequest("M".repeat(40), `http://h${path}`, "h"));
  await site.fetch(
    wireRequest("M".repeat(16), `http://h${path.slice(0, 512)}`, "h"),
  );
  for (const record of records) {
    assert.equal(record["method"], "M".repeat(16));
    assert.equal(record["path"], path.slice(0, 512));
  }
  assert.equal(records.length, 2);
});

test("where a route with parameters answers, a line has its pattern in place of what was sent", async () => {
  const records: LogRecord[] = [];
  const log = {
    write: (record: LogRecord) => records.push(record),
    flush() {},
  };
  const site = router({ prefix: "/one/jot", around: [accessLog(log)] });
  site.get("/x/:id", () => json({}));
  site.delete("/:a/y/:b", () => json({}));
  site.get("/plain", () => json({}));
  site.get("/a-name-of-more-than-20-characters", () => json({}));
  const sent = {
    "GET /x/1": "/x/:id",
    "HEAD /x/sesame": "/x/:id",
    "GET /one/jot/x/sesame": "/one/jot/x/:id",
    "GET /x/%": "/x/:id",
    "DELETE /sesame/y/sesame": "/:a/y/:b",
    "DELETE /one/jot/sesame/y/sesame": "/one/jot/:a/y/:b",
    "GET /plain": "/plain",
    "GET /one/jot/plain": "/one/jot/plain",
    "GET /a-name-of-more-than-20-characters":
      "/a-name-of-more-than-20-characters",
  };
  for (const line of Object.keys(sent)) await send(site, line);
  assert.deepEqual(records.map(({ path }) => path), Object.values(sent));
});

test("where no route answers, a line holds no segment that could be a token or the id of a session", async () => {
  const { site, records } = loggedRouter();
  const sessionId = "Ab_-5678901234567890zz";
  const token = `eyJhbGciOiJIUzI1NiJ9.${"p".repeat(80)}.${"s".repeat(43)}`;
  const sent = {
    [`GET /${sessionId}`]: "/Ab_-5678...",
    [`GET /no/${token}/${sessionId}/end`]: "/no/eyJhbGci.../Ab_-5678.../end",
    [`GET /no/${token}`]: "/no/eyJhbGci...",
    // Other methods than those of the route.
    [`PUT /x/${sessionId}`]: "/x/Ab_-5678...",
    [`OPTIONS /x/${sessionId}`]: "/x/Ab_-5678...",
    "GET /no/12345678901234567890": "/no/12345678901234567890",
    "GET /no/123456789012345678901": "/no/12345678...",
    "GET /.well-known/openid-configuration":
      "/.well-known/openid-configuration",
    "GET /no//": "/no//",
  };
  for (const line of Object.keys(sent)) await send(site, line);
  assert.deepEqual(records.map(({ path }) => path), Object.values(sent));
});

test("a request id is in the response and in its line, and no two are the same", async () => {
  const ids = new Set<unknown>();
  for (const { site, records } of [loggedRouter(), loggedRouter()]) {
    const answers = Array.from({ length: 500 }, () => send(site, "GET /x/1"));
    const shown = (await Promise.all(answers)).map(({ headers }) =>
      headers.get("x-request-id")
    );
    assert.deepEqual(shown, records.map(({ id }) => id));
    for (const id of shown) ids.add(id);
  }
  assert.equal(ids.size, 1000);
});

test("a request id is random, so that two of them do not tell how many came between", async () => {
  const { site, records } = loggedRouter();
  for (let count = 0; count < 1000; count++) await send(site, "GET /stream");
  const ids = records.map(({ id }) => String(id));
  for (const id of ids) {
    // RFC 9562 §5.4: version 4, of 122 random bits.
    assert.match(
      id,
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
  }
  // Each place but the two of the version and the variant takes all 16 digits.
  for (let place = 0; place < 36; place++) {
    if ([8, 13, 14, 18, 19, 23].includes(place)) continue;
    const digits = new Set(ids.map((id) => id[place]));
    assert.equal(digits.size, 16, String(place));
  }
});

test("X-Request-Id is ours, whatever client and handler say, on redirects as well", async () => {
  const { site, records } = loggedRouter();
  site.get("/own", () => json({}, { headers: { "x-request-id": "own" } }));
  site.get("/redirect", () => Response.redirect("http://h/there", 303));
  for (const path of ["/own", "/redirect"]) {
    const response = await send(site, `GET ${path}`, {
      headers: { "x-request-id": "theirs" },
    });
    assert.equal(response.headers.get("x-request-id"), records.at(-1)?.["id"]);
  }
  assert.equal(records[1]?.["status"], 303);
});

test("a quiet route has a line only where it does not go well", async () => {
  const records: LogRecord[] = [];
  const log = {
    write: (record: LogRecord) => records.push(record),
    flush: () => {},
  };
  const site = router({
    prefix: "/auth",
    around: [accessLog(log, { quietRoutes: ["/healthz"] })],
  });
  let status = 200;
  site.get("/healthz", () => new Response(null, { status }));
  site.get("/other", () => new Response());
  const ask = async (path: string) => {
    const response = await site.fetch(
      wireRequest("GET", `http://h${path}`, "h"),
    );
    assert.match(response.headers.get("x-request-id") ?? "", /^[\da-f-]{36}$/);
    return records.splice(0).map((record) => record["status"]);
  };
  assert.deepEqual(await ask("/healthz"), []);
  assert.deepEqual(await ask("/auth/healthz"), []);
  assert.deepEqual(await ask("/other"), [200]);
  assert.deepEqual(await ask("/healthz/"), [404]);
  status = 204;
  assert.deepEqual(await ask("/healthz"), []);
  for (status of [301, 404, 500, 503]) {
    assert.deepEqual(await ask("/healthz"), [status]);
  }
});
