/**
 * The scope router: which route answers, what the methods without a route get,
 * what middleware may do, and what becomes of a throw.
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
  type Middleware,
  type RootRouter,
  router,
} from "../../../src/http/http.ts";
import { printedErrors } from "../../support/console.ts";
import { send, told, untyped, wireRequest } from "../../support/send.ts";
import { pause } from "../../support/wait.ts";

const notFound = '404 {"message":"Not found"}';
const bare500 = '500 {"message":"Internal server error"}';
const notAllowed = '405 {"message":"Method not allowed"}';

/** A middleware that notes when it begins and ends. */
function noting(
  notes: string[],
  name: string,
): Middleware<Context, AddsNothing> {
  return async (_context, next) => {
    notes.push(name);
    const response = await next({});
    notes.push(`${name} ${response.status}`);
    return response;
  };
}

type AddsUser = Middleware<Context, { readonly user: string }>;

/** Adds a user that is always the same. */
const addUser: AddsUser = (_context, next) => next({ user: "u" });

/** Adds nothing. */
const goOn: Middleware<Context, AddsNothing> = (_context, next) => next({});

/** A router that keeps what its onError is handed. */
function spyingRouter(
  around: readonly Middleware<Context, AddsNothing>[] = [],
) {
  const faults: unknown[] = [];
  const site = router({ around, onError: (error) => void faults.push(error) });
  return { site, faults };
}

test("a path without a route is not found, whatever the method", async () => {
  const site = router();
  site.get("/x", () => new Response("x"));
  // deno-fmt-ignore
  const methods = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
  ];
  for (const method of methods) {
    const response = await send(site, `${method} /y`);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("content-length"), "23");
    assert.equal(response.headers.has("allow"), false);
    assert.equal(await told(response), notFound);
  }
});

test("a path is matched as it was sent, to the character", async () => {
  const site = router();
  site.get("/x", () => new Response("x"));
  site.get("/a/b", () => new Response("b"));
  site.get("/", () => new Response("root"));
  const table = {
    "/x": "200 x",
    "/x?y": "200 x",
    "/x?": "200 x",
    "/x?/y": "200 x",
    "/": "200 root",
    "/?x": "200 root",
    "/a/b": "200 b",
  };
  for (const [target, answer] of Object.entries(table)) {
    assert.equal(await told(send(site, `GET ${target}`)), answer, target);
  }
  // deno-fmt-ignore
  const nowhere = [
    "//", "//x", "/x/", "/x//", "/%78", "/X", "/x;a", "/x#f", "/xx", "/x/y",
    "/x%2F", "/a", "/a/", "/a//b", "/a/b/", "//a/b", "/a%2Fb", "/constructor",
    "/__proto__",
  ];
  for (const target of nowhere) {
    assert.equal(await told(send(site, `GET ${target}`)), notFound, target);
  }
});

test("each of the five methods leads to its own handler", async () => {
  const site = router();
  site.get("/x", () => new Response("get"));
  site.post("/x", () => new Response("post"));
  site.put("/x", () => new Response("put"));
  site.patch("/x", () => new Response("patch"));
  site.delete("/x", () => new Response("delete"));
  for (const method of ["get", "post", "put", "patch", "delete"]) {
    assert.equal(
      await told(send(site, `${method.toUpperCase()} /x`)),
      `200 ${method}`,
    );
  }
});

