/**
 * The rounds of router.ts on one runtime; prints the result as JSON.
 */

import { Hono } from "hono";
import { RegExpRouter } from "hono/router/reg-exp-router";
import assert from "node:assert/strict";
import process from "node:process";
import { router } from "../../../src/http/http.ts";
import { makeRows, type Result, type Runtime } from "./result.ts";

const [, , runtime, quick] = process.argv;
const [rounds, requests] = quick === "--quick" ? [3, 500] : [15, 20_000];

const site = router();
const hono = new Hono({ router: new RegExpRouter() });
for (let index = 0; index < 50; index++) {
  site.get(`/group${index}/:id`, ({ params }) => new Response(params.id));
  site.get(
    `/group${index}/:id/part/:name`,
    ({ params }) => new Response(params.id + params.name),
  );
  hono.get(
    `/group${index}/:id`,
    (context) => new Response(context.req.param("id")),
  );
  hono.get(`/group${index}/:id/part/:name`, (context) => {
    return new Response(context.req.param("id") + context.req.param("name"));
  });
}
const headers = { host: "localhost" };
const paths = Array.from({ length: 100 }, (_, index) => {
  return index % 2 === 0
    ? `/group${index / 2}/${index}`
    : `/group${(index - 1) / 2}/7/part/${index}`;
});
const asked = paths.map((path) =>
  new Request(`http://localhost${path}`, { headers })
);
const contenders = new Map<
  string,
  (request: Request) => Response | Promise<Response>
>([
  ["hono, RegExpRouter", (request) => hono.fetch(request)],
  ["onejot", (request) => site.fetch(request)],
]);

for (const fetch of contenders.values()) {
  for (const [index, request] of asked.entries()) {
    const expected = index % 2 === 0 ? `${index}` : `7${index}`;
    assert.equal(await (await fetch(request)).text(), expected);
  }
  const missing = new Request("http://localhost/group0", { headers });
  assert.equal((await fetch(missing)).status, 404);
}

const figures = new Map(
  [...contenders.keys()].map((name): [string, number[]] => [name, []]),
);
for (let round = -1; round < rounds; round++) { // the first warms up
  const order = [...contenders];
  if (round % 2 === 0) order.reverse();
  for (const [name, fetch] of order) {
    const start = performance.now();
    for (let count = 0; count < requests; count++) {
      const request = asked[count % asked.length];
      if (request !== undefined) await fetch(request);
    }
    const perSecond = requests / (performance.now() - start) * 1000;
    if (round >= 0) figures.get(name)?.push(perSecond);
  }
  process.stderr.write(".");
}
process.stderr.write("\n");

const result: Result = {
  question: "100 routes with parameters",
  runtime: runtime as Runtime,
  unit: "requests per second",
  rows: makeRows([...figures]),
};
console.log(JSON.stringify(result));
