/**
 * The commands that work on accounts, on the same database as a server that
 * runs: what they print, what they refuse, and that the server knows at once.
 * And what stands between a proxy and the log.
 */

import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../../src/storage/sqlite.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  logIn,
  runOnejot,
  testSecret,
  type Variables,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const password = "correct horse";

/** A folder with a database that has an administrator and a user. */
async function withAdaAndBob(
  use: (variables: Variables, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const variables = {
      JWT_SECRET: testSecret,
      DATABASE_URL: `sqlite:${join(folder, "accounts.sqlite")}`,
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000",
    };
    for (const args of [["ada@example.org", "--admin"], ["bob@example.org"]]) {
      const { code, stderr } = await runOnejot(
        ["user", "add", ...args],
        variables,
        `${password}\n`,
      );
      assert.equal(code, 0, stderr);
    }
    await use(variables, folder);
  });
}

slowTest(
  "user list, disable and enable show and change what the running server does",
  async () => {
    await withAdaAndBob(async (variables) => {
      await withServer(variables, async (server) => {
        const token = await logIn(server, "bob@example.org", password);
        const status = async () => {
          const headers = { authorization: `Bearer ${token}` };
          return (await fetch(`${server.origin}/get-user`, { headers })).status;
        };
        assert.equal(await status(), 200);
        const disabled = await runOnejot(
          ["user", "disable", "BOB@example.org"],
          variables,
        );
        assert.equal(
          disabled.stdout,
          "bob@example.org is disabled, and its sessions ended.\n",
        );
        assert.equal(await status(), 400);
        const { stdout } = await runOnejot(["user", "list"], variables);
        const [ada = "", bob = "", ...others] = stdout.trimEnd().split("\n");
        assert.match(
          ada,
          /^1 {2}ada@example\.org {2}since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}administrator$/,
        );
        assert.match(bob, /^2 {2}bob@example\.org {2}since \S+Z {2}disabled$/);
        assert.deepEqual(others, []);
        const enabled = await runOnejot(
          ["user", "enable", "bob@example.org"],
          variables,
        );
        assert.equal(enabled.stdout, "bob@example.org is enabled.\n");
        assert.equal(await status(), 400); // the session has ended for good
        assert.ok(await logIn(server, "bob@example.org", password));
      });
    });
  },
);

slowTest(
  "user passwd sets the password, ends the sessions, and user sessions lists those there are",
  async () => {
    await withAdaAndBob(async (variables) => {
      await withServer(variables, async (server) => {
        const body = new URLSearchParams({
          email: "bob@example.org",
          password,
        });
        // CSI, which a terminal would obey.
        const headers = { "user-agent": "made\u009b2Jup" };
        await (await fetch(`${server.origin}/login`, {
          method: "POST",
          body,
          headers,
        })).text();
        const listed = await runOnejot(
          ["user", "sessions", "bob@example.org"],
          variables,
        );
        assert.match(
          listed.stdout,
          /^[\w-]{22} {2}since \S+Z {2}refreshed \S+Z {2}127\.0\.0\.1 {2}"made\?2Jup"\n$/,
        );
        const set = await runOnejot(
          ["user", "passwd", "bob@example.org"],
          variables,
          "other words\n",
        );
        assert.equal(
          set.stdout,
          "bob@example.org has a new password, and its sessions ended.\n",
        );
        const none = await runOnejot(
          ["user", "sessions", "bob@example.org"],
          variables,
        );
        assert.deepEqual([none.code, none.stdout], [0, ""]);
        await assert.rejects(logIn(server, "bob@example.org", password));
        assert.ok(await logIn(server, "bob@example.org", "other words"));
      });
    });
  },
);

for (const command of ["passwd", "enable"]) {
  slowTest(
    `user ${command} opens an account that was guessed at too often`,
    async () => {
      await withAdaAndBob(async (variables, folder) => {
        await withServer(variables, async (server) => {
          const email = "bob@example.org";
          const attempt = async (tried: string) => {
            const body = new URLSearchParams({ email, password: tried });
            const sent = { method: "POST", body };
            return (await fetch(`${server.origin}/login`, sent)).status;
          };
          assert.equal(await attempt("wrong"), 400);
          const database = new DatabaseSync(join(folder, "accounts.sqlite"));
          database.exec("UPDATE throttle SET failures = 100");
          database.close();
          assert.equal(await attempt(password), 429);
          const args = ["user", command, email];
          const ended = await runOnejot(args, variables, `${password}\n`);
          assert.equal(ended.code, 0, ended.stderr);
          // The address has failures of its own.
          const again = new DatabaseSync(join(folder, "accounts.sqlite"));
          const left = again.prepare("SELECT key FROM throttle").all();
          again.exec("DELETE FROM throttle");
          again.close();
          assert.deepEqual(left.map(({ key }) => key), ["address 127.0.0.1"]);
          assert.equal(await attempt(password), 200);
        });
      });
    },
  );
}

