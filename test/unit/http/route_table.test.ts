/**
 * The table of routes by itself: which patterns can be registered, and what is
 * found at a path.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RouteTable } from "../../../src/http/route_table.ts";

/**
 * What is found for GET, with its parameters and the raw segments that stand in
 * their places.
 */
function found(table: RouteTable<string>, path: string): unknown {
  const byMethod = table.find(path);
  if (byMethod === null) return null;
  const { route, places } = byMethod.get("GET") ?? {};
  const segments = path.split("/");
  return [
    route,
    [...places ?? []].map(([name, place]) => `${name} ${segments[place]}`),
  ];
}

test("a path that is no pattern of segments cannot be registered", () => {
  // deno-fmt-ignore
  const bad = [
    // slashes
    "", "x", "x/y", "*", "//", "/x/", "//x", "/x//y", "http://h/x",
    // parameters
    "/:", "/:/x", "/:1", "/:_", "/:a-b", "/a:b", "/:a:b", "/:a.b", "/:é",
    // rests
    "/:a*/x", "/:a*/:b", "/:a*/", "/:*", "/x:a*", "/:a**", "/:a*b", "/:a*/:b*",
    // dot segments
    "/.", "/..", "/./x", "/x/..", "/x/../y",
    // what ends a path, or is no character of a segment as it is sent
    "/x?y", "/x?", "/%78", "/%", "/x#f", "/x y", " /x", "/x ", "/x\n", "/\\x",
    "/é", "/x\0", "/{id}", "/x|y", '/"', "/<x>", "/[x]", "/^",
  ];
  for (const path of bad) {
    const table = new RouteTable();
    assert.throws(() => table.add("GET", path, "x"), (error) => {
      assert.ok(error instanceof TypeError);
      const start = `Cannot add the route ${path}: `;
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), /^[^:]+.*\.$/);
      return true;
    }, path);
  }
});

test("what other routers take is refused with a word on what to write", () => {
  const table: readonly (readonly [path: string, word: RegExp])[] = [
    ["*", /at the end, such as \/files\/:path\*/],
    ["/*", /such as \/files\/:path\*/],
    ["/static/*", /such as \/files\/:path\*/],
    ["/a/*/b", /such as \/files\/:path\*/],
    ["/a*", /such as \/files\/:path\*/],
    ["/:path*/edit", /it is the last segment/],
    ["/:id?", /one route with it and one without it/],
    ["/:lang?/about", /one route with it and one without it/],
    ["/:path+", /write :path\* at the end/],
    ["/:id{[0-9]+}", /check its value in the handler/],
    ["/:id(\\d+)", /check its value in the handler/],
    ["/(a|b)", /add a route for each path/],
    ["/x(/y)?", /add a route for each path/],
    ["/{id}", /such as \/users\/:id/],
    ["/users{/:id}?", /such as \/users\/:id|one route with it/],
    ["/users/[id]", /such as \/users\/:id/],
    ["/users/<int:id>", /such as \/users\/:id/],
    ["users", /write a slash before it/],
    ["", /write \/ for the root/],
    ["/users/", /leave out the slash/],
    ["//users", /leave out the slash/],
    ["http://localhost/x", /write the path alone/],
    ["/users?id", /the context's query/],
    ["/users#top", /is no part of a path/],
    ["/:a-:b", /a parameter is a whole segment/],
    ["/:id.json", /a parameter is a whole segment/],
    ["/v:version", /a parameter is a whole segment/],
    ["/:1", /a parameter is a whole segment/],
    ["/a%20b", /matched as it was sent/],
    ["/../x", /clients resolve/],
    ["/é", /write a parameter, which is decoded/],
  ];
  for (const [path, word] of table) {
    const add = () => new RouteTable().add("GET", path, "x");
    assert.throws(add, { name: "TypeError", message: word }, path);
  }
});

test("every other character of a path segment can be registered and is found", () => {
  // deno-fmt-ignore
  const good = [
    "/", "/x", "/X/y/0", "/-._~!$&',+;=@", "/get-user", "/a.b", "/...", "/.a",
    "/constructor", "/__proto__", "/toString/x",
  ];
  for (const path of good) {
    const table = new RouteTable<string>();
    assert.equal(table.find(path), null);
    table.add("GET", path, "route");
    assert.deepEqual(found(table, path), ["route", []], path);
  }
});

test("a rest takes all that is left behind a slash, also nothing", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/files/:path*", "rest");
  const rows: readonly (readonly [path: string, place: string])[] = [
    ["/files/", ""],
    ["/files/a", "a"],
    ["/files/a/b", "a/b"],
    ["/files/a/", "a/"],
    ["/files//", "/"],
  ];
  for (const [path, left] of rows) {
    const registered = table.find(path)?.get("GET");
    assert.deepEqual([registered?.route, registered?.rest], ["rest", "path"]);
    const place = registered?.places.get("path");
    assert.equal(path.split("/").slice(place).join("/"), left);
  }
  for (const path of ["/", "/files", "/file/", "/filesx/a", "//files/a"]) {
    assert.equal(table.find(path), null, path);
  }
});

test("a fixed segment wins over a parameter, both over a rest, and the deepest rest answers where they lead nowhere", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/:path*", "all");
  table.add("GET", "/a/:id", "parameter");
  table.add("GET", "/a/:path*", "below a");
  table.add("GET", "/a/b/c", "fixed");
  table.add("GET", "/a/:id/x/y", "long");
  const rows: Readonly<Record<string, string>> = {
    "/": "all",
    "/b": "all",
    "/a": "all",
    "/a/": "below a",
    "/a/1": "parameter",
    "/a/b": "below a", // the fixed segment is there, and no route ends at it
    "/a/b/c": "fixed",
    "/a/b/d": "below a",
    "/a/b/c/d": "below a",
    "/a/1/x/y": "long",
    "/a/1/x": "below a",
    "/a/b/x/y": "below a", // no second try with the parameter
    "//a/1": "all",
  };
  for (const [path, route] of Object.entries(rows)) {
    assert.equal(table.find(path)?.get("GET")?.route, route, path);
  }
});

