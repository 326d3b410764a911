/**
 * A router and an app, served as people first write it: `fetch` handed to the
 * runtime as it is, and the router as what a module exports. The address of a
 * client arrives, so that throttling tells clients apart.
 */

import assert from "node:assert/strict";
import { request } from "node:http";
import { freePort } from "../../support/port.ts";
import type { Program } from "../../support/process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { isBun, withSource } from "../../support/source.ts";
import { until } from "../../support/wait.ts";

const echo = `
import { json, router } from "onejot/http";

const site = router();
site.get("/", ({ remoteAddress, path }) => json([remoteAddress, path]));
site.get("/throw", () => {
  throw new Error("on purpose");
});
`;

/** The app, with two accounts; `site` is what `serve` calls it. */
const app = `
import { createApp } from "onejot/app";
import { createPasswordHasher, currentSecond, parseEmail } from "onejot/auth";
import { createLog } from "onejot/http";
import { generateKey } from "onejot/jwt";
import { openSqlite } from "onejot/sqlite";

const store = openSqlite(":memory:");
const cost = { scheme: "pbkdf2", iterations: 1000 } as const;
const passwords = createPasswordHasher({ store, ...cost });
for (const text of ["ada@example.org", "bob@example.org"]) {
  const email = parseEmail(text);
  if (email === null) throw new Error("This is an e-mail address.");
  const passwordHash = await passwords.hash("correct horse");
  const createdAt = currentSecond();
  await store.addUser({ email, isAdmin: false, passwordHash, createdAt }, null);
}
const site = createApp({
  store,
  key: await generateKey(),
  log: createLog((lines) => console.log(lines), "json"),
  passwordScheme: "pbkdf2",
  passwordIterations: 1000,
});
`;

/** Serves what a program calls `site`, by the line that people write first. */
const serveIt = isBun
  ? `const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: site.fetch });
console.log("port", port);
`
  : `const server = Deno.serve({ hostname: "127.0.0.1", port: 0 }, site.fetch);
console.log("port", server.addr.port);
`;

/** The same, without what the runtime says of the connection. */
const serveWithoutAddress = serveIt.replace(
  "site.fetch",
  "(request: Request) => site.fetch(request)",
);

async function portOf(program: Program): Promise<number> {
  const [, port] = await program.untilPrinted(/port (\d+)/);
  return Number(port);
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
  /** On Linux all of 127.0.0.0/8 is this machine. */
  readonly localAddress?: string;
}

/** The status and the body of an answer. */
function ask(
  port: number,
  path: string,
  { method = "GET", body = "", localAddress = "127.0.0.1" }: Asked = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "content-length": String(body.length),
    };
    const options = { host: "127.0.0.1", port, path, method, localAddress };
    const asked = request({ ...options, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function logIn(port: number, user: string, { password, localAddress }: {
  readonly password: string;
  readonly localAddress: string;
}): Promise<string> {
  const form = { email: `${user}@example.org`, password };
  const body = String(new URLSearchParams(form));
  return ask(port, "/login", { method: "POST", body, localAddress });
}

slowTest(
  "a router's fetch, handed to the runtime as it is, knows the client's address",
  async () => {
    await withSource(echo + serveIt, {}, async (program) => {
      const port = await portOf(program);
      assert.equal(await ask(port, "/"), '200 ["127.0.0.1","/"]');
      const other = { localAddress: "127.0.0.7" };
      assert.equal(await ask(port, "/", other), '200 ["127.0.0.7","/"]');
    });
  },
);

slowTest(
  "what a handler throws is printed by a program that says nothing of it",
  async () => {
    await withSource(echo + serveIt, {}, async (program) => {
      const port = await portOf(program);
      assert.equal(
        await ask(port, "/throw?secret=1"),
        '500 {"message":"Internal server error"}',
      );
      const printed = /GET \/throw: Error: on purpose\n +at .*program\.ts/;
      await program.untilPrinted(printed);
      assert.doesNotMatch(program.output.stderr, /secret/);
    });
  },
);

slowTest(
  "a router that a module exports is served by the runtime's own command",
  async () => {
    const source = `${echo}export default site;\n`;
    const port = await freePort();
    const command = isBun
      ? ["run"]
      : ["serve", "--host=127.0.0.1", `--port=${port}`];
    const env = { PORT: String(port) }; // for Bun
    await withSource(source, { command, env }, async (program) => {
      await until("it answers", async () => {
        assert.ok(program.isRunning(), program.output.stderr);
        return await ask(port, "/").then(() => true, () => false);
      });
      // Bun listens on all addresses of IPv6, of which IPv4's are a part.
      assert.match(
        await ask(port, "/"),
        /^200 \["(?:::ffff:)?127\.0\.0\.1","\/"\]$/,
      );
    });
  },
);

slowTest(
  "an app that is served so cannot be locked for others by a stranger",
  async () => {
    await withSource(app + serveIt, {}, async (program) => {
      const port = await portOf(program);
      const own = { password: "correct horse", localAddress: "127.0.0.1" };
      const stranger = { password: "wrong", localAddress: "127.0.0.9" };
      for (let count = 0; count < 21; count++) {
        const answer = await logIn(port, `nobody${count}`, stranger);
        assert.match(answer, count < 20 ? /^400 / : /^429 /);
      }
      assert.match(await logIn(port, "ada", own), /^200 /);
      assert.match(await logIn(port, "bob", own), /^200 /);
      assert.match(await ask(port, "/metrics"), /^200 /);
      assert.doesNotMatch(program.output.stdout, /without the address/);
    });
  },
);

slowTest(
  "an app that is served without addresses says so once, and a stranger locks nobody else out",
  async () => {
    await withSource(app + serveWithoutAddress, {}, async (program) => {
      const port = await portOf(program);
      const own = { password: "correct horse", localAddress: "127.0.0.1" };
      const stranger = { password: "wrong", localAddress: "127.0.0.9" };
      for (let count = 0; count < 21; count++) {
        assert.match(await logIn(port, `nobody${count}`, stranger), /^400 /);
      }
      assert.match(await logIn(port, "ada", own), /^200 /);
      assert.match(await logIn(port, "bob", own), /^200 /);
      await program.untilPrinted(/"user":2/);
      const told = program.output.stdout.match(/without the address/g);
      assert.equal(told?.length, 1);
    });
  },
);
