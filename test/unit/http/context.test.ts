/**
 * The context of a request: the path and query as they were sent, the Hosts that are accepted, and
 * the members that are added.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { addMembers, Context } from "../../../src/http/context.ts";
import { makeRequest, untyped, wireRequest } from "../../support/send.ts";

/** The path and the query of a request; no path where it is refused. */
function read(request: Request): readonly [path: string, query: string] {
  const { path, query } = new Context(request, null, "id");
  return [path, String(query)];
}

const refused = ["", ""];

test("both runtimes keep the Host header of a Request that a test makes", () => {
  assert.equal(makeRequest("GET /x").headers.get("host"), "onejot.test");
});

test("a well-formed Host is accepted", () => {
  const names = [
    "localhost",
    "a",
    "A.b-c_d.E",
    "127.0.0.1",
    "xn--e1afmkfd",
    "0",
    "a.",
    "-",
    "_",
  ];
  const hosts = [
    "h:80",
    "h:",
    "h:0",
    "h:99999",
    "[::1]",
    "[::1]:80",
    "[::ffff:1.2.3.4]",
    "[ABC::]:",
  ];
  for (const host of [...names, ...hosts]) {
    const target = read(wireRequest("GET", `http://${host}/x?y`, host));
    assert.deepEqual(target, ["/x", "y="], host);
  }
});

test("a Host that is missing or malformed is refused, whatever the URL says", () => {
  const names = [
    "",
    " ",
    "h ",
    " h",
    "a b",
    "a\tb",
    "a,b",
    "a, a",
    "h;",
    "h*",
    "é",
    "%41",
    "h%",
  ];
  const paths = [
    "h/",
    "h/x",
    "x/y?z",
    "localhost/x?y",
    "h?",
    "h#",
    "h\\x",
    "/x",
    "//h",
    "http://h",
  ];
  const others = [
    "x@y",
    "u:p@h",
    "h:80:80",
    "h:123456",
    "h:8a",
    "h:-1",
    ":80",
    ":",
    "<h>",
    "{h}",
  ];
  const ipv6 = [
    "[::1",
    "::1]",
    "::1",
    "[]",
    "[g::]",
    "[::1]x",
    "[::1]:x",
    "[::1%25e]",
    "[[::1]]",
  ];
  const bad = [
    ...names,
    ...paths,
    ...others,
    ...ipv6,
    "h\nx",
    "a.b/../x",
    "'",
    '"',
    "!",
    "$",
    "(h)",
  ];
  for (const host of bad) {
    const headers = { get: () => host }; // Headers would trim or refuse some
    assert.deepEqual(
      read(untyped<Request>({ url: "http://h/x?y", headers })),
      refused,
      host,
    );
  }
  assert.deepEqual(read(wireRequest("GET", "http://h/x?y", null)), refused);
});

test("a URL whose authority is malformed is refused, whatever the Host says", () => {
  const urls = [
    "http://u:p@h/x",
    "http://h?x",
    "http://h?x/y",
    "http://h#/x",
    "http://h\\x/",
    "b:80",
    "abc",
    "http://h",
    "x:/b/c",
  ];
  const others = [
    "/x?y",
    "/x",
    "//",
    "http:///x",
    "http://a b/x",
    "http://h:123456/x",
    "http://[/x",
  ];
  for (const url of [...urls, ...others, ""]) {
    assert.deepEqual(read(wireRequest("GET", url, "h")), refused, url);
  }
});

test("path and query are taken from the URL as they stand", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ["http://h/", "/", ""],
    ["http://other:99999/x", "/x", ""],
    ["https://[::1]:1/x?", "/x", ""],
    ["http://h/x?y?z", "/x", "y%3Fz="],
    ["http://h/x??y", "/x", "%3Fy="],
    ["http://h/x?/y//z", "/x", "%2Fy%2F%2Fz="],
    ["http://h//x//y/", "//x//y/", ""],
    ["http://h/a/../%2e/b", "/a/../%2e/b", ""],
    ["http://h/%78#f?g", "/%78#f", "g="],
    ["http://h/http://u@i/x", "/http://u@i/x", ""],
    ["http://h/x\\y é", "/x\\y é", ""],
  ];
  for (const [url, path, query] of table) {
    assert.deepEqual(read(wireRequest("GET", url, "h")), [path, query]);
  }
});

test("a context parses the query when first asked, and once", () => {
  const context = new Context(
    makeRequest("GET /x?a=1&b=%26+&a=2&c"),
    "1.2.3.4",
    "id",
  );
  const { query } = context;
  assert.deepEqual([...query], [["a", "1"], ["b", "& "], ["a", "2"], [
    "c",
    "",
  ]]);
  assert.equal(context.query, query);
  assert.equal(context.path, "/x");
  assert.deepEqual([context.remoteAddress, context.requestId], [
    "1.2.3.4",
    "id",
  ]);
});

test("members are added to a context once, and stay as they are", () => {
  const context = new Context(makeRequest("GET /x"), null, "id");
  addMembers(context, { user: "a", none: undefined });
  assert.equal(Reflect.get(context, "user"), "a");
  assert.equal(Reflect.set(context, "user", "b"), false);
  for (const name of ["user", "none", "query", "path", "hasOwnProperty"]) {
    const message = `A middleware replaced the context's ${name}.`;
    const adds = Object.fromEntries([[name, "b"]]);
    assert.throws(() => addMembers(context, adds), {
      name: "TypeError",
      message,
    });
  }
  assert.equal(Reflect.get(context, "user"), "a");
  assert.deepEqual({ ...context, request: null }, {
    request: null,
    path: "/x",
    remoteAddress: null,
    requestId: "id",
    user: "a",
    none: undefined,
  });
});

test("a context names the route that answers once", () => {
  const context = new Context(makeRequest("GET /x"), null, "id");
  assert.equal(context.routePattern, null);
  context.enter("/:name");
  context.enter("/other");
  assert.equal(context.routePattern, "/:name");
  assert.equal(Reflect.set(context, "routePattern", "/other"), false);
});
