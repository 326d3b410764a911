/**
 * What a router prints of a fault that nobody takes, and what it never prints:
 * what came with the request, and what hangs on an error.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { router } from "../../../src/http/http.ts";
import { printedErrors } from "../../support/console.ts";
import { send } from "../../support/send.ts";

/** What is printed where a handler throws something. */
async function printed(
  thrown: unknown,
  line = "GET /users/1",
  init: RequestInit = {},
): Promise<string> {
  const site = router();
  site.get("/users/:id", () => Promise.reject(thrown));
  site.post("/users/:id", () => Promise.reject(thrown));
  site.get("/fixed/path", () => Promise.reject(thrown));
  const [text = "", ...others] = await printedErrors(async () => {
    assert.equal((await send(site, line, init)).status, 500);
  });
  assert.deepEqual(others, []);
  return text;
}

test("a fault is printed with its method, its path and its stack", async () => {
  const text = await printed(new TypeError("x is no y"));
  const [first, second = ""] = text.split("\n");
  assert.equal(first, "GET /users/:id: TypeError: x is no y");
  assert.match(second, /^ {4}at .*print_fault\.test\.ts:\d+/);
  const fixed = await printed(new Error("x"), "GET /fixed/path");
  assert.match(fixed, /^GET \/fixed\/path: Error: x\n/);
});

test("the causes of a fault are printed behind it, and no loop of them", async () => {
  const root = new RangeError("the root");
  const text = await printed(new Error("outer", { cause: root }));
  assert.match(
    text,
    /^GET \/users\/:id: Error: outer\n[^]*\n {4}caused by RangeError: the root\n/,
  );
  const loop = new Error("loop");
  loop.cause = loop;
  assert.equal((await printed(loop)).match(/Error: loop/g)?.length, 5);
});

test("nothing of the request but its method and the route's pattern is printed", async () => {
  const text = await printed(
    new Error("fault"),
    "POST /users/secret1?secret2=secret3",
    {
      body: "secret4",
      headers: { authorization: "Bearer secret5", cookie: "a=secret6" },
    },
  );
  assert.doesNotMatch(text, /secret/);
  assert.match(text, /^POST \/users\/:id: Error: fault\n/);
});

test("the members of an error are not printed", async () => {
  const error = Object.assign(new Error("fault"), {
    config: { headers: { authorization: "Bearer secret" } },
  });
  assert.doesNotMatch(await printed(error), /secret|config/);
});

test("what is thrown and is no Error is printed as what it is", async () => {
  const table: readonly (readonly [unknown, string])[] = [
    ["text", 'thrown: "text"'],
    [undefined, "thrown: [object Undefined], which is no Error"],
    [null, "thrown: [object Null], which is no Error"],
    [5, "thrown: [object Number], which is no Error"],
    [{ secret: 1 }, "thrown: [object Object], which is no Error"],
    [
      new Response("secret"),
      "a Response was thrown: return it, or throw an HttpError",
    ],
  ];
  for (const [thrown, told] of table) {
    assert.equal(await printed(thrown), `GET /users/:id: ${told}`);
  }
});

test("no message forges a line, or acts on a terminal", async () => {
  const message = "a\r\nGET /forged: Error\u001b[2J\u009b\u2028x";
  const lines = (await printed(new Error(message))).split("\n");
  assert.equal(lines[0], "GET /users/:id: Error: a\\u000d");
  assert.equal(
    lines[1],
    "    GET /forged: Error\\u001b[2J\\u009b\\u2028x",
  );
  for (const line of lines.slice(1)) assert.match(line, /^ {4}/);
});

test("an error without a stack is printed by its name and message", async () => {
  const error = new Error("fault");
  error.stack = "";
  assert.match(await printed(error), /^GET \/users\/:id: Error: fault/);
});

test("an error that cannot be read keeps no client from the answer", async () => {
  const error = new Error("fault");
  Object.defineProperty(error, "stack", {
    get: () => {
      throw new Error("unreadable");
    },
  });
  const site = router();
  site.get("/x", () => Promise.reject(error));
  assert.equal((await site.request("/x")).status, 500);
});
