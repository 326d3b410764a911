/**
 * The front page is true: its commands serve, log in and make an
 * administrator, its example of the library compiles and runs, its picture is
 * of what was measured. So is what the start prints. Each command runs on the
 * runtime that it is written for.
 */

import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { picturesOf } from "../compare/bench/picture_table.ts";
import { readCorpus } from "../spec/conformance/corpus.ts";
import { slowTest, slowTestUnless } from "../support/slow_test.ts";
import { freePort } from "../support/port.ts";
import { testSecret } from "../support/server_process.ts";
import { withSource } from "../support/source.ts";
import { withFolder } from "../support/temp.ts";
import { until } from "../support/wait.ts";
import { blockOf, documentAt, root, rowsOf } from "./documents.ts";
import {
  isBun,
  isMissing,
  printedBy,
  shell,
  startShell,
  withTrial,
} from "./shell.ts";

const readme = documentAt("README.md");
const user = '{"user":"User id=1: <user@email.com, is_admin=False>"}';
const library = blockOf(readme, "ts");
const needsCurl = await isMissing("curl");
const needsHttpie = await isMissing("http");

slowTestUnless(
  needsCurl,
  "the README's first command serves, and its curl commands log in and show the user",
  async () => {
    await withTrial(async ({ origin, banner }) => {
      const commands = blockOf(readme, "sh")
        .replaceAll("http://127.0.0.1:8080", origin);
      const shown = JSON.parse(blockOf(readme, "json"));
      assert.deepEqual(JSON.parse(await shell(commands)), shown);
      assert.equal(JSON.stringify(shown), user);
      assert.match(banner, /keeps its accounts in\s+memory/);
    });
  },
);

slowTestUnless(
  needsCurl,
  "the banner's curl commands, pasted, log in and show the user",
  async () => {
    await withTrial(async ({ banner }) => {
      assert.equal(await shell(pasted(banner, "curl")), user);
    });
  },
);

slowTestUnless(
  needsHttpie,
  "the banner's HTTPie commands, pasted, log in and show the user",
  async () => {
    await withTrial(async ({ banner }) => {
      // Here standard input is no terminal, and HTTPie would take it for a
      // body.
      const commands = `http() { command http --ignore-stdin "$@"; }\n${
        pasted(banner, "http ")
      }`;
      assert.equal((await shell(commands)).trim(), user);
    });
  },
);

slowTest(
  "the README's production commands make an administrator who can log in",
  async () => {
    await withFolder(async (folder) => {
      const lines = blockOf(readme, "sh", isBun ? 1 : 2).trimEnd().split("\n");
      const serve = lines.pop() ?? "";
      assert.match(serve, isBun ? /^bun start$/ : /^\$onejot$/);
      const settings = "export HOST=127.0.0.1 PORT=0";
      const commands = [settings, ...lines, serve].join("\n")
        .replaceAll("onejot.sqlite", join(folder, "onejot.sqlite"));
      const program = startShell(commands);
      const port = await printedBy(
        program,
        /listens on http:\/\/127\.0\.0\.1:(\d+)/,
      );
      assert.match(
        await printedBy(program, /(Added user 1: .*)/),
        /ada@example\.org, an administrator/,
      );
      const login = await fetch(`http://127.0.0.1:${port}/login`, {
        method: "POST",
        body: new URLSearchParams({
          email: "ada@example.org",
          password: "correct horse battery staple",
        }),
      });
      const { token } = Object(await login.json());
      const response = await fetch(`http://127.0.0.1:${port}/get-user`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(
        await response.text(),
        '{"user":"User id=1: <ada@example.org, is_admin=True>"}',
      );
      await program.stop();
    });
  },
);

slowTest(
  "the README's library examples compile, run, and print what they say",
  async () => {
    for (const example of [library, blockOf(readme, "ts", 1)]) {
      const shown = example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm);
      const expected = [...shown].map(([, text]) => text);
      assert.ok(expected.length > 0);
      await withSource(example, {}, async ({ ended, output }) => {
        assert.equal(await ended, 0, output.stderr);
        assert.deepEqual(output.stdout.trim().split("\n"), expected);
      });
    }
  },
);