test("a method without a route is refused with all that are there, in order", async () => {
  const site = router();
  const answer = () => new Response();
  site.get("/get", answer);
  site.post("/post", answer);
  site.put("/all", answer);
  site.post("/all", answer);
  site.get("/all", answer);
  site.delete("/all", answer);
  site.patch("/all", answer);
  const table: readonly (readonly [string, string])[] = [
    ["POST /get", "GET, HEAD, OPTIONS"],
    ["PROPFIND /get", "GET, HEAD, OPTIONS"],
    ["GET /post", "OPTIONS, POST"],
    ["PROPFIND /all", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"],
  ];
  for (const [line, allow] of table) {
    const response = await send(site, line);
    assert.equal(response.headers.get("allow"), allow);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(await told(response), notAllowed);
  }
});

test("a method is matched with its case, and TRACE and CONNECT have no route", async () => {
  const site = router();
  site.get("/x", () => new Response("x"));
  for (
    const method of [
      "get",
      "Get",
      "head",
      "options",
      "TRACE",
      "CONNECT",
      "constructor",
      "",
    ]
  ) {
    const response = await site.fetch(wireRequest(method, "http://h/x", "h"));
    assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
    assert.equal(await told(response), notAllowed, method);
  }
});

test("HEAD answers as GET does, without the body", async () => {
  const site = router();
  const seen: string[] = [];
  site.get("/x/:id", ({ request, params }) => {
    seen.push(`${request.method} ${params.id}`);
    return json({ id: params.id }, {
      status: 203,
      headers: { "x-id": params.id },
    });
  });
  const get = await send(site, "GET /x/1");
  const head = await send(site, "HEAD /x/1");
  assert.equal(head.status, 203);
  assert.deepEqual([...head.headers], [...get.headers]);
  assert.equal(head.headers.get("content-length"), "10");
  assert.equal(head.body, null);
  assert.equal(await told(get), '203 {"id":"1"}');
  assert.deepEqual(seen, ["GET 1", "HEAD 1"]);
});

test("HEAD ends the stream that its GET would have sent", async () => {
  const site = router();
  let cancelled = 0;
  site.get(
    "/x",
    () => new Response(new ReadableStream({ cancel: () => void cancelled++ })),
  );
  assert.equal(await told(send(site, "HEAD /x")), "200 ");
  assert.equal(cancelled, 1);
});

test("HEAD leaves a stream alone that is in use already", async () => {
  const { site, faults } = spyingRouter();
  site.get("/x", () => {
    const response = new Response(new ReadableStream());
    response.body?.getReader();
    return response;
  });
  assert.equal(await told(send(site, "HEAD /x")), "200 ");
  await pause(1); // a rejection that nobody catches would fail the test
  assert.deepEqual(faults, []);
});

test("HEAD passes the guards of its GET, and a refusal has no body", async () => {
  const site = router();
  let runs = 0;
  const guard: Middleware<Context, AddsNothing> = () => {
    runs++;
    throw new HttpError(401, "Auth required", { "www-authenticate": "Bearer" });
  };
  site.use(guard).get("/x", () => new Response("secret"));
  const head = await send(site, "HEAD /x");
  assert.equal(runs, 1);
  assert.equal(head.headers.get("www-authenticate"), "Bearer");
  assert.equal(head.headers.get("content-length"), "27");
  assert.equal(await told(head), "401 ");
});

test("HEAD of an error has the error's header fields and no body", async () => {
  const { site } = spyingRouter();
  site.post("/post", () => new Response());
  site.get("/throw", () => {
    throw new Error("x");
  });
  for (
    const [path, status] of [["/none", 404], ["/post", 405], [
      "/throw",
      500,
    ]] as const
  ) {
    const head = await send(site, `HEAD ${path}`);
    assert.equal(head.headers.get("content-type"), "application/json");
    assert.match(head.headers.get("content-length") ?? "", /^\d\d$/);
    assert.equal(head.body, null);
    assert.equal(await told(head), `${status} `);
  }
});

test("OPTIONS tells the methods and nothing else, and runs no guard and no handler", async () => {
  const site = router();
  const notes: string[] = [];
  const guarded = site.use(noting(notes, "guard"));
  guarded.get("/x/:id", () => {
    notes.push("handler");
    return new Response("secret");
  });
  guarded.patch("/x/:id", () => new Response("secret"));
  for (const target of ["/x/1", "/x/2?y", "/x/%"]) {
    const response = await send(site, `OPTIONS ${target}`);
    assert.deepEqual([...response.headers], [[
      "allow",
      "GET, HEAD, OPTIONS, PATCH",
    ]]);
    assert.equal(response.body, null);
    assert.equal(response.status, 204);
  }
  assert.deepEqual(notes, []);
});

test("path parameters are decoded after the match", async () => {
  const site = router();
  site.get("/:a/in/:b", ({ params }) => json([params.a, params.b]));
  const table: readonly (readonly [string, readonly string[]])[] = [
    ["/1/in/2", ["1", "2"]],
    ["/a%2Fb/in/%2f", ["a/b", "/"]],
    ["/%41/in/%C3%A9", ["A", "é"]],
    ["/a+b/in/%2525", ["a+b", "%25"]],
    ["/%3F/in/%23?x", ["?", "#"]],
    ["/in/in/in", ["in", "in"]],
    ["/__proto__/in/%00", ["__proto__", "\0"]],
  ];
  for (const [target, params] of table) {
    assert.equal(
      await told(send(site, `GET ${target}`)),
      `200 ${JSON.stringify(params)}`,
    );
  }
});

test("a bad escape in a parameter is refused before the guards", async () => {
  const { site, faults } = spyingRouter();
  const notes: string[] = [];
  site.use(noting(notes, "guard")).get("/x/:id", () => new Response("x"));
  const bad = ["%", "%4", "%zz", "a%", "%ff", "%c0%af", "%ed%a0%80", "%C3"];
  for (const segment of bad) {
    const message = "The path holds a % that is no escape of UTF-8";
    assert.equal(
      await told(send(site, `GET /x/${segment}`)),
      `400 {"message":"${message}"}`,
    );
  }
  assert.deepEqual([notes, faults], [[], []]);
});

test("a handler finds its own parameters and no inherited names", async () => {
  const site = router();
  site.get(
    "/:a",
    ({ params }) => json([Object.keys(params), "toString" in params]),
  );
  site.get("/:b/x", ({ params }) => json(Object.entries(params)));
  site.get("/fixed/y", ({ params }) => json(Object.entries(params)));
  assert.equal(await told(send(site, "GET /1")), '200 [["a"],false]');
  assert.equal(await told(send(site, "GET /1/x")), '200 [["b","1"]]');
  assert.equal(await told(send(site, "GET /fixed/y")), "200 []");
});

test("a fixed segment wins over a parameter, without a second try", async () => {
  const site = router();
  site.get("/users/:id", ({ params }) => new Response(params.id));
  site.get("/users/:id/posts", () => new Response("posts"));
  site.post("/users/me", () => new Response("me"));
  assert.equal(await told(send(site, "GET /users/you")), "200 you");
  assert.equal(await told(send(site, "GET /users/you/posts")), "200 posts");
  assert.equal(await told(send(site, "POST /users/me")), "200 me");
  assert.equal(await told(send(site, "GET /users/me")), notAllowed);
  assert.equal(await told(send(site, "GET /users/me/posts")), notFound);
  // Not the fixed segment.
  assert.equal(await told(send(site, "GET /users/%6de")), "200 me");
  assert.equal(await told(send(site, "GET /users/")), notFound);
});

test("a route that is there or whose path is no pattern is misuse, through every view", () => {
  const site = router();
  const answer = () => new Response();
  site.get("/x", answer);
  const view = site.use(goOn);
  const taken = {
    name: "TypeError",
    message: "Cannot add the route GET /x: it is there already.",
  };
  assert.throws(() => view.get("/x", answer), taken);
  assert.throws(() => site.patch("x", answer), TypeError);
});

test("middlewares run in the order of use, around the handler", async () => {
  const site = router();
  const notes: string[] = [];
  const view = site.use(noting(notes, "a")).use(noting(notes, "b"));
  view.get("/x", () => {
    notes.push("handler");
    return new Response(null, { status: 202 });
  });
  await send(site, "GET /x");
  assert.deepEqual(notes, ["a", "b", "handler", "b 202", "a 202"]);
  // Next may be called once for each request, not once for all.
  await send(site, "GET /x");
  assert.equal(notes.length, 10);
});

test("what a middleware adds is there behind it and nowhere else", async () => {
  const site = router();
  const addAdmin: Middleware<
    { readonly user: string },
    { readonly admin: string }
  > = (
    { user },
    next,
  ) => next({ admin: `${user}!` });
  const members = site.use(addUser);
  const admins = members.use(addAdmin);
  site.get(
    "/public",
    (context) => json(["user" in context, "admin" in context]),
  );
  members.get("/member", (context) => json([context.user, "admin" in context]));
  admins.get(
    "/admin/:id",
    ({ user, admin, params }) => json([user, admin, params.id]),
  );
  assert.equal(await told(send(site, "GET /public")), "200 [false,false]");
  assert.equal(await told(send(site, "GET /member")), '200 ["u",false]');
  assert.equal(await told(send(site, "GET /admin/1")), '200 ["u","u!","1"]');
});

test("a middleware may answer by itself, and change what comes back", async () => {
  const site = router();
  const shut: Middleware<Context, AddsNothing> = () => new Response("shut");
  site.use(shut).get("/shut", () => new Response("never"));
  const change: Middleware<Context, AddsNothing> = async (_context, next) => {
    return new Response(`<${await (await next({})).text()}>`);
  };
  site.use(change).get("/changed", () => new Response("x"));
  assert.equal(await told(send(site, "GET /shut")), "200 shut");
  assert.equal(await told(send(site, "GET /changed")), "200 <x>");
});

test("a second call of next is a fault and does not run the handler again", async () => {
  const { site, faults } = spyingRouter();
  let runs = 0;
  const twice: Middleware<Context, AddsNothing> = async (_context, next) => {
    await next({});
    return next({});
  };
  site.use(twice).get("/x", () => new Response(String(runs++)));
  assert.equal(await told(send(site, "GET /x")), bare500);
  assert.equal(runs, 1);
  assert.deepEqual(faults.map(String), [
    "TypeError: A middleware called next a second time.",
  ]);
});

test("a middleware that replaces a member of the context is a fault", async () => {
  const given = [
    "request",
    "path",
    "query",
    "remoteAddress",
    "requestId",
    "params",
  ];
  for (
    const name of [...given, "user", "constructor", "toString", "__proto__"]
  ) {
    const { site, faults } = spyingRouter();
    const replacing = untyped<Middleware<Context, AddsNothing>>(
      (_context: Context, next: (adds: object) => Promise<Response>) =>
        next(Object.fromEntries([[name, "replaced"]])),
    );
    let isReached = false;
    site.use(addUser).use(replacing).get("/x", () => {
      isReached = true;
      return new Response();
    });
    assert.equal(await told(send(site, "GET /x")), bare500, name);
    assert.equal(isReached, false);
    const message = `TypeError: A middleware replaced the context's ${name}.`;
    assert.deepEqual(faults.map(String), [message]);
  }
});

test("what is no Response is a fault, from a handler as from a middleware", async () => {
  const message =
    "TypeError: A handler returned something that is no Response.";
  for (
    const value of [
      undefined,
      null,
      "text",
      5,
      {},
      { status: 200 },
      new Request("http://h"),
    ]
  ) {
    for (const answer of [() => value, () => Promise.resolve(value)]) {
      const { site, faults } = spyingRouter();
      site.get("/handler", untyped<() => Response>(answer));
      site.use(untyped<() => Response>(answer)).get(
        "/middleware",
        () => new Response(),
      );
      site.use(goOn).get("/behind", untyped<() => Response>(answer));
      for (const path of ["/handler", "/middleware", "/behind"]) {
        assert.equal(await told(send(site, `GET ${path}`)), bare500);
      }
      assert.deepEqual(faults.map(String), [message, message, message]);
      const around = spyingRouter([untyped<() => Response>(answer)]);
      assert.equal(await told(send(around.site, "GET /x")), bare500);
      assert.deepEqual(around.faults.map(String), [message]);
    }
  }
});

test("a middleware never sees something that is no Response come back from next", async () => {
  const { site } = spyingRouter();
  const outer: Middleware<Context, AddsNothing> = async (_context, next) => {
    await assert.rejects(next({}), TypeError);
    return new Response("caught");
  };
  site.use(outer).get("/x", untyped<() => Response>(() => ({ status: 200 })));
  assert.equal(await told(send(site, "GET /x")), "200 caught");
});

test("a thrown HttpError becomes its status, message and header fields", async () => {
  const { site, faults } = spyingRouter();
  const refuse = () => {
    throw new HttpError(429, "Slow down", { "retry-after": "5" });
  };
  const refuseLater = () =>
    Promise.reject(new HttpError(429, "Slow down", { "retry-after": "5" }));
  site.get("/a", refuse);
  site.get("/b", refuseLater);
  site.use(refuse).get("/c", () => new Response());
  site.use(refuseLater).get("/d", () => new Response());
  for (const path of ["/a", "/b", "/c", "/d"]) {
    const response = await send(site, `GET ${path}`);
    assert.equal(response.headers.get("retry-after"), "5");
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(await told(response), '429 {"message":"Slow down"}');
  }
  assert.deepEqual(faults, []);
});

test("what onError gives is the answer where it is an HttpError, and nothing else is", async () => {
  const retry = { "retry-after": "3" };
  const refusal = new HttpError(503, "Later", retry);
  for (
    const given of [
      refusal,
      null,
      "Later",
      503,
      new Error("Later"),
      Promise.resolve(refusal),
    ]
  ) {
    const site = router({ onError: () => untyped(given) });
    site.get("/", () => {
      throw new Error("on purpose");
    });
    const response = await send(site, "GET /");
    const isGiven = given === refusal;
    assert.equal(response.status, isGiven ? 503 : 500);
    assert.equal(response.headers.get("retry-after"), isGiven ? "3" : null);
    const message = isGiven ? "Later" : "Internal server error";
    assert.deepEqual(await response.json(), { message });
  }
});

test("an onError that throws keeps no client from its 500", async () => {
  const site = router({
    onError: () => {
      throw new Error("secret");
    },
  });
  site.get("/throw", () => {
    throw new Error("secret");
  });
  const internal = '500 {"message":"Internal server error"}';
  assert.equal(await told(send(site, "GET /throw")), internal);
});

test("anything else that is thrown is a 500 that says nothing, and is handed to onError", async () => {
  const lookalike = {
    name: "HttpError",
    status: 404,
    message: "secret",
    headers: {},
  };
  const table = [
    undefined,
    null,
    "",
    "secret",
    5,
    Symbol("secret"),
    new Error("secret"),
    lookalike,
  ];
  for (
    const thrown of [...table, Object.create(null), new Response("secret")]
  ) {
    const seen: unknown[] = [];
    const site = router({
      onError: (error, context) => {
        seen.push(error, context.path, context.requestId);
      },
    });
    let requestId = "";
    site.get("/throw", (context) => {
      requestId = context.requestId;
      throw thrown;
    });
    site.get("/reject", () => Promise.reject(thrown));
    const response = await send(site, "GET /throw?query");
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual([...response.headers.keys()], [
      "content-length",
      "content-type",
    ]);
    assert.equal(await told(response), bare500);
    assert.equal(seen.length, 3);
    assert.equal(Object.is(seen[0], thrown), true);
    assert.deepEqual(seen.slice(1), ["/throw", requestId]);
    assert.equal(await told(send(site, "GET /reject")), bare500);
    assert.equal(Object.is(seen[3], thrown), true);
  }
});

test("a router without onError prints what is thrown, and a refusal is no fault", async () => {
  const site = router();
  site.get("/throw", () => Promise.reject(new Error("secret")));
  site.get("/nothing", untyped<() => Response>(() => undefined));
  site.get("/refuse", () => Promise.reject(new HttpError(503)));
  const lines = await printedErrors(async () => {
    assert.equal(await told(send(site, "GET /throw")), bare500);
    assert.equal(await told(send(site, "HEAD /nothing")), "500 ");
    assert.equal((await send(site, "GET /refuse")).status, 503);
    assert.equal((await send(site, "GET /none")).status, 404);
  });
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /^GET \/throw: Error: secret\n {4}at /);
  assert.match(lines[1] ?? "", /^HEAD \/nothing: TypeError: A handler /);
});

