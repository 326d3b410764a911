/**
 * What the app can be made with, by texts and values alone: the options that
 * other tests do not look at by their names.
 * The vocabulary of these tests, such as `server.send(…)`, is that of
 * test/support/site.ts.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { makeServer } from "../../support/site.ts";

const root = new URL("../../../", import.meta.url);

test("addresses that cannot be read are a mistake, and the option is named", async () => {
  for (const name of ["trustedProxies", "metricsFrom"]) {
    for (const text of ["", "proxy.example.org", "10.0.0.0/0", "10.0.0.1,"]) {
      await assert.rejects(makeServer({ [name]: text }), {
        name: "TypeError",
        message: `Cannot make the app: ${name} must be addresses or CIDRs ` +
          "between commas.",
      }, `${name}: ${text}`);
    }
    await makeServer({ [name]: "10.0.0.0/8, 2001:db8::1" });
    await makeServer({ [name]: null });
  }
});

test("the page is shown where it is asked for, each of its files the same every time", async () => {
  const server = await makeServer({ page: true });
  const index = readFileSync(new URL("src/page/index.html", root), "utf8");
  for (let count = 0; count < 2; count++) {
    const page = await server.send("GET /");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(await page.text(), index);
    const script = await server.send("GET /src/jwt/key.ts");
    assert.equal(
      script.headers.get("content-type"),
      "text/javascript; charset=utf-8",
    );
    const text = await script.text();
    assert.match(text, /export/);
    assert.doesNotMatch(
      text,
      /^(?:export )?(?:interface|type) |^import type /m,
    );
  }
});

test("the page is not shown unless it is asked for", async () => {
  for (
    const server of [await makeServer(), await makeServer({ page: false })]
  ) {
    for (const path of ["/", "/src/jwt/key.ts", "/src/page/page.css"]) {
      assert.equal((await server.send(`GET ${path}`)).status, 404, path);
    }
  }
});