slowTest(
  "what cannot be done to an account is refused with the reason, and changes nothing",
  async () => {
    await withAdaAndBob(async (variables) => {
      const rows: [string[], string, number, string][] = [
        [
          ["user", "disable", "ada@example.org"],
          "",
          1,
          "is the last enabled administrator",
        ],
        [
          ["user", "disable", "eve@example.org"],
          "",
          1,
          "There is no account eve@example.org",
        ],
        [
          ["user", "passwd", "no address"],
          "",
          1,
          "There is no account no address",
        ],
        [
          ["user", "passwd", "bob@example.org"],
          "short\n",
          1,
          "The password must have at least 8",
        ],
        [
          ["user", "add", "bob@example.org"],
          "long enough\n",
          1,
          "There is an account bob",
        ],
        [["user", "sessions"], "", 2, "Usage: onejot user sessions EMAIL"],
        [["user", "list", "bob"], "", 2, "Usage: onejot user list"],
        [
          ["user", "disable", "bob@example.org", "--admin"],
          "",
          2,
          "onejot user disable takes no --admin",
        ],
        [["backup"], "", 2, "Usage: onejot backup FILE"],
      ];
      const before = (await runOnejot(["user", "list"], variables)).stdout;
      for (const [args, input, code, message] of rows) {
        const ended = await runOnejot(args, variables, input);
        assert.equal(ended.code, code, args.join(" "));
        assert.ok(ended.stderr.includes(message), ended.stderr);
        assert.equal(ended.stdout, "");
      }
      assert.equal(
        (await runOnejot(["user", "list"], variables)).stdout,
        before,
      );
    });
  },
);

slowTest(
  "a password that is piped in is the first line, in UTF-8 and not endless",
  async () => {
    const bytes = (text: string) =>
      Uint8Array.from(text, (character) => character.charCodeAt(0));
    await withAdaAndBob(async (variables) => {
      const rows: [Uint8Array, string][] = [
        [bytes("long eno\xffugh\n"), "The input is not UTF-8 text."],
        [bytes("long enough\xc3"), "The input is not UTF-8 text."],
        // A byte order mark, which does not count.
        [bytes("\xef\xbb\xbf1234567\n"), "The password must have at least 8"],
        [bytes("1234567\r\nlong enough"), "The password must have at least 8"],
        [bytes(""), "The password must have at least 8"],
        [bytes("password\n"), "The password is one of the commonest"],
        [bytes("example.org\n"), "The password must not be the e-mail"],
        [bytes("a".repeat(100_000)), "There is too much input for a password."],
      ];
      for (const [input, message] of rows) {
        const ended = await runOnejot(
          ["user", "add", "eve@example.org"],
          variables,
          input,
        );
        assert.equal(ended.code, 1, message);
        assert.ok(ended.stderr.startsWith(message), ended.stderr);
      }
      const added = await runOnejot(
        ["user", "add", "eve@example.org"],
        variables,
        "long enough",
      );
      assert.equal(added.stdout, "Added user 3: eve@example.org.\n");
    });
  },
);

slowTest(
  "a backup of a database in use has what was there, and no file is written over",
  async () => {
    await withAdaAndBob(async (variables, folder) => {
      const file = join(folder, "backup.sqlite");
      // As a server has it.
      const store = openSqlite(join(folder, "accounts.sqlite"));
      try {
        await store.copyTo(file);
      } finally {
        store.close();
      }
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const restored = await runOnejot(["user", "list"], {
        ...variables,
        DATABASE_URL: `sqlite:${file}`,
      });
      assert.equal(
        restored.stdout,
        (await runOnejot(["user", "list"], variables)).stdout,
      );
      const other = join(folder, "other");
      writeFileSync(other, "mine");
      const reopened = openSqlite(file);
      await assert.rejects(async () => await reopened.copyTo(other), /EEXIST/);
      reopened.close();
      assert.equal(statSync(other).size, 4);
      assert.ok(!existsSync(join(folder, "nowhere")));
    });
  },
);

slowTest(
  "the address in the log is the client's behind a trusted proxy, and a stranger's header is told once",
  async () => {
    const headers = { "x-forwarded-for": "198.51.100.7, 203.0.113.9" };
    for (const trusted of [true, false]) {
      const variables: Variables = trusted
        ? { TRUSTED_PROXIES: "127.0.0.1" }
        : {};
      await withServer(variables, async (server) => {
        for (let count = 0; count < 3; count++) {
          await (await fetch(`${server.origin}/healthz`, { headers })).text();
        }
        await server.stop();
        const addresses = [
          ...server.output.stdout.matchAll(/"address":"([^"]*)"/g),
        ];
        const expected = trusted ? "203.0.113.9" : "127.0.0.1";
        assert.deepEqual(addresses.map(([, address]) => address), [
          expected,
          expected,
          expected,
        ]);
        const notices = server.output.stdout.match(/not in TRUSTED_PROXIES/g) ??
          [];
        assert.equal(notices.length, trusted ? 0 : 1);
      });
    }
  },
);

slowTest(
  "readyz says whether the database answers, and healthz does not ask it",
  async () => {
    await withServer({}, async ({ origin }) => {
      for (const path of ["/readyz", "/healthz"]) {
        const response = await fetch(origin + path);
        assert.equal(response.status, 200);
        assert.deepEqual(await response.json(), { status: "ok" });
      }
    });
  },
);