test("a request by path is answered without a port, and with a Host", async () => {
  const site = router();
  site.post("/say/:word", async ({ request, params, query, remoteAddress }) => {
    return json([
      params.word,
      query.get("q"),
      request.headers.get("host"),
      request.headers.get("x-own"),
      remoteAddress,
      await request.text(),
    ]);
  });
  site.get("/", () => new Response("root"));
  const init = { method: "POST", body: "body", headers: { "x-own": "own" } };
  assert.equal(
    await told(site.request("/say/a%2Fb?q=1", init)),
    '200 ["a/b","1","localhost","own",null,"body"]',
  );
  const named = { ...init, headers: { host: "onejot.test:80" } };
  assert.equal(
    await told(site.request("/say/hello", named)),
    '200 ["hello",null,"onejot.test:80",null,null,"body"]',
  );
  const { request } = site;
  assert.equal(await told(request("/")), "200 root");
  assert.equal(await told(request("//localhost/")), notFound);
  assert.equal(await told(request("/", { method: "HEAD" })), "200 ");
});

test("a request by path that cannot be made rejects", async () => {
  const site = router();
  site.get("/", () => new Response("root"));
  for (const path of ["", "x", "http://localhost/", "?x"]) {
    await assert.rejects(site.request(path), {
      name: "TypeError",
      message: "Cannot ask: the path must begin with a slash.",
    });
  }
  const headers = { "no name": "x" };
  await assert.rejects(site.request("/", { headers }), TypeError);
});

