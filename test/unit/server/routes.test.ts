/**
 * The routes of the server and the operator's guide's table of what a client
 * sees: the same, in the same order.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { recordRoutes } from "../../support/routes.ts";

/** Where the table is, from the repository's root. */
const tableFile = "src/server/README.md";

test("the table of what a client sees has each route of the server, in their order", () => {
  const pageFile = "GET /src/"; // a part of the page, which has one row
  const routes = recordRoutes({ page: true })
    .filter((route) => !route.startsWith(pageFile));
  assert.deepEqual(readTable(), routes);
});

test("without the page the server has no route for it nor for its files", () => {
  const page = /^GET \/(?:$|src\/)/;
  const routes = recordRoutes({ page: true });
  assert.ok(routes.filter((route) => page.test(route)).length > 10);
  assert.deepEqual(
    recordRoutes({ page: false }),
    routes.filter((route) => !page.test(route)),
  );
});

test("no route is hung twice", () => {
  const routes = recordRoutes({ page: true });
  assert.equal(new Set(routes).size, routes.length);
});

/** The routes in the first column of the table, such as `PATCH /users/:id`. */
function readTable(): readonly string[] {
  const url = new URL(`../../../${tableFile}`, import.meta.url);
  const text = readFileSync(url, "utf8");
  const [, section = ""] = text.split("## What a client sees\n");
  const [table = ""] = section.split("\n## ");
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  const route = /`((?:GET|POST|PUT|PATCH|DELETE) \/[^`?]*)/g;
  return rows.flatMap((row) => {
    const [, firstColumn = ""] = row.split("|");
    return [...firstColumn.matchAll(route)].map((match) => match[1] ?? "");
  });
}
