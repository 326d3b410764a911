/**
 * A router that is mounted in another: whose guards, whose faults, whose 404,
 * and what each of the two is told of the request.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accessLog,
  type AddsNothing,
  type Context,
  createLog,
  HttpError,
  json,
  measureRequests,
  Metrics,
  type Middleware,
  type RootRouter,
  router,
  type RouterOptions,
} from "../../../src/http/http.ts";
import { send, told, untyped } from "../../support/send.ts";

const notFound = '404 {"message":"Not found"}';
const bare500 = '500 {"message":"Internal server error"}';

/** A router with some routes, to be mounted. */
function inner(options: RouterOptions = {}): RootRouter {
  const site = router(options);
  site.get("/", () => new Response("root"));
  site.get("/users/:id", ({ params, path }) => json([params.id, path]));
  site.post("/users", () => new Response("made"));
  site.get("/files/:path*", ({ params }) => new Response(params.path));
  site.get("/throw", () => Promise.reject(new Error("on purpose")));
  return site;
}

type AddsUser = Middleware<Context, { readonly user: string }>;

/** Lets through who says a name. */
const named: AddsUser = ({ request }, next) => {
  const user = request.headers.get("x-user");
  if (user === null) throw new HttpError(401);
  return next({ user });
};

/** A middleware that notes what comes by. */
function noting(
  notes: string[],
  name: string,
): Middleware<Context, AddsNothing> {
  return async (context, next) => {
    const response = await next({});
    notes.push(`${name} ${response.status} ${context.routePattern}`);
    return response;
  };
}

test("a mounted router's routes are found below its path, and there alone", async () => {
  const site = router();
  site.mount("/api", inner());
  site.get("/users/:id", () => new Response("outer"));
  site.get("/api", () => new Response("beside"));
  const table: readonly (readonly [string, string])[] = [
    ["GET /api/", "200 root"],
    ["GET /api/users/a%2Fb?q", '200 ["a/b","/api/users/a%2Fb"]'],
    ["HEAD /api/users/1", "200 "],
    ["POST /api/users", "200 made"],
    ["GET /api/files/a/b%20c", "200 a/b c"],
    [
      "GET /api/users/%zz",
      '400 {"message":"The path holds a % that is no escape of UTF-8"}',
    ],
    ["GET /users/1", "200 outer"],
    ["GET /api", "200 beside"],
    ["GET /apiusers/1", notFound],
    ["GET /API/users/1", notFound],
    ["GET /files/a", notFound],
    ["GET /api/api/users/1", notFound],
    ["GET //api/users/1", notFound],
    ["GET /api//users/1", notFound],
    ["GET /%61pi/users/1", notFound],
  ];
  for (const [line, answer] of table) {
    assert.equal(await told(send(site, line)), answer, line);
  }
});

test("404, 405 and OPTIONS below the path are the mounted router's", async () => {
  const site = router();
  site.mount("/api", inner());
  site.get("/:path*", () => new Response("all others"));
  assert.equal(await told(send(site, "GET /api/none")), notFound);
  assert.equal(await told(send(site, "GET /none")), "200 all others");
  for (const method of ["GET", "OPTIONS"]) {
    const response = await send(site, `${method} /api/users`);
    assert.equal(response.headers.get("allow"), "OPTIONS, POST");
    assert.equal(response.status, method === "GET" ? 405 : 204);
  }
});

test("the guards of the view stand around all that is below, and those of the mounted router behind them", async () => {
  const api = inner();
  api.use(named).get("/me", ({ user }) => new Response(user));
  const site = router();
  site.use(named).mount("/api", api);
  const paths = ["/api/", "/api/users/1", "/api/me", "/api/none", "/api/%zz"];
  for (const path of paths) {
    for (const method of ["GET", "POST", "OPTIONS", "HEAD"]) {
      assert.equal((await send(site, `${method} ${path}`)).status, 401, path);
    }
  }
  const headers = { "x-user": "ada" };
  // Both guards add a user, each to a context of its own.
  assert.equal(await told(site.request("/api/me", { headers })), "200 ada");
  assert.equal(await told(site.request("/api/", { headers })), "200 root");
  assert.equal(await told(site.request("/api/x", { headers })), notFound);
  // Mounted without a guard, its own ones are kept.
  const open = router();
  open.mount("/api", api);
  assert.equal((await open.request("/api/me")).status, 401);
  assert.equal(await told(open.request("/api/")), "200 root");
});

test("a handler that is mounted has nothing of what the guards before it have added", async () => {
  const api = router();
  api.get("/", (context) => json(["user" in context, "params" in context]));
  const site = router();
  site.use(named).mount("/api", api);
  const headers = { "x-user": "ada" };
  const answer = await told(site.request("/api/", { headers }));
  assert.equal(answer, "200 [false,true]");
});

