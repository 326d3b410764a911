/**
 * Responses that a handler has not made itself, through every kind of
 * middleware, on the wire: redirects, what fetch has given, and upgrades to
 * WebSockets. On Deno their header fields cannot be changed.
 */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, request } from "node:http";
import { gzipSync } from "node:zlib";
import type { Program } from "../../support/process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { isBun, withSource } from "../../support/source.ts";

const source = `
import process from "node:process";
import {
  accessLog,
  createLog,
  HttpError,
  router,
  securityHeaders,
} from "onejot/http";

const upstream = process.env["UPSTREAM"];
const log = createLog((lines) => console.log(lines), "json");
const site = router({
  around: [accessLog(log), securityHeaders(), async (_context, next) => {
    const response = await next({});
    response.headers.set("x-around", "1");
    return response;
  }],
});
const guarded = site.use(async (_context, next) => {
  const response = await next({});
  response.headers.append("x-guard", "1");
  response.headers.delete("x-upstream");
  return response;
});
for (const view of [site, guarded]) {
  const start = view === site ? "/plain" : "/guarded";
  view.get(\`\${start}/redirect\`, () => Response.redirect("http://h/there", 307));
  view.get(\`\${start}/fetched/:name\`, ({ params, request }) => {
    const { method } = request;
    return fetch(\`\${upstream}/\${params.name}\`, { method, redirect: "manual" });
  });
}
`;

const sockets = isBun
  ? `
site.get("/echo", ({ request }) => {
  if (!server.upgrade(request)) throw new HttpError(426);
  return new Response(null, { status: 101 });
});
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: site.fetch,
  websocket: { message: (socket, text) => void socket.send(text) },
});
console.log("port", server.port);
`
  : `
site.get("/echo", ({ request }) => {
  if (request.headers.get("upgrade") === null) throw new HttpError(426);
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
const server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, site.fetch);
console.log("port", server.addr.port);
`;

/** What a server elsewhere answers, by the name in its path. */
function answer({ url }: IncomingMessage): {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly chunks: readonly (string | Uint8Array)[];
} {
  const packed = gzipSync("packed text");
  switch (url) {
    case "/packed":
      return {
        headers: {
          "content-encoding": "gzip",
          "content-length": String(packed.length),
        },
        chunks: [packed],
      };
    case "/pieces":
      return { chunks: ["one ", "two"] };
    case "/moved":
      return { status: 302, headers: { location: "/x" }, chunks: ["moved"] };
    case "/empty":
      return { status: 204, chunks: [] };
    case "/cookies":
      return { headers: { "set-cookie": ["a=1", "b=2"] }, chunks: ["cookies"] };
    default:
      return { headers: { "x-upstream": "1" }, chunks: ["text"] };
  }
}

/** Runs the program behind a server elsewhere. */
async function withProgram(
  use: (port: number, program: Program) => Promise<void>,
): Promise<void> {
  const upstream = createServer((request, response) => {
    const { status = 200, headers = {}, chunks } = answer(request);
    response.writeHead(status, headers);
    if (request.method !== "HEAD") {
      for (const chunk of chunks) response.write(chunk);
    }
    response.end();
  });
  await new Promise<void>((resolve) => {
    upstream.listen(0, "127.0.0.1", resolve);
  });
  const address = upstream.address();
  const port = typeof address === "object" ? address?.port : 0;
  const env = { UPSTREAM: `http://127.0.0.1:${port}` };
  try {
    await withSource(source + sockets, { env }, async (program) => {
      const [, own] = await program.untilPrinted(/port (\d+)/);
      await use(Number(own), program);
    });
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
}

interface Received {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  /** The bytes as they came, nothing decoded. */
  readonly text: string;
}

function ask(port: number, path: string, method = "GET"): Promise<Received> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, agent: false };
    const asked = request(options, (response) => {
      const { statusCode: status, headers } = response;
      let text = "";
      response.setEncoding("latin1");
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve({ status, headers, text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

slowTest(
  "redirects and what fetch has given pass every middleware, and arrive as they are",
  async () => {
    await withProgram(async (port, program) => {
      const table: readonly (readonly [string, number, string])[] = [
        ["redirect", 307, ""],
        ["fetched/text", 200, "text"],
        ["fetched/packed", 200, "packed text"],
        ["fetched/pieces", 200, "one two"],
        ["fetched/moved", 302, "moved"],
        ["fetched/empty", 204, ""],
        ["fetched/cookies", 200, "cookies"],
      ];
      for (const start of ["/plain/", "/guarded/"]) {
        for (const [path, status, text] of table) {
          const received = await ask(port, start + path);
          const { headers } = received;
          assert.equal(received.status, status, path);
          assert.equal(received.text, text, path);
          assert.equal(headers["x-around"], "1", path);
          assert.equal(headers["x-content-type-options"], "nosniff", path);
          assert.match(String(headers["x-request-id"]), /^[\da-f-]{36}$/);
          // Or a client would decode once more what fetch has decoded.
          assert.equal(headers["content-encoding"], undefined, path);
          const isGuarded = start === "/guarded/";
          assert.equal(headers["x-guard"], isGuarded ? "1" : undefined);
          if (isGuarded) assert.equal(headers["x-upstream"], undefined);
          const head = await ask(port, start + path, "HEAD");
          assert.deepEqual([head.status, head.text], [status, ""], path);
        }
      }
      const { headers } = await ask(port, "/guarded/redirect");
      assert.equal(headers.location, "http://h/there");
      const cookies = await ask(port, "/guarded/fetched/cookies");
      assert.deepEqual(cookies.headers["set-cookie"], ["a=1", "b=2"]);
      assert.equal(program.output.stderr.includes("Error"), false);
    });
  },
);

slowTest(
  "a WebSocket is opened through every middleware, and logged as 101",
  async () => {
    await withProgram(async (port, program) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
      const echoed = await new Promise<unknown>((resolve, reject) => {
        socket.onopen = () => socket.send("hello");
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = () => reject(new Error("The socket did not open."));
      });
      assert.equal(echoed, "hello");
      socket.close();
      await program.untilPrinted(/"path":"\/echo","status":101/);
      assert.equal((await ask(port, "/echo")).status, 426);
      await program.untilPrinted(/"path":"\/echo","status":426/);
      assert.equal(program.output.stderr.includes("Error"), false);
    });
  },
);
