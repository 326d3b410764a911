/**
 * The target of a request: the path and the query as they were sent, and the
 * Hosts that are accepted.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readTarget } from "../../../src/http/target.ts";
import { makeRequest, untyped, wireRequest } from "../../support/send.ts";

test("both runtimes keep the Host header of a Request that a test makes", () => {
  assert.equal(makeRequest("GET /x").headers.get("host"), "onejot.test");
});

test("a well-formed Host is accepted", () => {
  // deno-fmt-ignore
  const hosts = [
    // names
    "localhost", "a", "A.b-c_d.E", "127.0.0.1", "xn--e1afmkfd", "0", "a.", "-",
    "_",
    // with a port
    "h:80", "h:", "h:0", "h:99999",
    // IPv6
    "[::1]", "[::1]:80", "[::ffff:1.2.3.4]", "[ABC::]:",
  ];
  for (const host of hosts) {
    const target = readTarget(wireRequest("GET", `http://${host}/x?y`, host));
    assert.deepEqual(target, { path: "/x", query: "?y" }, host);
  }
});

test("a Host that is missing or malformed is refused, whatever the URL says", () => {
  // deno-fmt-ignore
  const hosts = [
    // names
    "", " ", "h ", " h", "a b", "a\tb", "a,b", "a, a", "h;", "h*", "é", "%41",
    "h%", "h\nx", "'", '"', "!", "$", "(h)",
    // with a path
    "h/", "h/x", "x/y?z", "localhost/x?y", "h?", "h#", "h\\x", "/x", "//h",
    "http://h", "a.b/../x",
    // with user information or a port
    "x@y", "u:p@h", "h:80:80", "h:123456", "h:8a", "h:-1", ":80", ":", "<h>",
    "{h}",
    // IPv6
    "[::1", "::1]", "::1", "[]", "[g::]", "[::1]x", "[::1]:x", "[::1%25e]",
    "[[::1]]",
  ];
  for (const host of hosts) {
    const headers = { get: () => host }; // Headers would trim or refuse some
    const request = untyped<Request>({ url: "http://h/x?y", headers });
    assert.equal(readTarget(request), null, host);
  }
  assert.equal(readTarget(wireRequest("GET", "http://h/x?y", null)), null);
});

test("a URL whose authority is malformed is refused, whatever the Host says", () => {
  // deno-fmt-ignore
  const urls = [
    "", "http://u:p@h/x", "http://h?x", "http://h?x/y", "http://h#/x",
    "http://h\\x/", "b:80", "abc", "http://h", "x:/b/c", "/x?y", "/x", "//",
    "http:///x", "http://a b/x", "http://h:123456/x", "http://[/x",
  ];
  for (const url of urls) {
    assert.equal(readTarget(wireRequest("GET", url, "h")), null, url);
  }
});

test("path and query are taken from the URL as they stand", () => {
  // deno-fmt-ignore
  const table: readonly (readonly [string, string, string])[] = [
    ["http://h/", "/", ""],
    ["http://other:99999/x", "/x", ""],
    ["https://[::1]:1/x?", "/x", "?"],
    ["http://h/x?y?z", "/x", "?y?z"],
    ["http://h/x??y", "/x", "??y"],
    ["http://h/x?/y//z", "/x", "?/y//z"],
    ["http://h//x//y/", "//x//y/", ""],
    ["http://h/a/../%2e/b", "/a/../%2e/b", ""],
    ["http://h/%78#f?g", "/%78#f", "?g"],
    ["http://h/http://u@i/x", "/http://u@i/x", ""],
    ["http://h/x\\y é", "/x\\y é", ""],
  ];
  for (const [url, path, query] of table) {
    const target = readTarget(wireRequest("GET", url, "h"));
    assert.deepEqual(target, { path, query }, url);
  }
});
