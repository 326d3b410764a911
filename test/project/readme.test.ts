/**
 * The README is true: every command and example in it is run, on the runtime
 * that it is written for, and its tables say what the program says. A block
 * that no test runs fails the first test.
 */

import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { run, startProgram } from "../support/process.ts";
import { slowTest, slowTestUnless } from "../support/slow_test.ts";
import { withFolder, withFolderAt } from "../support/temp.ts";
import { settings } from "../../src/server/config.ts";
import { readCorpus } from "../spec/conformance/corpus.ts";
import { coverage } from "../spec/rfc/coverage.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");
const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```/gm)].map((
  [, language = "", text = ""],
) => ({
  language,
  text,
}));
const corpus = readCorpus(`${root}test/spec/vectors`);
const isBun = "Bun" in globalThis;
/** Inside the repository, so that "onejot/jwt" is found. */
const examples = `${root}test/.example-`;
const user = '{"user":"User id=1: <user@email.com, is_admin=False>"}';
const needsCurl = await isMissing("curl");
const needsHttpie = await isMissing("http");
const needsPyjwt = await fails(
  "/usr/bin/python3 -c 'import jwt'",
  "python3-jwt is not installed",
);

test("each block of the README is one that is run here", () => {
  assert.deepEqual(
    blocks.map(({ language, text }) => [language, text.split(/[ =\n]/, 1)[0]]),
    [
      ["sh", "TOKEN"], // the trial
      ["json", "{"], // its answer
      ["sh", "export"], // production with Bun
      ["sh", "export"], // production with Deno
      ["ts", "import"], // the library
      ["sh", "bun"], // accounts
      ["sh", "export"], // tokens
      ["text", "Well-formed"], // and what they print
      // The image, in test/system/image, as are the next one's lines.
      ["sh", "docker"],
      ["dockerfile", "FROM"],
      ["nginx", "map"], // in test/system/proxy, as are the next three
      ["caddy", "app.example.org"],
      ["yaml", "http:"], // Traefik, which is read there and not run
      ["yaml", "services:"],
      // Two servers, in test/system/postgres, as is the next one.
      ["yaml", "x-onejot:"],
      ["nginx", "upstream"],
      ["sh", "bun"], // the conformance suite
    ],
  );
});

slowTestUnless(
  needsCurl,
  "the README's first command serves, and its curl commands log in and show the user",
  async () => {
    await withTrial(async (origin, banner) => {
      const commands = block("sh", 0).replaceAll(
        "http://127.0.0.1:8080",
        origin,
      );
      assert.deepEqual(
        JSON.parse(await shell(commands)),
        JSON.parse(block("json", 0)),
      );
      assert.equal(JSON.stringify(JSON.parse(block("json", 0))), user);
      assert.match(banner, /keeps its accounts in\s+memory/);
    });
  },
);

slowTestUnless(
  needsCurl,
  "the banner's curl commands, pasted, log in and show the user",
  async () => {
    await withTrial(async (_origin, banner) => {
      assert.equal(await shell(pasted(banner, "curl")), user);
    });
  },
);

slowTestUnless(
  needsHttpie,
  "the banner's HTTPie commands, pasted, log in and show the user",
  async () => {
    await withTrial(async (_origin, banner) => {
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
      const own = block("sh", isBun ? 1 : 2).trimEnd().split("\n");
      const serve = own.pop() ?? "";
      assert.match(serve, isBun ? /^bun start$/ : /^\$onejot$/);
      const commands = [...own, `HOST=127.0.0.1 PORT=0 ${serve}`].join("\n")
        .replaceAll("onejot.sqlite", join(folder, "onejot.sqlite"));
      const { program, lines } = startShell(commands);
      const port = await lines(/listens on http:\/\/127\.0\.0\.1:(\d+)/);
      assert.match(
        await lines(/(Added user 1: .*)/),
        /ada@example\.org, an administrator/,
      );
      const body = new URLSearchParams({
        email: "ada@example.org",
        password: "correct horse battery staple",
      });
      const login = await fetch(`http://127.0.0.1:${port}/login`, {
        method: "POST",
        body,
      });
      const { token } = Object(await login.json());
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`http://127.0.0.1:${port}/get-user`, {
        headers,
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
  "the README's account commands show accounts and make a backup that works",
  async () => {
    await withFolder(async (folder) => {
      const onejot = isBun
        ? "bun src/main.ts"
        : "deno run --allow-all src/main.ts";
      const commands = block("sh", 3).replaceAll("bun src/main.ts", onejot)
        .replaceAll("onejot-backup.sqlite", join(folder, "backup.sqlite"));
      const printed = await shell(
        `export DATABASE_URL=sqlite:${
          join(folder, "onejot.sqlite")
        } PASSWORD_ITERATIONS=10000
echo "correct horse battery staple" | ${onejot} user add ada@example.org --admin
${commands}
DATABASE_URL=sqlite:${join(folder, "backup.sqlite")} ${onejot} user list`,
      );
      const [added, listed, backedUp, restored, ...others] = printed.trimEnd()
        .split("\n");
      assert.match(
        added ?? "",
        /^Added user 1: ada@example\.org, an administrator\.$/,
      );
      assert.match(
        listed ?? "",
        /^1 {2}ada@example\.org {2}since \d{4}-\S+Z {2}administrator$/,
      );
      assert.match(backedUp ?? "", /^Backed up to .*backup\.sqlite\.$/);
      assert.deepEqual([restored, others], [listed, []]);
    });
  },
);