test("what lies around sees every response, also those that no route gives", async () => {
  const notes: string[] = [];
  const { site } = spyingRouter([noting(notes, "a"), noting(notes, "b")]);
  site.get("/x/:id", () => new Response("x"));
  site.get("/throw", () => Promise.reject(null));
  const lines = {
    "GET /x/1": 200,
    "GET /y": 404,
    "POST /x/1": 405,
    "GET /x/%": 400,
  };
  const others = { "GET /throw": 500, "OPTIONS /x/1": 204, "HEAD /x/1": 200 };
  for (const [line, status] of Object.entries({ ...lines, ...others })) {
    notes.length = 0;
    assert.equal((await send(site, line)).status, status);
    assert.deepEqual(notes, ["a", "b", `b ${status}`, `a ${status}`]);
  }
  notes.length = 0;
  assert.equal(
    (await site.fetch(wireRequest("GET", "http://h/x/1", "a b"))).status,
    400,
  );
  assert.deepEqual(notes, ["a", "b", "b 400", "a 400"]);
});

test("a throw in what lies around becomes a response too", async () => {
  const before = spyingRouter([() => Promise.reject("before")]);
  before.site.get("/x", () => new Response("x"));
  assert.equal(await told(send(before.site, "GET /x")), bare500);
  assert.deepEqual(before.faults, ["before"]);
  const behind = spyingRouter([async (_context, next) => {
    await next({});
    throw "behind";
  }]);
  behind.site.get("/x", () => new Response("x"));
  assert.equal(await told(send(behind.site, "GET /x")), bare500);
  assert.equal(await told(send(behind.site, "HEAD /x")), "500 ");
  assert.deepEqual(behind.faults, ["behind", "behind"]);
  const refusing = spyingRouter([() => Promise.reject(new HttpError(503))]);
  const busy = '503 {"message":"Busy, try again later"}';
  assert.equal(await told(send(refusing.site, "GET /x")), busy);
  assert.deepEqual(refusing.faults, []);
});

