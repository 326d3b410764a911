/**
 * The address at the other end, by what the runtimes hand over behind the
 * request: Bun's Server, Deno's ServeHandlerInfo, a text, or anything else.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { router } from "../../../src/http/http.ts";
import { makeRequest, told } from "../../support/send.ts";

/** A router that answers with what it takes for the address. */
function echo() {
  const site = router();
  site.get("/", ({ remoteAddress }) => {
    return new Response(JSON.stringify(remoteAddress));
  });
  return site;
}

async function addressOver(connection: unknown): Promise<unknown> {
  const { fetch } = echo(); // without `this`
  const response = await fetch(makeRequest("GET /"), connection);
  return await response.json();
}

test("an address is read from Bun's server, from Deno's connection and from a text", async () => {
  class Server {
    readonly #address = "192.0.2.1";
    requestIP(request: Request): unknown {
      assert.equal(request.method, "GET");
      return { address: this.#address, family: "IPv4", port: 1 };
    }
  }
  class Info {
    get remoteAddr(): unknown {
      return { transport: "tcp", hostname: "2001:db8::1", port: 1 };
    }
  }
  const table: readonly (readonly [unknown, string])[] = [
    [new Server(), "192.0.2.1"],
    [new Info(), "2001:db8::1"],
    ["192.0.2.2", "192.0.2.2"],
  ];
  for (const [connection, address] of table) {
    assert.equal(await addressOver(connection), address);
  }
});

test("whatever else stands behind the request has no address", async () => {
  const others: readonly unknown[] = [
    undefined,
    null,
    0,
    5,
    true,
    Symbol("x"),
    () => "192.0.2.1",
    {},
    [],
    ["192.0.2.1"],
    Object.create(null),
    // the environment of a Worker
    { KEY: "secret", address: "192.0.2.1", hostname: "192.0.2.1" },
    { requestIP: null },
    { requestIP: "192.0.2.1" },
    { requestIP: () => null },
    { requestIP: () => undefined },
    { requestIP: () => "192.0.2.1" },
    { requestIP: () => ({ address: 5 }) },
    { requestIP: () => ({ address: { toString: () => "192.0.2.1" } }) },
    {
      requestIP: () => {
        throw new TypeError("Expected Request object");
      },
    },
    { remoteAddr: null },
    { remoteAddr: "192.0.2.1" },
    { remoteAddr: { transport: "unix", path: "/run/x.sock" } },
    { remoteAddr: { hostname: 5 } },
  ];
  for (const [index, connection] of others.entries()) {
    assert.equal(await addressOver(connection), null, String(index));
  }
});

test("clientAddress gives another address, and is told the one that is there", async () => {
  const site = router({
    clientAddress: (request, remoteAddress) => {
      const claimed = request.headers.get("x-client");
      return remoteAddress === "127.0.0.1" ? claimed : remoteAddress;
    },
  });
  site.get("/", ({ remoteAddress }) => new Response(remoteAddress));
  const ask = (connection: unknown) => {
    const headers = { "x-client": "192.0.2.7" };
    return told(site.fetch(makeRequest("GET /", { headers }), connection));
  };
  assert.equal(await ask("127.0.0.1"), "200 192.0.2.7");
  assert.equal(await ask("192.0.2.1"), "200 192.0.2.1");
  const local = { remoteAddr: { hostname: "127.0.0.1" } };
  assert.equal(await ask(local), "200 192.0.2.7");
  assert.equal(await ask(undefined), "200 ");
});

test("a clientAddress that throws is a fault of that request, and reaches no route", async () => {
  const faults: unknown[] = [];
  const fault = new Error("on purpose");
  const site = router({
    clientAddress: () => {
      throw fault;
    },
    onError: (error) => void faults.push(error),
  });
  site.get("/", () => new Response("reached"));
  const answer = await told(site.request("/"));
  assert.equal(answer, '500 {"message":"Internal server error"}');
  assert.deepEqual(faults, [fault]);
});
