/**
 * The command line: what each command prints, and one clear line for each
 * thing that goes wrong.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { settings } from "../../../src/server/config.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  logIn,
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const cheap = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" };

slowTest(
  "key prints a fresh secret of 32 bytes, ready for JWT_SECRET",
  async () => {
    const first = await runOnejot(["key"]);
    const second = await runOnejot(["key"]);
    assert.match(first.stdout, /^[\w-]{43}\n$/);
    assert.notEqual(first.stdout, second.stdout);
    await withFolder(async (folder) => {
      const DATABASE_URL = `sqlite:${join(folder, "a.sqlite")}`;
      const variables = {
        ...cheap,
        JWT_SECRET: first.stdout.trim(),
        DATABASE_URL,
      };
      await withServer(variables, (server) => {
        assert.match(
          server.output.stdout,
          /there is no account yet: onejot user add EMAIL/,
        );
        return Promise.resolve();
      });
    });
  },
);

slowTest(
  "help lists every command and every setting with its default",
  async () => {
    for (const flag of ["--help", "-h"]) {
      const { code, stdout } = await runOnejot([flag]);
      assert.equal(code, 0);
      for (
        const word of ["serve", "user add EMAIL [--admin]", "key", "health"]
      ) {
        assert.ok(stdout.includes(word), word);
      }
      for (const { name, fallback } of settings) {
        assert.ok(
          stdout.includes(name) && stdout.includes(`[${fallback}]`),
          name,
        );
      }
    }
  },
);

slowTest(
  "what is not understood is one line that says what to do, and exit code 2",
  async () => {
    const rows: [string[], RegExp][] = [
      [
        ["sreve"],
        /^There is no command "sreve"; did you mean serve\? onejot --help lists them\.\n$/,
      ],
      [["--prot"], /^.*--help lists them\.\n$/],
      [["-xh"], /^There is no option -x: onejot --help lists them\.\n$/],
      [["--sub", "--json"], /^--sub needs a value behind it: onejot --help /],
      [["--json=yes"], /^--json takes no value: onejot --help lists the /],
      [["user", "add"], /^Usage: onejot user add EMAIL \[--admin\]\n$/],
      [
        ["user", "add", "a@b.c", "d"],
        /^Usage: onejot user add EMAIL \[--admin\]\n$/,
      ],
      [["key", "extra"], /^Usage: onejot key\n$/],
      [
        ["serve", "--admin"],
        /^onejot serve takes no --admin: see its --help\.\n$/,
      ],
    ];
    for (const [args, expected] of rows) {
      const { code, stdout, stderr } = await runOnejot(args);
      assert.equal(code, 2);
      assert.match(stderr, expected);
      assert.equal(stdout, "");
    }
  },
);

slowTest(
  "settings that cannot be used are told all at once, a line each, without their values",
  async () => {
    const { code, stdout, stderr } = await runOnejot([], {
      PORT: "80a",
      HOST: "",
      JWT_SECRET: "marked",
      DATABASE_URL: "mysql:marked",
      JWT_EXP_DELTA_SECONDS: "0",
      AUTH_STATUS: "marked",
      PASSWORD_HASH: "marked",
      PASSWORD_ITERATIONS: "1",
      PASSWORD_MIN_LENGTH: "1",
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    const lines = stderr.trimEnd().split("\n").sort();
    assert.deepEqual(lines.map((line) => line.split(" ")[0]), [
      "AUTH_STATUS",
      "DATABASE_URL",
      "HOST",
      "JWT_EXP_DELTA_SECONDS",
      "JWT_SECRET",
      "PASSWORD_HASH",
      "PASSWORD_ITERATIONS",
      "PASSWORD_MIN_LENGTH",
      "PORT",
    ]);
    assert.ok(!stderr.includes("marked"));
  },
);

slowTest("a port in use is one clear line and exit code 1", async () => {
  await withServer(cheap, async ({ port }) => {
    const { code, stderr } = await runOnejot([], {
      ...cheap,
      PORT: String(port),
    });
    assert.equal(code, 1);
    assert.equal(
      stderr,
      `Cannot listen on 127.0.0.1:${port}: PORT is in use, or HOST is not this machine's.\n`,
    );
  });
});

slowTest(
  "a database that cannot be used is one clear line and exit code 1",
  async () => {
    await withFolder(async (folder) => {
      writeFileSync(
        join(folder, "text.sqlite"),
        "this is a text, and no database at all".repeat(50),
      );
      mkdirSync(join(folder, "folder.sqlite"));
      for (const name of ["text.sqlite", "folder.sqlite", "missing/a.sqlite"]) {
        const path = join(folder, name);
        const variables = {
          ...cheap,
          JWT_SECRET: testSecret,
          DATABASE_URL: `sqlite:${path}`,
        };
        const { code, stdout, stderr } = await runOnejot([], variables);
        assert.equal(code, 1, name);
        assert.equal(stdout, "");
        assert.ok(
          stderr.startsWith(`Cannot use the database ${path}: `),
          stderr,
        );
        assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      }
    });
  },
);

slowTest(
  "the demo account never reaches a database or another machine",
  async () => {
    await withFolder(async (folder) => {
      const rows = [
        { DATABASE_URL: `sqlite:${join(folder, "a.sqlite")}` },
        { HOST: "0.0.0.0" },
        { HOST: "::" },
        { HOST: "example.org" },
        { HOST: "127.0.0.1.example.org" },
        { HOST: "localhost.example.org" },
        { HOST: "127.0.0.999" },
      ];
      for (const variables of rows) {
        const { code, stderr } = await runOnejot([], {
          ...variables,
          PORT: "0",
        });
        assert.equal(code, 1);
        assert.match(stderr, /JWT_SECRET/);
      }
    });
  },
);

slowTest(
  "user add makes an account that can log in, in a file for its owner alone",
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "users.sqlite");
      const variables = { ...cheap, DATABASE_URL: `sqlite:${path}` };
      const added = await runOnejot(
        ["user", "add", "Ada@Example.org"],
        variables,
        "pass phräse\n",
      );
      assert.deepEqual(added, {
        code: 0,
        stdout: "Added user 1: ada@example.org.\n",
        stderr: "",
      });
      assert.equal(statSync(path).mode & 0o777, 0o600);
      const again = await runOnejot(
        ["user", "add", "ada@example.org"],
        variables,
        "another one\n",
      );
      assert.equal(again.code, 1);
      assert.equal(
        again.stderr,
        "There is an account ada@example.org already.\n",
      );
      await withServer(
        { ...variables, JWT_SECRET: testSecret },
        async (server) => {
          assert.doesNotMatch(server.output.stdout, /no account yet/);
          assert.match(
            await logIn(server, "ada@example.org", "pass phräse"),
            /^eyJ/,
          );
        },
      );
    });
  },
);

slowTest(
  "user add refuses a bad address, a bad password or a missing database, and adds nothing",
  async () => {
    await withFolder(async (folder) => {
      const variables = {
        ...cheap,
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      };
      const rows: [string, string, Record<string, string>, RegExp][] = [
        ["ada", "long enough", variables, /^The e-mail address must look like/],
        [
          "a@b@c",
          "long enough",
          variables,
          /^The e-mail address must look like/,
        ],
        [
          "a@b.c",
          "short",
          variables,
          /^The password must have at least 8 characters\.\n$/,
        ],
        [
          "a@b.c",
          "",
          variables,
          /^The password must have at least 8 characters\.\n$/,
        ],
        [
          "a@b.c",
          "x".repeat(1025),
          variables,
          /^The password must not be longer than 1,024 bytes\.\n$/,
        ],
        [
          "a@b.c",
          "long enough",
          { ...variables, PASSWORD_MIN_LENGTH: "12" },
          /^The password must have at least 12 characters\.\n$/,
        ],
        [
          "a@b.c",
          "long enough",
          cheap,
          /^DATABASE_URL must say where the accounts are/,
        ],
      ];
      for (const [email, password, settings, expected] of rows) {
        const { code, stderr, stdout } = await runOnejot(
          ["user", "add", email],
          settings,
          password,
        );
        assert.equal(code, 1);
        assert.match(stderr, expected);
        assert.equal(stdout, "");
      }
      const added = await runOnejot(
        ["user", "add", "a@b.c", "--admin"],
        variables,
        "long enough",
      );
      assert.equal(added.stdout, "Added user 1: a@b.c, an administrator.\n");
    });
  },
);

slowTest(
  "health exits with 0 while the server answers, and with 1 when it does not",
  async () => {
    let port = 0;
    await withServer(cheap, async (server) => {
      port = server.port;
      const { code, stdout } = await runOnejot(["health"], {
        PORT: String(port),
      });
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "ok\n" });
      const any = await runOnejot(["health"], {
        PORT: String(port),
        HOST: "0.0.0.0",
      });
      assert.equal(any.code, 0);
    });
    const { code, stderr } = await runOnejot(["health"], {
      PORT: String(port),
    });
    assert.equal(code, 1);
    assert.equal(stderr, `http://127.0.0.1:${port}/healthz does not answer.\n`);
  },
);

slowTest(
  "health gives up on a server that accepts and says nothing",
  async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = Object(silent.address());
    const start = performance.now();
    const { code } = await runOnejot(["health"], {
      PORT: String(address.port),
    });
    assert.equal(code, 1);
    assert.ok(performance.now() - start < 10_000);
    silent.close();
  },
);

slowTest(
  "health asks the server itself, whatever proxy the environment names",
  async () => {
    await withServer(cheap, async ({ port }) => {
      const proxy = "http://127.0.0.1:9";
      const variables = {
        PORT: String(port),
        HTTP_PROXY: proxy,
        http_proxy: proxy,
      };
      assert.equal((await runOnejot(["health"], variables)).code, 0);
    });
  },
);

slowTest(
  "an IPv6 address is listened on, told and asked in brackets",
  async () => {
    await withServer({ ...cheap, HOST: "::1" }, async ({ port, output }) => {
      assert.ok(output.stdout.includes(`http://[::1]:${port}`));
      const { code } = await runOnejot(["health"], {
        HOST: "::1",
        PORT: String(port),
      });
      assert.equal(code, 0);
    });
  },
);

slowTest("a cost below what OWASP asks for is told at start", async () => {
  await withFolder(async (folder) => {
    const DATABASE_URL = `sqlite:${join(folder, "users.sqlite")}`;
    const rows = [
      [{ PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" }, "warning"],
      [{ PASSWORD_HASH: "pbkdf2" }, "info"],
      // Nothing is hashed by them.
      [{ PASSWORD_ITERATIONS: "10000" }, "info"],
    ] as const;
    for (const [settings, level] of rows) {
      const variables = { DATABASE_URL, JWT_SECRET: testSecret, ...settings };
      await withServer(variables, async ({ output }) => {
        const told = JSON.parse(output.stdout);
        assert.equal(told.level, level);
        assert.equal(
          told.message.includes("PASSWORD_ITERATIONS"),
          level === "warning",
        );
        await Promise.resolve();
      });
    }
  });
});

slowTest(
  "eight processes that start at once on no database at all each add their account",
  async () => {
    await withFolder(async (folder) => {
      const variables = {
        ...cheap,
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      };
      const runs = [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
        runOnejot(
          ["user", "add", `user${number}@b.c`],
          variables,
          "long enough",
        )
      );
      for (const { code, stderr } of await Promise.all(runs)) {
        assert.equal(code, 0, stderr);
      }
    });
  },
);

slowTest(
  "user add tells in one line that the database is locked by somebody else",
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "users.sqlite");
      const variables = {
        PASSWORD_HASH: "pbkdf2",
        PASSWORD_ITERATIONS: "10000000",
        DATABASE_URL: `sqlite:${path}`,
      };
      const adding = runOnejot(
        ["user", "add", "a@b.c"],
        variables,
        "long enough",
      );
      const isOpen = () =>
        existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
      while (!isOpen()) await new Promise((resolve) => setTimeout(resolve, 5));
      // Its schema is there, it hashes.
      await new Promise((resolve) => setTimeout(resolve, 100));
      const other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      const { code, stdout, stderr } = await adding;
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^Cannot use the database .*: database is locked\.\n$/,
      );
      other.exec("ROLLBACK");
      other.close();
    });
  },
);

slowTest(
  "a password that is piped in ends with its line, and must be UTF-8",
  async () => {
    await withFolder(async (folder) => {
      const variables = {
        ...cheap,
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      };
      const rows = [
        ["crlf@b.c", Buffer.from("long enough\r\nand more"), 0],
        ["cut@b.c", Buffer.from("long enough\u00e9").subarray(0, -1), 1],
        ["bytes@b.c", Buffer.from("long enough\xff\n", "latin1"), 1],
        ["endless@b.c", Buffer.alloc(100_000, "x"), 1],
      ] as const;
      for (const [email, input, expected] of rows) {
        const { code, stderr } = await runOnejot(
          ["user", "add", email],
          variables,
          input,
        );
        assert.equal(code, expected, email);
        assert.equal(stderr.split("\n").length, expected + 1, stderr);
      }
      await withServer(
        { ...variables, JWT_SECRET: testSecret },
        async (server) => {
          assert.match(await logIn(server, "crlf@b.c", "long enough"), /^eyJ/);
        },
      );
    });
  },
);

slowTest(
  "the secret comes from a file as well, without the newline at its end",
  async () => {
    await withFolder(async (folder) => {
      const secretFile = join(folder, "secret");
      writeFileSync(secretFile, `${testSecret}\n`);
      const database = {
        ...cheap,
        DATABASE_URL: `sqlite:${join(folder, "a.sqlite")}`,
      };
      await runOnejot(["user", "add", "a@b.c"], database, "long enough");
      let token = "";
      await withServer(
        { ...database, JWT_SECRET_FILE: secretFile },
        async (server) => {
          token = await logIn(server, "a@b.c", "long enough");
        },
      );
      await withServer(
        { ...database, JWT_SECRET: testSecret },
        async (server) => {
          const headers = { authorization: token };
          const response = await fetch(`${server.origin}/get-user`, {
            headers,
          });
          assert.equal(response.status, 200);
          await response.body?.cancel();
        },
      );
    });
  },
);