test("the chain is put together when the router and its routes are made", async () => {
  const notes: string[] = [];
  const around = [noting(notes, "around")];
  const site = router({ around });
  const view = site.use(noting(notes, "first"));
  view.get("/x", () => new Response("x"));
  around.push(noting(notes, "late"));
  view.use(noting(notes, "second"));
  await send(site, "GET /x");
  assert.deepEqual(notes, ["around", "first", "first 200", "around 200"]);
});

test("two requests at once never share what middleware added", async () => {
  const site = router();
  const waiting: (() => void)[] = [];
  const addAsked: AddsUser = ({ query }, next) =>
    next({ user: query.get("user") ?? "" });
  site.use(addAsked).get("/x/:id", async ({ user, params, query }) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return json([user, params.id, query.get("user")]);
  });
  const answers = [
    send(site, "GET /x/1?user=a"),
    send(site, "GET /x/2?user=b"),
  ];
  while (waiting.length < 2) await Promise.resolve();
  for (const go of waiting.reverse()) go();
  const texts = await Promise.all(answers.map(told));
  assert.deepEqual(texts, ['200 ["a","1","a"]', '200 ["b","2","b"]']);
});

test("the context tells the request, the other end's address and an id of its own", async () => {
  const site = router();
  const seen: Context[] = [];
  site.get("/x", (context) => {
    seen.push(context);
    return new Response();
  });
  const request = wireRequest("GET", "http://h/x?a=1", "h");
  await site.fetch(request, "127.0.0.1");
  await site.fetch(request);
  const [first, second] = seen;
  assert.equal(first?.request, request);
  assert.deepEqual([first?.path, first?.query.get("a")], ["/x", "1"]);
  assert.deepEqual([first?.remoteAddress, second?.remoteAddress], [
    "127.0.0.1",
    null,
  ]);
  assert.match(
    first?.requestId ?? "",
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/,
  );
  assert.notEqual(second?.requestId, first?.requestId);
});

test("a request without a well-formed Host reaches no route, and its path is not shown", async () => {
  let path: string | null = null;
  const reached: string[] = [];
  const site: RootRouter = router({
    around: [(context, next) => {
      path = context.path;
      return next({});
    }],
  });
  site.get("/", () => new Response(String(reached.push("/"))));
  site.get("/x", () => new Response(String(reached.push("/x"))));
  const bad = '400 {"message":"The Host header is missing or malformed"}';
  for (const host of [null, "", "h/x?y", "a b", "u@h"]) {
    for (const method of ["GET", "OPTIONS", "POST"]) {
      assert.equal(
        await told(site.fetch(wireRequest(method, "http://h/x", host))),
        bad,
      );
      assert.equal(path, "");
    }
  }
  assert.deepEqual(reached, []);
});