slowTest(
  "the README's line that serves the library example serves it",
  async () => {
    const call = new RegExp(
      `\`(${isBun ? "Bun" : "Deno"}\\.serve\\([^\`]*\\))\``,
    );
    const line = call.exec(readme.text)?.[1] ?? "";
    const onFreePort = isBun
      ? line.replace("{ ", "{ port: 0, ")
      : line.replace("(", "({ port: 0 }, ");
    const port = isBun ? "server.port" : "server.addr.port";
    const source = `${library}
const server = ${onFreePort};
const served = await fetch(\`http://localhost:\${${port}}/say/hi\`, { headers });
console.log(served.status, await served.text());
`;
    await withSource(source, {}, async (program) => {
      assert.equal(
        await printedBy(program, /^(\d+ \["hi".*)$/m),
        '200 ["hi","ada"]',
      );
    });
  },
);

slowTestUnless(
  needsCurl,
  "what a module exports, as the README has it, is served to a client that sends Bearer",
  async () => {
    assert.match(readme.text, /a module ends with `export default site`/);
    const source = `${library}
console.log(\`token \${token}\`);
export default site;
`;
    const port = await freePort();
    const command = isBun ? ["run"] : ["serve", `--port=${port}`];
    const env = { PORT: String(port) };
    await withSource(source, { command, env }, async (program) => {
      const [, token] = await program.untilPrinted(/token (\S+)/);
      const url = `http://127.0.0.1:${port}/say/hi`;
      const curl = "curl -s --retry 9 --retry-connrefused --retry-delay 1";
      const header = `"Authorization: Bearer ${token}"`;
      const answer = await shell(`${curl} -H ${header} ${url}`);
      assert.equal(answer, '["hi","ada"]');
    });
  },
);

slowTest(
  "the README's app serves own routes beside the login, and stops in order",
  async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    await withFolder(async (folder) => {
      const source = blockOf(readme, "ts", 2)
        .replace("port: 8080", `port: ${port}`)
        .replace("onejot.sqlite", join(folder, "onejot.sqlite"));
      const env = { JWT_SECRET: testSecret };
      await withSource(source, { env }, async (program) => {
        const status = async (path: string) => {
          const response = await fetch(origin + path).catch(() => null);
          await response?.text();
          return response?.status;
        };
        await until("it listens", async () => {
          assert.ok(program.isRunning(), program.output.stderr);
          return await status("/users") === 200;
        });
        assert.equal(await status("/me"), 401);
        assert.equal(await status("/secret"), 401);
        assert.equal(await status("/auth/healthz"), 200);
        assert.equal(await status("/healthz"), 404);
        assert.equal(await program.stop(), 0, program.output.stderr);
        assert.match(program.output.stdout, /"path":"\/auth\/healthz"/);
      });
    });
  },
);

// What Deno has instead: test/system/library/responses.test.ts
if (isBun) {
  slowTest(
    "the README's WebSocket echoes, and what is no WebSocket is told so",
    async () => {
      const source = blockOf(readme, "ts", 3)
        .replace("Bun.serve({", "Bun.serve({\n  port: 0,");
      const program = `${source}console.log("port", server.port);\n`;
      await withSource(program, {}, async (program) => {
        const port = await printedBy(program, /port (\d+)/);
        const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
        const echoed = await new Promise<unknown>((resolve) => {
          socket.onopen = () => socket.send("hello");
          socket.onmessage = ({ data }) => resolve(data);
          socket.onclose = () => resolve("closed");
        });
        assert.equal(echoed, "hello");
        socket.close();
        const response = await fetch(`http://127.0.0.1:${port}/echo`);
        assert.equal(response.status, 426);
        assert.equal(response.headers.get("upgrade"), "websocket");
      });
    },
  );
}

slowTest(
  "the dev task serves, and serves anew when a source file changes",
  async () => {
    await withFolder(async (folder) => {
      for (const name of ["src", "package.json", "deno.json"]) {
        cpSync(root + name, join(folder, name), { recursive: true });
      }
      // What the task runs, without the task between: a watcher that starts
      // anew misses signals.
      const { scripts } = JSON.parse(
        readFileSync(`${root}package.json`, "utf8"),
      );
      const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
      const command = String(isBun ? scripts.dev : tasks.dev);
      const program = startShell(
        `cd '${folder}' && export PORT=0 && exec ${command}`,
      );
      await printedBy(program, /(lists the settings)/);
      const file = join(folder, "src", "server", "start.ts");
      const source = readFileSync(file, "utf8");
      writeFileSync(file, source.replaceAll("onejot listens on", "changed:"));
      assert.match(
        await printedBy(program, /(changed: http:\/\/127\.0\.0\.1:\d+)/),
        /changed/,
      );
      await program.stop("SIGKILL");
    });
  },
);

test("the commands of the README's first table are tasks of both runtimes", () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  for (const name of ["start", "dev", "check"]) {
    assert.ok(scripts[name] && tasks[name], name);
  }
  assert.ok(tasks.test);
  assert.deepEqual(
    rowsOf(readme, "with").map(([, serve, tests]) => [serve, tests]),
    [
      ["`bun start`", "`bun test`"],
      ["`deno task start`", "`deno task test`"],
      ["`npx bun start`", "`npx bun test`"],
    ],
  );
});

test("the README's number of cases is that of the corpus", () => {
  const count = readCorpus(`${root}test/spec/vectors`).length;
  const figure = `all ${count.toLocaleString("en")} cases`;
  assert.ok(readme.text.replaceAll(/\s+/g, " ").includes(figure), figure);
});

test("the README's picture of speed says what was measured", () => {
  const file = `${root}test/compare/bench/results.json`;
  const pictures = picturesOf(JSON.parse(readFileSync(file, "utf8")));
  const picture = pictures.find(({ file }) => file === "verify");
  const link = `![${picture?.alt}](test/compare/bench/pictures/verify.svg)`;
  assert.ok(readme.text.includes(link), link);
});

/**
 * The two lines of the banner that begin at the one with `TOKEN=$(` and a
 * program.
 */
function pasted(banner: string, program: string): string {
  const lines = banner.split("\n").map((line) => line.trim());
  const start = lines.findIndex((line) =>
    line.startsWith(`TOKEN=$(${program}`)
  );
  assert.ok(start >= 0, banner);
  return lines.slice(start, start + 2).join("\n");
}
