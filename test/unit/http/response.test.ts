/**
 * Making responses: JSON with its length in bytes, and header fields on
 * responses that cannot be changed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { json, withHeaders } from "../../../src/http/http.ts";
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