test("the context tells the pattern of the route that answers, to guards, handler and around", async () => {
  const seen: (string | null)[] = [];
  const see: Middleware<Context, AddsNothing> = async (context, next) => {
    seen.push(context.routePattern);
    const response = await next({});
    seen.push(context.routePattern);
    return response;
  };
  const site = router({ around: [see] });
  site.use(see).get("/users/:id", ({ routePattern }) => json(routePattern));
  site.patch("/users/:name", ({ routePattern }) => json(routePattern));
  site.get("/users/me", ({ routePattern }) => json(routePattern));
  const none = null;
  const table:
    readonly (readonly [string, string, readonly (string | null)[]])[] = [
      ["GET /users/1", '200 "/users/:id"', [
        none,
        "/users/:id",
        "/users/:id",
        "/users/:id",
      ]],
      ["HEAD /users/1", "200 ", [
        none,
        "/users/:id",
        "/users/:id",
        "/users/:id",
      ]],
      ["PATCH /users/1", '200 "/users/:name"', [none, "/users/:name"]],
      ["GET /users/me", '200 "/users/me"', [none, "/users/me"]],
      ["OPTIONS /users/1", "204 ", [none, none]],
      ["POST /users/1", notAllowed, [none, none]],
      ["GET /users", notFound, [none, none]],
    ];
  for (const [line, answer, patterns] of table) {
    seen.length = 0;
    assert.equal(await told(send(site, line)), answer);
    assert.deepEqual(seen, patterns, line);
  }
});

