/**
 * Header fields for browsers: on every response, and never in the place of a
 * handler's own.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { json, router, securityHeaders } from "../../../src/http/http.ts";
import { send, told, wireRequest } from "../../support/send.ts";

const fields: readonly (readonly [string, string])[] = [
  ["cache-control", "no-store"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
];

function securedRouter() {
  const around = [securityHeaders()];
  const site = router({ around, onError: () => null });
  site.get("/x", () => new Response("x"));
  site.get("/throw", () => Promise.reject(null));
  site.get("/redirect", () => Response.redirect("http://h/there", 302));
  return site;
}

test("every response has the header fields, also errors and redirects", async () => {
  const site = securedRouter();
  const table: Readonly<Record<string, number>> = {
    "GET /x": 200,
    "HEAD /x": 200,
    "OPTIONS /x": 204,
    "GET /no": 404,
    "POST /x": 405,
    "GET /throw": 500,
    "GET /redirect": 302,
  };
  for (const [line, status] of Object.entries(table)) {
    const response = await send(site, line);
    assert.equal(response.status, status);
    for (const [name, value] of fields) {
      assert.equal(response.headers.get(name), value, line);
    }
  }
  const refused = await site.fetch(wireRequest("GET", "http://h/x", null));
  assert.equal(refused.status, 400);
  for (const [name, value] of fields) {
    assert.equal(refused.headers.get(name), value);
  }
});

test("exactly five header fields are added, and what was there stays", async () => {
  const site = securedRouter();
  site.get("/json", () => json({ a: 1 }, { headers: { "x-own": "1" } }));
  const response = await send(site, "GET /json");
  const names = [
    "content-length",
    "content-type",
    "x-own",
    ...fields.map(([name]) => name),
  ];
  assert.deepEqual([...response.headers.keys()].sort(), names.sort());
  assert.equal(await told(response), '200 {"a":1}');
  const redirect = await send(site, "GET /redirect");
  assert.equal(redirect.headers.get("location"), "http://h/there");
});

test("a header field that a handler has set stays as it is", async () => {
  const site = securedRouter();
  for (const [name] of fields) {
    site.get(
      `/${name}`,
      () => json({}, { headers: { [name.toUpperCase()]: "own" } }),
    );
    const response = await send(site, `GET /${name}`);
    for (const [other, value] of fields) {
      assert.equal(response.headers.get(other), other === name ? "own" : value);
    }
  }
});