slowTest("the README's token commands print what it shows", async () => {
  const onejot = isBun ? "bun src/main.ts" : "deno run --allow-env src/main.ts";
  const printed = await shell(
    block("sh", 4).replaceAll("bun src/main.ts", onejot),
  );
  const [now, other] = [printed, block("text", 0)].map((text) => {
    return text.replace(/\d{10}/g, "N").replace(/\d{4}-\S+ \S+ UTC/g, "T")
      .replace("1 second ago", "now"); // it takes a moment
  });
  assert.equal(now, other);
});

slowTest(
  "the README's library example compiles, runs, and prints what it says",
  async () => {
    const example = block("ts", 0);
    await withFolderAt(examples, async (folder) => {
      const file = join(folder, "example.ts");
      writeFileSync(file, example);
      const onRuntime = isBun
        ? "bun"
        : "deno run --check --node-modules-dir=none";
      const expected = /console\.log\(.*\); \/\/ (.*)\n/.exec(example)?.[1];
      assert.equal((await shell(`${onRuntime} ${file}`)).trim(), expected);
    });
  },
);

slowTest(
  "the README's line that serves the library example serves it",
  async () => {
    const line =
      new RegExp(`\`(${isBun ? "Bun" : "Deno"}\\.serve\\(.*\\))\``).exec(readme)
        ?.[1] ??
        "";
    const onFreePort = isBun
      ? line.replace("{ ", "{ port: 0, ")
      : line.replace("(", "({ port: 0 }, ");
    await withFolderAt(examples, async (folder) => {
      const file = join(folder, "serve.ts");
      const port = isBun ? "server.port" : "server.addr.port";
      writeFileSync(
        file,
        `${block("ts", 0)}
const server = ${onFreePort};
const served = await fetch(\`http://localhost:\${${port}}/say/hi\`, { headers: { authorization: token } });
console.log(served.status, await served.text());
`,
      );
      const onRuntime = isBun
        ? "bun"
        : "deno run --allow-net --node-modules-dir=none";
      const { program, lines } = startShell(`${onRuntime} ${file}`);
      assert.equal(await lines(/^(\d+ "hi, ada")$/m), '200 "hi, ada"');
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
      const { program, lines } = startShell(
        `cd '${folder}' && export PORT=0 && exec ${command}`,
      );
      await lines(/(lists the settings)/);
      const file = join(folder, "src", "server", "start.ts");
      writeFileSync(
        file,
        readFileSync(file, "utf8").replaceAll("onejot listens on", "changed:"),
      );
      assert.match(
        await lines(/(changed: http:\/\/127\.0\.0\.1:\d+)/),
        /changed/,
      );
      await program.stop("SIGKILL");
    });
  },
);

test("the README's settings are the ones that help shows, with their defaults", () => {
  const rows = [
    ...readme.matchAll(/^\| `([A-Z_]+)` +\| (.*?) +\| (.*?) +\|$/gm),
  ]
    .map(([, name, meaning, fallback]) => [name, meaning, fallback]);
  const shown = settings.map(({ name, meaning, fallback }) => {
    return [
      name,
      meaning.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
      fallback,
    ];
  });
  assert.deepEqual(rows, shown);
});

test("the commands of the README's first table are tasks of both runtimes", () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  for (const name of ["start", "dev", "check"]) {
    assert.ok(scripts[name] && tasks[name], name);
  }
  for (
    const command of [
      "bun start",
      "bun test",
      "deno task start",
      "deno task test",
    ]
  ) {
    assert.ok(readme.includes(`\`${command}\``), command);
  }
});

test("the commands in the README's last table are those that check.ts runs with --all", () => {
  const commands = [...readme.matchAll(/^\| `(bun test\/\S+\/\S+\.ts)` /gm)]
    .map(([, name]) => name);
  const check = readFileSync(`${root}test/check.ts`, "utf8");
  const run = [...check.matchAll(/"(bun test\/\w+\/\w+\/\S+\.ts)[ "]/g)].map((
    [, name],
  ) => name);
  assert.ok(commands.length > 3);
  assert.deepEqual(commands, [...new Set(run)]);
});