test("the pattern in the context is no middleware's to replace", async () => {
  const { site, faults } = spyingRouter();
  const replace = untyped<typeof goOn>(
    (_context: Context, next: (adds: object) => unknown) => {
      return next({ routePattern: "/other" });
    },
  );
  site.use(replace).get("/x", () => new Response("x"));
  assert.equal(await told(send(site, "GET /x")), bare500);
  assert.match(String(faults[0]), /replaced the context's routePattern/);
});

/** A router that is mounted at a prefix as well. */
function mounted(
  prefix: string,
  around: readonly Middleware<Context, AddsNothing>[] = [],
) {
  const site = router({ prefix, around });
  site.get("/", () => new Response("root"));
  site.post("/login", ({ path }) => new Response(path));
  site.get(
    "/users/:id/of/:group",
    ({ params }) => json([params.id, params.group]),
  );
  site.get("/onejot", () => new Response("a route of that name"));
  return site;
}

test("below a prefix each route answers as without it", async () => {
  for (const prefix of ["/onejot", "/a/b.c-d"]) {
    const site = mounted(prefix);
    assert.equal(await told(send(site, "POST /login")), "200 /login");
    assert.equal(
      await told(send(site, `POST ${prefix}/login`)),
      `200 ${prefix}/login`,
    );
    assert.equal(
      await told(send(site, `POST ${prefix}/login?x=/y`)),
      `200 ${prefix}/login`,
    );
    assert.equal(await told(send(site, `GET ${prefix}/`)), "200 root");
    assert.equal(
      await told(send(site, `GET ${prefix}/onejot`)),
      "200 a route of that name",
    );
  }
});

test("what only looks like a prefix is none, and it counts once", async () => {
  const site = router({ prefix: "/onejot" });
  site.post("/login", () => new Response("reached"));
  const paths = [
    "/onejot",
    "/onejot/",
    "/onejotlogin",
    "/onejot-/login",
    "/ONEJOT/login",
    "/Onejot/login",

    "//onejot/login",
    "/onejot//login",
    "/onejot/onejot/login",
    "/x/onejot/login",
    "/login/",

    "/onejot/login/",
    "/onejot/Login",
    "/%6fnejot/login",
    "/onejot%2Flogin",
    "/onejo/login",

    "/onejott/login",
    "/onejot;/login",
    "/onejot./login",
    "/login/onejot",
    "/onejot/login/x",
  ];
  for (const path of paths) {
    assert.equal(await told(send(site, `POST ${path}`)), notFound, path);
  }
  assert.equal(await told(send(site, "POST /onejot/login")), "200 reached");
});

test("a route whose path begins with the letters of the prefix is still there", async () => {
  const site = mounted("/log");
  assert.equal(await told(send(site, "POST /login")), "200 /login");
  assert.equal(await told(send(site, "POST /log/login")), "200 /log/login");
  assert.equal(
    await told(send(mounted("/one"), "GET /onejot")),
    "200 a route of that name",
  );
  assert.equal(
    await told(send(mounted("/onejot"), "GET /onejot")),
    "200 a route of that name",
  );
});

test("parameters below a prefix are those of the route, decoded", async () => {
  const site = mounted("/a/b");
  assert.equal(await told(send(site, "GET /users/1/of/2")), '200 ["1","2"]');
  assert.equal(
    await told(send(site, "GET /a/b/users/1/of/2")),
    '200 ["1","2"]',
  );
  assert.equal(
    await told(send(site, "GET /a/b/users/%2F/of/%C3%A9")),
    '200 ["/","é"]',
  );
  assert.equal(
    await told(send(site, "GET /a/b/users/%61/of/b")),
    '200 ["a","b"]',
  );
  assert.match(await told(send(site, "GET /a/b/users/%zz/of/2")), /^400 /);
});

test("Allow, 405, HEAD and OPTIONS are the same below a prefix", async () => {
  const site = mounted("/onejot");
  for (const start of ["", "/onejot"]) {
    const refused = await send(site, `GET ${start}/login`);
    assert.deepEqual([refused.status, refused.headers.get("allow")], [
      405,
      "OPTIONS, POST",
    ]);
    const options = await send(site, `OPTIONS ${start}/users/1/of/2`);
    assert.deepEqual([options.status, options.headers.get("allow")], [
      204,
      "GET, HEAD, OPTIONS",
    ]);
    assert.equal(await told(send(site, `HEAD ${start}/users/1/of/2`)), "200 ");
  }
});

test("below a prefix the path in the context is as it was sent, and the pattern is the route's", async () => {
  const seen: unknown[] = [];
  const see: Middleware<Context, AddsNothing> = async (context, next) => {
    const response = await next({});
    seen.push([context.path, context.routePattern]);
    return response;
  };
  const site = mounted("/onejot", [see]);
  await send(site, "POST /onejot/login?x");
  await send(site, "GET /onejot/users/1/of/%32");
  await send(site, "GET /onejot/nothing");
  assert.deepEqual(seen, [
    ["/onejot/login", "/login"],
    ["/onejot/users/1/of/%32", "/users/:id/of/:group"],
    ["/onejot/nothing", null],
  ]);
});

test("the log tells the path below a prefix as it was sent", async () => {
  const lines: string[] = [];
  const log = createLog((text) => lines.push(text), "json");
  const site = mounted("/onejot", [accessLog(log)]);
  const paths = ["/onejot/login", "/login", "/onejot/onejot/login", "/onejot"];
  for (const path of paths) await send(site, `POST ${path}`);
  log.flush();
  const logged = lines.join("\n").split("\n").map((line) =>
    JSON.parse(line).path
  );
  assert.deepEqual(logged, paths);
});

test("an empty prefix changes nothing", async () => {
  const lines = [
    "GET /",
    "POST /login",
    "GET /users/1/of/2",
    "GET /onejot",
    "GET //",
    "GET //x",
    "POST //login",
    "GET /onejot/",
    "POST /onejot/login",
    "GET /users/1/of/%zz",
  ];
  const empty = mounted("");
  const plain = router();
  plain.get("/", () => new Response("root"));
  plain.post("/login", ({ path }) => new Response(path));
  plain.get(
    "/users/:id/of/:group",
    ({ params }) => json([params.id, params.group]),
  );
  plain.get("/onejot", () => new Response("a route of that name"));
  for (const line of lines) {
    assert.equal(
      await told(send(empty, line)),
      await told(send(plain, line)),
      line,
    );
  }
});

test("a route that lies below the prefix is refused, as its path would never be looked up", () => {
  const site = router({ prefix: "/onejot" });
  const answer = () => new Response();
  for (const view of [site, site.use(goOn)]) {
    for (const path of ["/onejot/x", "/onejot/:id", "/onejot/:path*"]) {
      assert.throws(() => view.get(path, answer), {
        name: "TypeError",
        message: `Cannot add the route ${path}: it is below the router's ` +
          `prefix. Write ${
            path.slice("/onejot".length)
          }, which is found there.`,
      });
    }
    assert.throws(() => view.mount("/onejot/x", router()), TypeError);
  }
  site.get("/onejot", answer);
  site.get("/onejots/x", answer);
});

test("a prefix is made of fixed segments", () => {
  const bad = ["/", "onejot", "/onejot/", "/:id", "/*", "//", "/a b", "/%61"];
  for (const prefix of bad) {
    assert.throws(() => router({ prefix }), {
      name: "TypeError",
      message:
        "Cannot make a router: its prefix must be fixed segments, such as /auth.",
    }, prefix);
  }
  assert.throws(() => router({ prefixOnly: true }), TypeError);
});

test("a prefix can be the only place of the routes", async () => {
  const site = router({ prefix: "/auth", prefixOnly: true });
  site.get("/", () => new Response("root"));
  site.get("/users/:id", ({ params, path }) => json([params.id, path]));
  const table: readonly (readonly [string, string])[] = [
    ["GET /auth/", "200 root"],
    ["GET /auth/users/1", '200 ["1","/auth/users/1"]'],
    ["POST /auth/users/1", notAllowed],
    ["OPTIONS /auth/users/1", "204 "],
    ["GET /", notFound],
    ["GET /users/1", notFound],
    ["POST /users/1", notFound],
    ["OPTIONS /users/1", notFound],
    ["GET /auth", notFound],
    ["GET /auth/auth/users/1", notFound],
    ["GET /authusers/1", notFound],
  ];
  for (const [line, answer] of table) {
    assert.equal(await told(send(site, line)), answer, line);
  }
});

test("a rest is decoded segment by segment, and keeps its slashes", async () => {
  const site = router();
  site.get("/files/:path*", ({ params }) => json(params.path));
  site.get(
    "/of/:user/:path*",
    ({ params }) => json([params.user, params.path]),
  );
  const table: readonly (readonly [string, unknown])[] = [
    ["/files/", ""],
    ["/files/a", "a"],
    ["/files/a/b.txt", "a/b.txt"],
    ["/files/a/", "a/"],
    ["/files/a%20b/%C3%A9", "a b/é"],
    ["/files/%25/%252F", "%/%2F"],
    ["/files/a%3Fb/%23?x=/y", "a?b/#"],
    ["/files/...", "..."],
    ["/files/.well-known/..a", ".well-known/..a"],
    ["/files/a%40b+c/%2B", "a@b+c/+"],
    ["/files/:path*", ":path*"],
    ["/of/a%2Fb/c/d", ["a/b", "c/d"]],
    ["/of/a/", ["a", ""]],
  ];
  for (const [path, value] of table) {
    const expected = `200 ${JSON.stringify(value)}`;
    assert.equal(await told(send(site, `GET ${path}`)), expected, path);
  }
});

test("a rest that could be read as another path than was sent is not found, before any guard", async () => {
  const { site, faults } = spyingRouter();
  const notes: string[] = [];
  site.use(noting(notes, "guard")).get(
    "/files/:path*",
    ({ params }) => json(params.path),
  );
  // deno-fmt-ignore
  const bad = [
    // empty segments before the end
    "/", "//", "a//b", "a//", "/a", "//etc/passwd",
    // dot segments, which Deno hands over as they were sent
    ".", "..", "../x", "a/..", "a/../b", "a/./b", "./a", "a/.",
    "%2e%2e", "%2E%2E/x", ".%2e/x", "%2e./x", "a/%2e", "%2e%2e%2fx",
    // what a file system or a URL takes for a slash, or for the end
    "a%2Fb", "a%2fb", "%2F", "%2Fetc%2Fpasswd", "..%2f..%2fx", "a%5Cb",
    "..%5c..%5cx", "a\\b", "a%00", "a%00.txt", "%00",
    // one letter, two ways to send it
    "%61", "%41b", "a%2Db", "%2E", "%5F", "%7e", "%7A", "%4F", "%50", "%30", "x/%39",
  ];
  for (const path of bad) {
    // Not by new Request, which resolves dot segments.
    const url = `http://h/files/${path}`;
    const answer = site.fetch(wireRequest("GET", url, "h"));
    assert.equal(await told(answer), notFound, path);
  }
  for (const path of ["%", "%zz", "a/%ff", "%c0%af"]) {
    const url = `http://h/files/${path}`;
    const answer = await site.fetch(wireRequest("GET", url, "h"));
    assert.equal(answer.status, 400, path);
  }
  assert.deepEqual([notes, faults], [[], []]);
});

test("each escape of a letter, a digit, -, ., _ or ~ is refused in a rest, and no other one", async () => {
  const site = router();
  site.get("/:path*", ({ params }) => json(params.path));
  const others = ["/", "\\", "\0"]; // these are refused for what they are
  for (let code = 0; code < 128; code++) {
    const character = String.fromCharCode(code);
    const hex = code.toString(16).padStart(2, "0");
    for (const escape of [`%${hex}`, `%${hex.toUpperCase()}`]) {
      const answer = await told(
        site.fetch(wireRequest("GET", `http://h/x${escape}`, "h")),
      );
      const isRefused = /[\w.~-]/.test(character) || others.includes(character);
      const expected = `200 ${JSON.stringify(`x${character}`)}`;
      assert.equal(answer, isRefused ? notFound : expected, escape);
    }
  }
});

test("no spelling of a guarded path leads to the rest that takes all others, with the same text", async () => {
  const site = router();
  const shut: Middleware<Context, AddsNothing> = () => {
    throw new HttpError(403);
  };
  site.use(shut).get("/private/:path*", () => new Response("guarded"));
  site.get("/:path*", ({ params }) => new Response(params.path));
  // deno-fmt-ignore
  const spellings = [
    "/private/x", "/%70rivate/x", "/priv%61te/x", "//private/x", "/./private/x",
    "/x/../private/x", "/%2e/private/x", "/private%2Fx", "/private%5Cx",
    "/private/../private/x", "\\private/x", "/private\\x",
  ];
  for (const path of spellings) {
    const url = `http://h${path.startsWith("/") ? "" : "/"}${path}`;
    const answer = await told(site.fetch(wireRequest("GET", url, "h")));
    assert.match(answer, /^40[34] /, path);
  }
  assert.equal(await told(site.request("/Private/x")), "200 Private/x");
  assert.equal(await told(site.request("/private")), "200 private");
});

test("HEAD, 405 and OPTIONS are those of a rest as of any route", async () => {
  const site = router();
  site.get("/files/:path*", ({ params }) => json(params.path));
  site.post("/files/new", () => new Response("new"));
  assert.equal(await told(send(site, "HEAD /files/a/b")), "200 ");
  const refused = await send(site, "PUT /files/a/b");
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get("allow"), "GET, HEAD, OPTIONS");
  const options = await send(site, "OPTIONS /files/a/b");
  assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
  // A path that has a route is that route's, whatever its methods.
  assert.equal(await told(send(site, "GET /files/new")), notAllowed);
});

test("the log shows a rest by its name", async () => {
  const lines: string[] = [];
  const log = createLog((text) => lines.push(text), "json");
  for (const prefix of ["", "/pre/fix"]) {
    const site = router({ prefix, around: [accessLog(log)] });
    site.get("/files/:id/:path*", ({ routePattern }) => json(routePattern));
    const pattern = '200 "/files/:id/:path*"';
    const path = `${prefix}/files/secret/secret/secret`;
    assert.equal(await told(send(site, `GET ${path}`)), pattern);
    await send(site, `GET ${prefix}/files/secret/`);
  }
  log.flush();
  const paths = lines.join("\n").split("\n").map((line) =>
    JSON.parse(line).path
  );
  assert.deepEqual(paths, [
    "/files/:id/:path*",
    "/files/:id/:path*",
    "/pre/fix/files/:id/:path*",
    "/pre/fix/files/:id/:path*",
  ]);
});
