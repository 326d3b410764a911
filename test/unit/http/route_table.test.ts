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
    // what ends a path, or is no character of a segment as it is sent
    "/x?y", "/x?", "/%78", "/%", "/x#f", "/x y", " /x", "/x ", "/x\n", "/\\x",
    "/é", "/x\0", "/{id}", "/x|y", '/"', "/<x>", "/[x]", "/^",
  ];
  for (const path of bad) {
    assert.throws(() => new RouteTable().add("GET", path, "x"), {
      name: "TypeError",
      message:
        `Cannot add the route ${path}: its path is no pattern of segments.`,
    });
  }
});

test("every other character of a path segment can be registered and is found", () => {
  // deno-fmt-ignore
  const good = [
    "/", "/x", "/X/y/0", "/-._~!$&'()*+,;=@", "/get-user", "/a.b", "/*",
    "/constructor", "/__proto__", "/toString/x",
  ];
  for (const path of good) {
    const table = new RouteTable<string>();
    assert.equal(table.find(path), null);
    table.add("GET", path, "route");
    assert.deepEqual(found(table, path), ["route", []], path);
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