test("a rest can be registered once for a method, whatever it is called", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/x/:a*", "get");
  table.add("POST", "/x/:b*", "post");
  table.add("GET", "/x/:a", "one");
  table.add("GET", "/x/:a/:b*", "deeper");
  assert.throws(() => table.add("GET", "/x/:b*", "again"), {
    name: "TypeError",
    message: "Cannot add the route GET /x/:b*: it is there already.",
  });
  assert.equal(table.find("/x/1/2")?.get("GET")?.route, "deeper");
  assert.equal(table.find("/x/")?.get("POST")?.route, "post");
});

test("what is mounted answers all that is below a path, and nothing else", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/api", "beside");
  table.mount("/api", "mounted");
  table.mount("/a/b", "deeper");
  table.add("GET", "/:x/y", "parameter");
  for (const path of ["/api/", "/api/y", "/api//", "/api/x/y"]) {
    assert.equal(table.findMounted(path), "mounted", path);
  }
  assert.equal(table.findMounted("/a/b/c"), "deeper");
  for (
    const path of ["/", "/api", "/apis", "/API/x", "//api/x", "/a", "/a/b"]
  ) {
    assert.equal(table.findMounted(path), null, path);
  }
  assert.deepEqual(found(table, "/api"), ["beside", []]);
});

test("what is mounted and a route do not share a place, whichever comes first", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/api/users/:id", "route");
  assert.throws(() => table.mount("/api", "mounted"), {
    name: "TypeError",
    message:
      "Cannot mount a router at /api: GET /api/users/:id is there already.",
  });
  table.mount("/apis/a", "mounted");
  for (const path of ["/apis/a/x", "/apis/a/:id", "/apis/a/:path*"]) {
    assert.throws(() => table.add("GET", path, "route"), {
      name: "TypeError",
      message:
        `Cannot add the route ${path}: a router is mounted at /apis/a, ` +
        "and answers all that is below.",
    });
    assert.equal(table.find(path), null);
  }
  for (const path of ["/apis", "/apis/a", "/apis/a/b"]) {
    assert.throws(() => table.mount(path, "again"), {
      name: "TypeError",
      message: `Cannot mount a router at ${path}: another one is mounted at ` +
        "/apis/a.",
    });
  }
  table.mount("/apis/ab", "beside");
});

test("a place to mount at is made of fixed segments", () => {
  // deno-fmt-ignore
  const bad = [
    "", "/", "api", "/api/", "/:id", "/a/:id", "/:path*", "/*", "//", "/a//b",
    "/..", "/a/./b", "/%61", "/a?b",
  ];
  for (const path of bad) {
    assert.throws(() => new RouteTable<string>().mount(path, "x"), {
      name: "TypeError",
      message:
        `Cannot mount a router at ${path}: write fixed segments, such as /api.`,
    });
  }
});

test("a parameter cannot be named twice in a path", () => {
  const table = new RouteTable<string>();
  for (const path of ["/:a/:a", "/:a/x/:b/:a"]) {
    const message = `Cannot add the route ${path}: a parameter is named twice.`;
    assert.throws(() => table.add("GET", path, "x"), {
      name: "TypeError",
      message,
    });
    assert.equal(table.find(path.replaceAll(":", "")), null);
  }
});

test("a method and a path can be registered once, whatever the parameters are called", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/x/:a", "first");
  table.add("POST", "/x/:b", "other method");
  for (const path of ["/x/:a", "/x/:b"]) {
    const message = `Cannot add the route GET ${path}: it is there already.`;
    assert.throws(() => table.add("GET", path, "second"), {
      name: "TypeError",
      message,
    });
  }
  assert.deepEqual(found(table, "/x/1"), ["first", ["a 1"]]);
});

test("a path leads to its route and to the values of its parameters, undecoded", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/:a/:b2/x/:c_d", "three");
  table.add("GET", "/:id", "one");
  table.add("GET", "/x/:id", "behind x");
  table.add("POST", "/p", "post");
  assert.deepEqual(found(table, "/1"), ["one", ["id 1"]]);
  assert.deepEqual(found(table, "/%2F"), ["one", ["id %2F"]]);
  assert.deepEqual(found(table, "/x/:id"), ["behind x", ["id :id"]]);
  const three = ["three", ["a 1", "b2 2", "c_d 3"]];
  assert.deepEqual(found(table, "/1/2/x/3"), three);
  assert.deepEqual(found(table, "/p"), [undefined, []]);
  // deno-fmt-ignore
  const nowhere = [
    "/", "/1/", "//", "/1/2", "/1/2/x", "/1/2/x/", "/1/2/X/3", "/1//x/3", "/x",
  ];
  for (const path of nowhere) assert.equal(found(table, path), null, path);
});

test("a route keeps the pattern with which it was registered, each method its own", () => {
  const table = new RouteTable<string>();
  table.add("GET", "/x/:a/y", "get");
  table.add("POST", "/x/:b/y", "post");
  const byMethod = table.find("/x/1/y");
  const patterns = [
    byMethod?.get("GET")?.pattern,
    byMethod?.get("POST")?.pattern,
  ];
  assert.deepEqual(patterns, ["/x/:a/y", "/x/:b/y"]);
});
