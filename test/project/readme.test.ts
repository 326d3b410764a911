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
import { withFolder, withFolderAt } from "../support/temp.ts";
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
/** Inside the repository, so that "onejot/jwt" is found. */
const examples = `${root}test/.example-`;
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
  "the README's library example compiles, runs, and prints what it says",
  async () => {
    const example = blockOf(readme, "ts");
    await withFolderAt(examples, async (folder) => {
      const file = join(folder, "example.ts");
      writeFileSync(file, example);
      const run = isBun ? "bun" : "deno run --check --node-modules-dir=none";
      const expected = /console\.log\(.*\); \/\/ (.*)\n/.exec(example)?.[1];
      assert.equal((await shell(`${run} ${file}`)).trim(), expected);
    });
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
    await withFolderAt(examples, async (folder) => {
      const file = join(folder, "serve.ts");
      writeFileSync(
        file,
        `${blockOf(readme, "ts")}
const server = ${onFreePort};
const served = await fetch(\`http://localhost:\${${port}}/say/hi\`, {
  headers: { authorization: \`Bearer \${token}\` },
});
console.log(served.status, await served.text());
`,
      );
      const run = isBun
        ? "bun"
        : "deno run --allow-net --node-modules-dir=none";
      const program = startShell(`${run} ${file}`);
      assert.equal(
        await printedBy(program, /^(\d+ \["hi".*)$/m),
        '200 ["hi","ada"]',
      );
      await program.stop();
    });
  },
);

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