test("the README's reading list has each file of src/jwt", () => {
  const rows = [...readme.matchAll(/^\| `(src\/jwt\/\w+\.ts)` +\|/gm)];
  const files = readdirSync(`${root}src/jwt`).map((name) => `src/jwt/${name}`);
  assert.deepEqual(rows.map(([, file]) => file).sort(), files.sort());
});

test("the README's table of documents counts the rows of the coverage table", () => {
  const documentOf = (id: string) =>
    id.startsWith("OWASP") ? "OWASP" : id.slice(0, "RFC 7515".length);
  const documents = new Set(coverage.map(({ id }) => documentOf(id)));
  const ways = ["tested", "unsupported", "producer", "application"];
  const counted = [...documents].map((document) => {
    const rows = coverage.filter(({ id }) => documentOf(id) === document);
    const met = rows.map(({ met }) =>
      typeof met === "string" ? "tested" : met.because
    );
    return [
      document,
      rows.length,
      ...ways.map((way) => met.filter((found) => found === way).length),
    ];
  });
  const shown = [
    ...readme.matchAll(/^\| ((?:RFC \d{4}|OWASP) +(?:\| \d+ +)+)\|$/gm),
  ]
    .map(([, row = ""]) => row.split("|").map((cell) => cell.trim()))
    .map(([document, ...counts]) => [document, ...counts.map(Number)]);
  assert.deepEqual(shown, counted);
});

test("the README's figures of the corpus are those of its files", () => {
  const hardening = corpus.filter(({ level }) => level === "hardening").length;
  const [all, resting] = [corpus.length, corpus.length - hardening].map((n) =>
    n.toLocaleString("en")
  );
  const text = readme.replaceAll(/\s+/g, " ");
  const figures =
    `has ${all} cases for any language: ${resting} that rest on a sentence, ${hardening} `;
  assert.ok(text.includes(figures), figures);
});

slowTest(
  "the README's first command of the conformance suite passes on the module that it names",
  async () => {
    assert.ok(
      (await shell(conformance(0))).endsWith(
        `\n${corpus.length} passed, 0 failed\n`,
      ),
    );
  },
);

slowTestUnless(
  needsPyjwt,
  "the README's second command runs the conformance suite on PyJWT",
  async () => {
    const { program: { ended, output } } = startShell(conformance(1));
    await ended;
    const [, passed, failed, skipped] =
      /\n(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(output.stdout) ??
        [];
    assert.ok(Number(passed) > 700, output.stdout.slice(-500) + output.stderr);
    assert.equal(
      Number(passed) + Number(failed) + Number(skipped),
      corpus.length,
    );
  },
);

/**
 * A line of the block that runs the conformance suite, for the runtime that
 * runs this.
 */
function conformance(index: number): string {
  const line = block("sh", 6).split("\n")[index] ?? "";
  assert.match(line, /^bun test\/conformance\.ts --\w+ /);
  return isBun
    ? line
    : line.replace("bun", "deno run --allow-all --node-modules-dir=none");
}

function block(language: string, index: number): string {
  const found = blocks.filter((block) => block.language === language)[index]
    ?.text;
  assert.ok(found !== undefined, `${language} ${index}`);
  return found;
}

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

/** Starts the trial by the README's own command, on a free port. */
async function withTrial(
  use: (origin: string, banner: string) => Promise<void>,
): Promise<void> {
  const { program, lines } = startShell(
    `PORT=0 ${isBun ? "bun start" : "deno task start"}`,
  );
  const banner = await lines(/(onejot listens on [^]*lists the settings\.)/);
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(banner)?.[0] ?? "";
  try {
    await use(origin, banner);
  } finally {
    await program.stop();
  }
}

async function shell(commands: string): Promise<string> {
  const { program: { ended, output } } = startShell(commands);
  assert.equal(await ended, 0, output.stderr);
  return output.stdout;
}

/** Starts a shell; `lines` waits for a line, and gives the pattern's group. */
function startShell(commands: string) {
  const program = startProgram(["sh", "-c", commands], {
    cwd: root,
    env: { ...environment(), NO_COLOR: "1" },
    input: "",
    isGroup: true,
  });
  const lines = async (pattern: RegExp): Promise<string> => {
    const [, line = ""] = await program.untilPrinted(pattern);
    return line;
  };
  return { program, lines };
}

/** The runtime that runs the tests is found first. */
function environment(): Record<string, string> {
  const { PATH = "" } = process.env;
  return { PATH: `${join(process.execPath, "..")}:${PATH}` };
}

async function isMissing(program: string): Promise<string | false> {
  return await fails(`command -v ${program}`, `${program} is not installed`);
}

async function fails(command: string, reason: string): Promise<string | false> {
  const { code } = await run(["sh", "-c", command]);
  return code === 0 ? false : reason;
}