test("what lies around either sees what is below, that of the mounted router that alone", async () => {
  const notes: string[] = [];
  const site = router({ around: [noting(notes, "outer")] });
  site.mount("/api", inner({ around: [noting(notes, "inner")] }));
  site.get("/x", () => new Response("x"));
  const table: Readonly<Record<string, readonly string[]>> = {
    "/api/users/1": ["inner 200 /users/:id", "outer 200 /api/users/:id"],
    "/api/": ["inner 200 /", "outer 200 /api/"],
    "/api/none": ["inner 404 null", "outer 404 null"],
    "/x": ["outer 200 /x"],
    "/none": ["outer 404 null"],
  };
  for (const [path, expected] of Object.entries(table)) {
    notes.length = 0;
    await send(site, `GET ${path}`);
    assert.deepEqual(notes, expected);
  }
});

test("what lies around the mounted router cannot answer before the guards", async () => {
  const answering: Middleware<Context, AddsNothing> = () => new Response("all");
  const site = router();
  site.use(named).mount("/api", inner({ around: [answering] }));
  assert.equal((await site.request("/api/x")).status, 401);
  const headers = { "x-user": "ada" };
  assert.equal(await told(site.request("/api/x", { headers })), "200 all");
});

test("a fault below is the mounted router's onError's, and a guard's fault the other one's", async () => {
  const faults: string[] = [];
  const telling = (name: string): RouterOptions => ({
    onError: (error, { path }) => {
      faults.push(`${name} ${error} ${path}`);
      return name === "inner" ? new HttpError(503) : null;
    },
  });
  const site = router(telling("outer"));
  site.mount("/api", inner(telling("inner")));
  const broken: Middleware<Context, AddsNothing> = () =>
    Promise.reject("guard");
  site.use(broken).mount("/broken", inner(telling("inner")));
  assert.equal((await site.request("/api/throw")).status, 503);
  assert.equal(await told(site.request("/broken/throw")), bare500);
  assert.deepEqual(faults, [
    "inner Error: on purpose /api/throw",
    "outer guard /broken/throw",
  ]);
});

test("both know the request by the same id, query and address, and the mounted router by its own clientAddress", async () => {
  const ids = new Set<string>();
  const seen: unknown[] = [];
  const see = ({ requestId, query, remoteAddress }: Context) => {
    ids.add(requestId);
    seen.push([query.get("q"), remoteAddress]);
  };
  const api = router({ clientAddress: (_request, address) => `<${address}>` });
  api.get("/x", (context) => {
    see(context);
    return new Response();
  });
  const site = router({
    around: [(context, next) => {
      see(context);
      return next({});
    }],
  });
  site.mount("/api", api);
  const headers = { host: "h" };
  const request = new Request("http://h/api/x?q=1", { headers });
  await site.fetch(request, "192.0.2.1");
  assert.equal(ids.size, 1);
  assert.deepEqual(seen, [["1", "192.0.2.1"], ["1", "<192.0.2.1>"]]);
});

test("the log and the metrics of each show the route with the path as each knows it", async () => {
  const metrics = new Metrics();
  const lines: string[] = [];
  const log = createLog((text) => lines.push(text), "json");
  const site = router({
    prefix: "/pre",
    around: [measureRequests(metrics), accessLog(log)],
  });
  site.mount("/api", inner({ around: [accessLog(log)] }));
  await send(site, "GET /api/users/secret");
  await send(site, "GET /pre/api/files/secret/secret");
  log.flush();
  const paths = lines.join("\n").split("\n").map((line) =>
    JSON.parse(line).path
  );
  assert.deepEqual(paths, [
    "/api/users/:id",
    "/api/users/:id",
    "/pre/api/files/:path*",
    "/pre/api/files/:path*",
  ]);
  const text = await metrics.respond().text();
  assert.match(text, /route="\/api\/users\/:id"/);
  assert.match(text, /route="\/api\/files\/:path\*"/);
});

test("routers can be mounted in mounted ones, at several places, and be added to later", async () => {
  const leaf = router();
  const middle = router();
  const site = router();
  site.mount("/a", middle);
  middle.mount("/b", leaf);
  site.mount("/c", leaf);
  leaf.get("/x/:id", ({ params, path }) => json([params.id, path]));
  assert.equal(
    await told(site.request("/a/b/x/1")),
    '200 ["1","/a/b/x/1"]',
  );
  assert.equal(await told(site.request("/c/x/1")), '200 ["1","/c/x/1"]');
  assert.equal(await told(leaf.request("/x/1")), '200 ["1","/x/1"]');
  assert.equal(await told(site.request("/a/x/1")), notFound);
});

test("a mounted router's prefix does not count", async () => {
  for (const prefixOnly of [false, true]) {
    const site = router();
    site.mount("/api", inner({ prefix: "/own", prefixOnly }));
    assert.equal(await told(site.request("/api/")), "200 root");
    assert.equal(await told(site.request("/api/own/")), notFound);
  }
});

test("a copy of a router can be mounted, and what only looks like one cannot", async () => {
  const site = router();
  site.mount("/copy", { ...inner() });
  assert.equal(await told(site.request("/copy/")), "200 root");
  const { fetch } = inner();
  const others = [
    { ...inner(), fetch: (request: Request) => fetch(request) },
    { fetch: () => new Response() },
    {},
  ];
  for (const other of others) {
    assert.throws(() => site.mount("/other", untyped(other)), {
      name: "TypeError",
      message:
        "Cannot mount at /other: only what router() has made can be mounted.",
    });
  }
  site.get("/other/x", () => new Response()); // nothing was mounted there
});
