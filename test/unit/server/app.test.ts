/**
 * What the app can be made with, by texts and values alone: the options that
 * other tests do not look at by their names. And what it says in its log of how
 * it is served.
 * The vocabulary of these tests, such as `server.send(…)`, is that of
 * test/support/site.ts.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Log, LogRecord } from "../../../src/http/http.ts";
import { told } from "../../support/send.ts";
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

/** A log that keeps what is a warning. */
function warningLog(): { readonly log: Log; readonly warnings: string[] } {
  const warnings: string[] = [];
  const write = ({ level, event, message }: LogRecord) => {
    const isPlain = event === undefined && level === "warning";
    if (isPlain) warnings.push(String(message));
  };
  return { log: { write, flush: () => {} }, warnings };
}

test("a login without its client's address is told once, with what to do, and nothing else is", async () => {
  const { log, warnings } = warningLog();
  const server = await makeServer({ log });
  await server.addUser("ada@example.org");
  for (const address of ["192.0.2.1", "::1", "192.0.2.1:80"]) {
    await server.tryPassword("ada@example.org", "wrong", { address });
    if (address !== "192.0.2.1:80") assert.deepEqual(warnings, []);
  }
  await server.send("GET /get-user", { address: null });
  await server.tryPassword("ada@example.org", "wrong", { address: null });
  await server.logIn("ada@example.org", { address: null });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /Bun\.serve\(\{ fetch: app\.fetch \}\)/);
});

test("the address is read from what a runtime hands over, behind proxies as well", async () => {
  const { log, warnings } = warningLog();
  const records: LogRecord[] = [];
  const both: Log = {
    write: (record) => {
      log.write(record);
      records.push(record);
    },
    flush: () => {},
  };
  const server = await makeServer({ log: both, trustedProxies: "127.0.0.1" });
  const connections = [
    { requestIP: () => ({ address: "127.0.0.1" }) },
    { remoteAddr: { hostname: "127.0.0.1" } },
    "127.0.0.1",
  ];
  for (const connection of connections) {
    const headers = { host: "h", "x-forwarded-for": "192.0.2.7" };
    const request = new Request("http://h/healthz", { headers });
    const answer = server.fetchOver(request, connection);
    assert.equal(await told(answer), '200 {"status":"ok"}');
    assert.equal(records.at(-1)?.["address"], "192.0.2.7");
  }
  assert.deepEqual(warnings, []);
});
