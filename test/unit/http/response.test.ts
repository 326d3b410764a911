/**
 * Making responses: JSON with its length in bytes, and header fields on
 * responses that cannot be changed, by withHeaders and by every middleware.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AddsNothing,
  type Context,
  json,
  type Middleware,
  router,
  withHeaders,
} from "../../../src/http/http.ts";
import { told } from "../../support/send.ts";

test("a value becomes JSON with its media type and its length in bytes", async () => {
  const table: readonly (readonly [unknown, string, number])[] = [
    [{ a: "é😀" }, '{"a":"é😀"}', 14],
    [[], "[]", 2],
    [null, "null", 4],
    ["\u2028", '"\u2028"', 5],
    ["\ud800", '"\\ud800"', 8],
  ];
  for (const [value, text, length] of table) {
    const response = json(value);
    assert.deepEqual([...response.headers], [
      ["content-length", String(length)],
      ["content-type", "application/json"],
    ]);
    assert.equal(await told(response), `200 ${text}`);
  }
});

test("JSON takes a status and header fields, its own among them", async () => {
  const response = json(1, {
    status: 201,
    headers: { "content-type": "a/b+json", location: "/1" },
  });
  assert.deepEqual([...response.headers], [
    ["content-length", "1"],
    ["content-type", "a/b+json"],
    ["location", "/1"],
  ]);
  assert.equal(await told(response), "201 1");
});

test("header fields are set on the response itself where that can be", () => {
  const response = new Response("x", {
    status: 202,
    headers: { a: "1", b: "2" },
  });
  const changed = withHeaders(response, [["b", "3"], ["c", "4"]]);
  assert.equal(changed, response);
  assert.deepEqual([changed.headers.get("a"), changed.headers.get("b")], [
    "1",
    "3",
  ]);
  assert.equal(changed.headers.get("c"), "4");
});

test("a response whose header fields are immutable is copied", async () => {
  const redirect = withHeaders(Response.redirect("http://h/x", 307), [[
    "a",
    "1",
  ], ["b", "2"]]);
  assert.equal(redirect.status, 307);
  assert.equal(redirect.headers.get("location"), "http://h/x");
  assert.deepEqual([redirect.headers.get("a"), redirect.headers.get("b")], [
    "1",
    "2",
  ]);
  // Bun's redirects are none.
  const frozen = refusing(new TypeError("immutable"));
  const copy = withHeaders(frozen, [["a", "1"], ["b", "2"]]);
  assert.notEqual(copy, frozen);
  assert.deepEqual([copy.headers.get("a"), copy.headers.get("b")], ["1", "2"]);
  assert.equal(copy.headers.get("own"), "0");
  assert.equal(copy.statusText, "Kept");
  assert.equal(await told(copy), "203 body");
});

test("another fault in setting header fields is thrown on", () => {
  const fault = new RangeError("another");
  assert.throws(() => withHeaders(refusing(fault), [["a", "1"]]), fault);
});

test("every middleware can set header fields on what a handler gives, whatever it is", async () => {
  const given: readonly (() => Response)[] = [
    () => new Response("text"),
    () => json({}),
    () => Response.redirect("http://h/there", 303),
    () => new Response("x", { status: 302, headers: { location: "/x" } }),
    () => new Response(null, { status: 304 }),
    () => fetched(new Response("text"), "http://h/x"),
    () => immutable(fetched(new Response("text"), "http://h/x")),
    () => immutable(new Response("moved", { status: 301 })),
  ];
  for (const [index, give] of given.entries()) {
    const set: Middleware<Context, AddsNothing> = async (_context, next) => {
      const response = await next({});
      response.headers.set("x-set", "1");
      return response;
    };
    const site = router({ around: [set] });
    site.use(set).use(set).get("/x", give);
    const expected = give();
    const response = await site.request("/x");
    assert.equal(response.status, expected.status, String(index));
    assert.equal(response.headers.get("x-set"), "1");
    const { headers } = expected;
    assert.equal(response.headers.get("location"), headers.get("location"));
    assert.equal(await response.text(), await expected.text());
  }
});

test("what fetch has decoded no longer says how it came, and nothing else loses its coding", async () => {
  const fields = { "content-encoding": "gzip", "content-length": "28" };
  const site = router();
  site.get("/fetched", () => {
    return fetched(new Response("text", { headers: fields }), "http://h/x");
  });
  site.get("/immutable", () => {
    const response = new Response("text", { headers: fields });
    return immutable(fetched(response, "http://h/x"));
  });
  site.get("/plain", () => {
    const headers = { "content-length": "4" };
    return fetched(new Response("text", { headers }), "http://h/x");
  });
  site.get("/own", () => new Response("packed", { headers: fields }));
  const codingOf = async (path: string) => {
    const { headers } = await site.request(path);
    return [headers.get("content-encoding"), headers.get("content-length")];
  };
  assert.deepEqual(await codingOf("/fetched"), [null, null]);
  assert.deepEqual(await codingOf("/immutable"), [null, null]);
  assert.deepEqual(await codingOf("/plain"), [null, "4"]);
  assert.deepEqual(await codingOf("/own"), ["gzip", "28"]);
});

/** A response as fetch gives one, by its URL. */
function fetched(response: Response, url: string): Response {
  Object.defineProperty(response, "url", { value: url });
  return response;
}

/** A response whose header fields cannot be changed, as Deno has them. */
function immutable(response: Response): Response {
  const refuse = () => {
    throw new TypeError("Cannot change headers: headers are immutable");
  };
  for (const name of ["set", "append", "delete"]) {
    Object.defineProperty(response.headers, name, { value: refuse });
  }
  return response;
}

/** A response whose header fields cannot be set. */
function refusing(fault: Error): Response {
  const parts = { status: 203, statusText: "Kept", headers: { own: "0" } };
  const response = new Response("body", parts);
  const set = () => {
    throw fault;
  };
  Object.defineProperty(response.headers, "set", { value: set });
  return response;
}
