/**
 * The context of a request: its path and its parsed query, and what is added to
 * it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addToContext, Context } from "../../../src/http/context.ts";
import { readTarget } from "../../../src/http/target.ts";
import { makeRequest, wireRequest } from "../../support/send.ts";

/** The context that the router makes of a request. */
function makeContext(request: Request): Context {
  return new Context(request, {
    target: readTarget(request),
    remoteAddress: "1.2.3.4",
    requestId: "id",
  });
}

test("a context has the path as it was sent and the query parsed", () => {
  const table: readonly (readonly [string, string, string, string])[] = [
    ["http://h/", "/", "", ""],
    ["http://other:99999/x", "/x", "", ""],
    ["https://[::1]:1/x?", "/x", "?", ""],
    ["http://h/x?y?z", "/x", "?y?z", "y%3Fz="],
    ["http://h/x??y", "/x", "??y", "%3Fy="],
    ["http://h/x?/y//z", "/x", "?/y//z", "%2Fy%2F%2Fz="],
    ["http://h//x//y/", "//x//y/", "", ""],
    ["http://h/a/../%2e/b", "/a/../%2e/b", "", ""],
    ["http://h/%78#f?g", "/%78#f", "?g", "g="],
    ["http://h/http://u@i/x", "/http://u@i/x", "", ""],
    ["http://h/x\\y é", "/x\\y é", "", ""],
  ];
  for (const [url, path, rawQuery, query] of table) {
    const context = makeContext(wireRequest("GET", url, "h"));
    assert.equal(context.path, path, url);
    assert.equal(context.rawQuery, rawQuery, url);
    assert.equal(String(context.query), query, url);
  }
});

test("a request whose Host is refused has an empty path and query", () => {
  for (const host of [null, "", "x/y?z"]) {
    const context = makeContext(wireRequest("GET", "http://h/x?y", host));
    assert.equal(context.path, "");
    assert.equal(context.rawQuery, "");
    assert.equal(String(context.query), "");
  }
});

test("a context parses the query when first asked, and once", () => {
  const context = makeContext(makeRequest("GET /x?a=1&b=%26+&a=2&c"));
  const { query } = context;
  // deno-fmt-ignore
  const pairs = [["a", "1"], ["b", "& "], ["a", "2"], ["c", ""]];
  assert.deepEqual([...query], pairs);
  assert.equal(context.query, query);
  assert.equal(context.path, "/x");
  assert.equal(context.remoteAddress, "1.2.3.4");
  assert.equal(context.requestId, "id");
});

test("what is added to a context is added once, and stays as it is", () => {
  const context = makeContext(makeRequest("GET /x"));
  addToContext(context, { user: "a", none: undefined });
  assert.equal(Reflect.get(context, "user"), "a");
  assert.equal(Reflect.set(context, "user", "b"), false);
  for (const name of ["user", "none", "query", "path", "hasOwnProperty"]) {
    const message = `A middleware replaced the context's ${name}.`;
    const adds = Object.fromEntries([[name, "b"]]);
    assert.throws(() => addToContext(context, adds), {
      name: "TypeError",
      message,
    });
  }
  assert.equal(Reflect.get(context, "user"), "a");
  assert.deepEqual({ ...context, request: null }, {
    request: null,
    path: "/x",
    remoteAddress: "1.2.3.4",
    requestId: "id",
    user: "a",
    none: undefined,
  });
});

test("a query that was asked for can still not be replaced, and is not spread", () => {
  const context = makeContext(makeRequest("GET /x?a"));
  assert.equal(context.query.get("a"), "");
  assert.throws(() => addToContext(context, { query: "b" }), TypeError);
  assert.equal(Reflect.set(context, "query", "b"), false);
  assert.equal(Object.hasOwn({ ...context }, "query"), false);
});

test("a context names the route that answers once", () => {
  const context = makeContext(makeRequest("GET /x"));
  assert.equal(context.routePattern, null);
  Context.enterRoute(context, "/:name", "/x");
  Context.enterRoute(context, "/other", "/x");
  assert.equal(context.routePattern, "/:name");
  assert.equal(Reflect.set(context, "routePattern", "/other"), false);
});

test("a handler finds nothing on its context by which it could name a route", () => {
  const context = makeContext(makeRequest("GET /x"));
  const names = Object.getOwnPropertyNames(Context.prototype);
  assert.deepEqual(names.sort(), [
    "constructor",
    "query",
    "rawQuery",
    "routePattern",
  ]);
  assert.deepEqual(Object.keys(context).sort(), [
    "path",
    "remoteAddress",
    "request",
    "requestId",
  ]);
});
