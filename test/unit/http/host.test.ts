/**
 * Targets and Hosts over raw sockets, against the real server: whatever the
 * Host says, the path is that of the request line. Where the runtimes read a
 * target differently, the table has a column for each: Bun resolves targets as
 * a URL before we see them, Deno hands them over raw.
 */

import assert from "node:assert/strict";
import { slowTest } from "../../support/slow_test.ts";
import {
  sendRaw,
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";

const isBun = "Bun" in globalThis;
const ok = '200 {"status":"ok"}';
const notFound = '404 {"message":"Not found"}';
const badHost = '400 {"message":"The Host header is missing or malformed"}';
const bare400 = "400 "; // the runtime itself refuses
const notAllowed = '405 {"message":"Method not allowed"}';

/**
 * Sends a request line and header lines; the status and the body of what comes
 * back.
 */
async function exchange(
  server: ServerProcess,
  ...lines: readonly string[]
): Promise<string> {
  const answer = await sendRaw(
    server.port,
    [...lines, "Connection: close", "", ""].join("\r\n"),
  );
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return `${head.split(" ")[1]} ${body}`;
}

async function assertHealthy(server: ServerProcess): Promise<void> {
  assert.equal(await exchange(server, "GET /healthz HTTP/1.1", "Host: h"), ok);
}

slowTest("a Host is well-formed or refused, and names no path", async () => {
  await withServer({ PAGE: "off" }, async (server) => {
    // deno-fmt-ignore
    const good = [
      "localhost", "localhost:8080", "a_b.C-d", "[::1]:80", "h:", "h:99999",
      "..", "  h",
    ];
    for (const host of good) {
      assert.equal(
        await exchange(server, "GET /healthz HTTP/1.1", `Host: ${host}`),
        ok,
        host,
      );
      assert.equal(
        await exchange(server, "GET /no HTTP/1.1", `Host: ${host}`),
        notFound,
        host,
      );
    }
    // deno-fmt-ignore
    const bad = [
      "", "x/y?z", "a b", "x@y", "[::1", "h:123456", "h:80:80", ":80", "a,b",
      "h\\x", "é", "%41", "h?", "h#",
      // made so that the URL names another path
      "localhost/healthz?x", "localhost/healthz#", "h/healthz",
      "u:p@h/healthz?", "/healthz?", "//h/healthz",
    ];
    for (const host of bad) {
      for (const path of ["/healthz", "/no", "/", "/get-user"]) {
        const answer = await exchange(
          server,
          `GET ${path} HTTP/1.1`,
          `Host: ${host}`,
        );
        assert.equal(answer, badHost, `${path} ${host}`);
      }
    }
    await assertHealthy(server);
  });
});

slowTest("a request without Host, or with two, is refused", async () => {
  await withServer({ PAGE: "off" }, async (server) => {
    const line = "GET /healthz HTTP/1.1";
    assert.equal(await exchange(server, line), isBun ? bare400 : badHost);
    assert.equal(await exchange(server, "GET /healthz HTTP/1.0"), badHost);
    for (const other of ["b", "a", "localhost/healthz?"]) {
      const answer = await exchange(server, line, "Host: a", `Host: ${other}`);
      assert.equal(answer, isBun ? badHost : bare400);
    }
    const folded = await exchange(server, line, "Host: a", " b");
    assert.equal(folded, bare400);
    await assertHealthy(server);
  });
});

slowTest("a path is that of the request line", async () => {
  await withServer({ PAGE: "off" }, async (server) => {
    const table: readonly (readonly [string, string, string])[] = [
      // target, on Bun, on Deno
      ["/healthz", ok, ok],
      ["/healthz?x", ok, ok],
      ["/healthz?//x/../y#z", ok, ok],
      ["//healthz", notFound, notFound],
      ["//h/healthz", notFound, notFound],
      ["/healthz/", notFound, notFound],
      ["/%68ealthz", notFound, notFound],
      ["/HEALTHZ", notFound, notFound],
      ["/healthz#f", notFound, notFound],
      ["/healthz;x", notFound, notFound],
      ["/healthz%00", notFound, notFound],
      ["/healthz%2F", notFound, notFound],
      ["/http://h/healthz", notFound, notFound],
      // Bun resolves dot segments, escaped ones too,
      ["/a/../healthz", ok, notFound],
      ["/./healthz", ok, notFound],
      ["/a/%2e%2E/healthz", ok, notFound],
      ["/healthz/..", notFound, notFound],
      // and takes a backslash for a slash.
      ["/a\\..\\healthz", ok, notFound],
      ["/é", notFound, notFound],
      ["healthz", bare400, bare400],
      ["*", bare400, bare400],
      ["?x", bare400, bare400],
    ];
    for (const [target, onBun, onDeno] of table) {
      const answer = await exchange(
        server,
        `GET ${target} HTTP/1.1`,
        "Host: h",
      );
      assert.equal(answer, isBun ? onBun : onDeno, target);
    }
    await assertHealthy(server);
  });
});

slowTest(
  "an absolute target counts by its path, and with user information not on Deno",
  async () => {
    await withServer({ PAGE: "off" }, async (server) => {
      const table: readonly (readonly [string, string, string])[] = [
        // Bun drops the authority; Deno keeps it in the URL, where it must be
        // well-formed.
        ["http://other/healthz", ok, ok],
        ["https://other:99999/healthz?x", ok, ok],
        ["http://other/no", notFound, notFound],
        ["http://other//healthz", notFound, notFound],
        ["http://u:p@other/healthz", ok, badHost],
        ["http://u@other/healthz", ok, badHost],
        ["http://other?/healthz", notFound, badHost],
        ["http://other", notFound, notFound],
      ];
      for (const [target, onBun, onDeno] of table) {
        const answer = await exchange(
          server,
          `GET ${target} HTTP/1.1`,
          "Host: h",
        );
        assert.equal(answer, isBun ? onBun : onDeno, target);
        const refused = await exchange(
          server,
          `GET ${target} HTTP/1.1`,
          "Host: h/healthz?",
        );
        assert.equal(refused, badHost, target);
      }
      await assertHealthy(server);
    });
  },
);

slowTest(
  "HEAD, OPTIONS and methods without a route are answered over the wire",
  async () => {
    await withServer({ PAGE: "off" }, async (server) => {
      const raw = async (line: string) => {
        return await sendRaw(
          server.port,
          `${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
        );
      };
      const head = await raw("HEAD /healthz");
      assert.match(head, /^HTTP\/1.1 200 OK\r\n/);
      assert.match(head, /\r\ncontent-length: 15\r\n/i);
      assert.match(head, /\r\n\r\n$/);
      const options = await raw("OPTIONS /login");
      assert.match(options, /^HTTP\/1.1 204 No Content\r\n/);
      assert.match(options, /\r\nallow: OPTIONS, POST\r\n/i);
      // RFC 9110 §8.6.
      assert.equal(/\r\ncontent-length:/i.test(options), false);
      for (const method of ["TRACE", "POST", "PROPFIND"]) {
        const answer = await raw(`${method} /healthz`);
        assert.match(answer, /\r\nallow: GET, HEAD, OPTIONS\r\n/i);
        assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
        assert.equal(
          await exchange(server, `${method} /healthz HTTP/1.1`, "Host: h"),
          notAllowed,
        );
      }
      await assertHealthy(server);
    });
  },
);
