/**
 * Sessions, throttling and administration over HTTP, with two server processes
 * on one database file: what one of them has answered holds in the other at
 * once.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { slowTest } from "../../support/slow_test.ts";
import { pause } from "../../support/wait.ts";
import {
  claimsOf,
  password,
  type Received,
  send,
  startSession,
  tokensOf,
  withAccounts,
  withServers,
} from "../../support/client.ts";
import { sendRaw, type ServerProcess } from "../../support/server_process.ts";

const [admin, ada, bob] = [
  "admin@example.org",
  "ada@example.org",
  "bob@example.org",
] as const;

slowTest(
  "a login answers with an access token, its lifetime and a refresh token, and is listed",
  async () => {
    await onTwoServers(async (a) => {
      const headers = { "user-agent": `browser ${"x".repeat(300)}` };
      const login = await send(a, "POST /login", {
        form: { email: ada, password },
        headers,
      });
      const { token, refreshToken, sid } = tokensOf(login);
      assert.deepEqual(Object.keys(login.body), [
        "token",
        "token_type",
        "expires_in",
        "refresh_token",
      ]);
      assert.equal(login.body["token_type"], "Bearer");
      assert.equal(login.body["expires_in"], 900);
      const { iat, exp, ...claims } = claimsOf(token);
      assert.equal(Number(exp) - Number(iat), 900);
      assert.deepEqual(claims, { sub: "2", user_id: 2, sid });
      assert.match(refreshToken, /^[\w-]{87}$/);
      const { body } = await send(a, "GET /sessions", { token });
      const [session, ...others] = body["sessions"] as Record<
        string,
        unknown
      >[];
      assert.equal(others.length, 0);
      const { created, refreshed, ...rest } = session ?? {};
      assert.equal(created, refreshed);
      assert.ok(
        Math.abs(Date.now() - Date.parse(String(created))) < 60_000,
        String(created),
      );
      const agent = `browser ${"x".repeat(248)}`;
      assert.deepEqual(rest, {
        id: sid,
        address: "127.0.0.1",
        agent,
        last_address: "127.0.0.1",
        last_agent: agent,
        current: true,
      });
    });
  },
);

slowTest(
  "a session that begins at one server is used, refreshed and ended at the other, at once",
  async () => {
    await onTwoServers(async (a, b) => {
      const login = await startSession(a, ada);
      await assertWorks(b, login.token);
      const refreshed = tokensOf(
        await send(b, "POST /refresh", {
          form: { refresh_token: login.refreshToken },
        }),
      );
      assert.equal(refreshed.sid, login.sid);
      assert.notEqual(refreshed.refreshToken, login.refreshToken);
      for (const server of [a, b]) {
        await assertWorks(server, login.token);
        await assertWorks(server, refreshed.token);
      }
      const logout = await send(a, "POST /logout", { token: login.token });
      assert.deepEqual([logout.status, logout.text], [204, ""]);
      for (const server of [b, a]) {
        await assertRefused(server, login.token);
        await assertRefused(server, refreshed.token);
        await assertRefreshRefused(server, refreshed.refreshToken);
      }
    });
  },
);

slowTest(
  "logging out by a refresh token, everywhere, and by a session's id ends what it names",
  async () => {
    await onTwoServers(async (a, b) => {
      const others = await startSession(a, bob);
      const [first, second, third, fourth] = [
        await startSession(a, ada),
        await startSession(b, ada),
        await startSession(a, ada),
        await startSession(b, ada),
      ] as const;
      const form = { refresh_token: first.refreshToken };
      assert.equal((await send(b, "POST /logout", { form })).status, 204);
      await assertRefused(a, first.token);
      const ended = await send(a, `DELETE /sessions/${second.sid}`, {
        token: third.token,
      });
      assert.equal(ended.status, 204);
      await assertRefused(b, second.token);
      await assertRefreshRefused(b, second.refreshToken);
      await assertWorks(b, fourth.token);
      assert.equal(
        (await send(a, "POST /logout?everywhere=1", { token: third.token }))
          .status,
        204,
      );
      for (const { token, refreshToken } of [third, fourth]) {
        await assertRefused(b, token);
        await assertRefreshRefused(b, refreshToken);
      }
      await assertWorks(b, others.token);
      await assertWorks(b, (await startSession(b, ada)).token);
    });
  },
);

slowTest(
  "a spent refresh token gives another successor until one is used, and then ends the session",
  async () => {
    await onTwoServers(async (a, b) => {
      const login = await startSession(a, ada);
      const refresh = (server: ServerProcess, token: string) =>
        send(server, "POST /refresh", { form: { refresh_token: token } });
      const second = tokensOf(await refresh(a, login.refreshToken));
      const again = tokensOf(await refresh(b, login.refreshToken));
      assert.notEqual(again.refreshToken, second.refreshToken);
      const third = tokensOf(await refresh(b, second.refreshToken));
      await assertWorks(a, third.token);
      await assertRefreshRefused(a, login.refreshToken);
      await assertRefused(b, third.token);
      await assertRefreshRefused(b, third.refreshToken);
    });
  },
);

slowTest(
  "of fifty who refresh one token at once, at both servers, no two go on",
  async () => {
    await onTwoServers(async (a, b) => {
      const { refreshToken, sid } = await startSession(a, ada);
      const form = { refresh_token: refreshToken };
      const answers = await fiftyTimes((index) =>
        send(index % 2 === 0 ? a : b, "POST /refresh", { form })
      );
      const given = answers.map(tokensOf);
      assert.deepEqual([...new Set(given.map((tokens) => tokens.sid))], [sid]);
      assert.equal(
        new Set(given.map((tokens) => tokens.refreshToken)).size,
        50,
      );
      for (const { token } of given) await assertWorks(b, token);
      const uses = await fiftyTimes((index) =>
        send(index % 2 === 0 ? b : a, "POST /refresh", {
          form: { refresh_token: given[index]?.refreshToken ?? "" },
        })
      );
      assert.ok(uses.filter(({ status }) => status === 200).length <= 1);
      for (const { token } of given) await assertRefused(b, token);
    });
  },
);

slowTest(
  "failed logins at one server throttle at the other, by account and address",
  async () => {
    const form = { email: ada, password };
    await inOneSecond(async (a, b) => {
      const failures = await times(5, () => logInWrongly(a, ada));
      const [atB, atA] = [
        await send(b, "POST /login", { form }),
        await send(a, "POST /login", { form }),
      ];
      const others = await send(b, "POST /login", {
        form: { email: bob, password },
      });
      const elsewhere = await logInFrom("127.0.0.2", b, ada);
      return () => {
        assert.deepEqual(failures, Array(5).fill(400));
        // For the right password, too.
        for (const { status, headers, body } of [atB, atA]) {
          assert.deepEqual([status, body], [429, {
            message: "Too many requests",
          }]);
          assert.equal(headers.get("retry-after"), "1");
        }
        assert.equal(others.status, 200);
        assert.equal(elsewhere, 200);
      };
    });
  },
);

slowTest(
  "when the wait is over the right password is taken again, at both servers",
  async () => {
    await onTwoServers(async (a, b) => {
      await times(5, () => logInWrongly(a, ada));
      await pause(2100);
      await startSession(b, ada);
      await startSession(a, ada);
      assert.deepEqual(
        await times(4, () => logInWrongly(b, ada)),
        Array(4).fill(400),
      );
      await startSession(a, ada); // what was right has cleared the count
    });
  },
);

slowTest(
  "failed logins for many accounts throttle their address, and no other",
  async () => {
    await inOneSecond(async (a, b) => {
      const failures = await times(20, (index) => {
        return logInWrongly(
          index % 2 === 0 ? a : b,
          `nobody${index}@example.org`,
        );
      });
      const form = { email: bob, password };
      const [atB, atA] = [
        await send(b, "POST /login", { form }),
        await send(a, "POST /login", { form }),
      ];
      const elsewhere = await logInFrom("127.0.0.3", b, bob);
      return () => {
        assert.deepEqual(failures, Array(20).fill(400));
        assert.deepEqual([atB.status, atA.status], [429, 429]);
        assert.equal(elsewhere, 200);
      };
    });
  },
);

slowTest(
  "wrong passwords at POST /password count as failed logins do",
  async () => {
    await inOneSecond(async (a, b) => {
      const { token } = await startSession(a, ada);
      const form = { password: "wrong", new_password: "another password" };
      const answers = await times(
        6,
        () => send(a, "POST /password", { token, form }),
      );
      const login = await send(b, "POST /login", {
        form: { email: ada, password },
      });
      const user = await send(b, "GET /get-user", { token });
      return () => {
        assert.deepEqual(answers.map(({ status }) => status), [
          400,
          400,
          400,
          400,
          400,
          429,
        ]);
        assert.equal(login.status, 429);
        assert.equal(user.status, 200);
      };
    });
  },
);

slowTest(
  "a changed password ends all sessions, begins one, and counts at the other server at once",
  async () => {
    await onTwoServers(async (a, b) => {
      const own = await startSession(a, ada);
      const other = await startSession(b, ada);
      const form = { password, new_password: "another password" };
      const begun = tokensOf(
        await send(a, "POST /password", { token: own.token, form }),
      );
      await assertWorks(b, begun.token);
      for (const ended of [own, other]) {
        await assertRefused(b, ended.token);
        await assertRefreshRefused(b, ended.refreshToken);
      }
      const old = await send(b, "POST /login", {
        form: { email: ada, password },
      });
      assert.deepEqual([old.status, old.body], [400, {
        message: "Wrong credentials",
      }]);
      await startSession(b, ada, { password: "another password" });
      tokensOf(
        await send(b, "POST /refresh", {
          form: { refresh_token: begun.refreshToken },
        }),
      );
    });
  },
);

slowTest(
  "what an administrator disables or gives a password at one server ends at the other",
  async () => {
    await onTwoServers(async (a, b) => {
      const { token } = await startSession(a, admin);
      const login = await startSession(b, ada);
      const others = await startSession(b, bob);
      const patch = (id: number, json: object) =>
        send(a, `PATCH /users/${id}`, { token, json });
      const disabled = await patch(2, { is_disabled: true });
      assert.deepEqual([disabled.status, disabled.body["is_disabled"]], [
        200,
        true,
      ]);
      await assertRefused(b, login.token);
      await assertRefreshRefused(b, login.refreshToken);
      const refused = await send(b, "POST /login", {
        form: { email: ada, password },
      });
      assert.deepEqual([refused.status, refused.body], [400, {
        message: "Wrong credentials",
      }]);
      assert.equal((await patch(2, { is_disabled: false })).status, 200);
      await assertRefused(b, login.token);
      await startSession(b, ada);
      assert.equal(
        (await patch(3, { password: "another password" })).status,
        200,
      );
      await assertRefused(b, others.token);
      await assertRefreshRefused(b, others.refreshToken);
      await startSession(b, bob, { password: "another password" });
    });
  },
);

slowTest(
  "what an administrator makes somebody holds at the other server at once",
  async () => {
    await onTwoServers(async (a, b) => {
      const { token } = await startSession(a, admin);
      const login = await startSession(b, ada);
      const list = () => send(b, "GET /users?limit=2", { token: login.token });
      assert.deepEqual((await list()).body, { message: "Administrators only" });
      const json = { is_admin: true };
      assert.equal(
        (await send(a, "PATCH /users/2", { token, json })).status,
        200,
      );
      const { status, body } = await list();
      assert.deepEqual([status, body["next"]], [200, 2]);
      const users = body["users"] as Record<string, unknown>[];
      assert.deepEqual(users.map(({ created: _created, ...rest }) => rest), [
        { id: 1, email: admin, is_admin: true, is_disabled: false },
        { id: 2, email: ada, is_admin: true, is_disabled: false },
      ]);
      const rest = await send(b, "GET /users?after=2", { token: login.token });
      assert.equal(rest.body["next"], null);
      const own = await send(b, "PATCH /users/2", {
        token: login.token,
        json: { is_admin: false },
      });
      assert.equal(own.status, 200);
      assert.equal((await list()).status, 403);
    });
  },
);

slowTest(
  "of fifty creations of one e-mail address at once, at both servers, one is 201, the rest 409",
  async () => {
    await onTwoServers(async (a, b) => {
      const { token } = await startSession(a, admin);
      const json = { email: "New@Example.org", password: "long enough" };
      const answers = await fiftyTimes((index) =>
        send(index % 2 === 0 ? a : b, "POST /users", { token, json })
      );
      const created = answers.filter(({ status }) => status === 201);
      assert.equal(
        created.length,
        1,
        answers.map(({ status }) => status).join(" "),
      );
      const [{ body, headers }] = created as [Received];
      assert.equal(headers.get("location"), `/users/${body["id"]}`);
      assert.equal(body["email"], "new@example.org");
      for (
        const { status, body } of answers.filter(({ status }) => status !== 201)
      ) {
        const message = "There is an account with this e-mail address";
        assert.deepEqual([status, body], [409, { message }]);
      }
      const { body: list } = await send(b, "GET /users", { token });
      assert.equal((list["users"] as unknown[]).length, 4);
      await startSession(b, "new@example.org", { password: "long enough" });
    });
  },
);

slowTest(
  "two servers, and four, that start at once on an empty database all come up",
  async () => {
    for (let attempt = 0; attempt < 6; attempt++) {
      await withAccounts([], async ({ variables }) => {
        await withServers(
          attempt % 2 === 0 ? 2 : 4,
          variables,
          async (servers) => {
            for (const server of servers) {
              assert.equal((await send(server, "GET /healthz")).status, 200);
              const { status } = await send(server, "POST /login", {
                form: { email: ada, password },
              });
              assert.equal(status, 400);
              assert.equal(server.output.stderr, "");
            }
          },
        );
      });
    }
  },
);

slowTest(
  "servers that start while somebody else begins an empty database wait until it is done",
  async () => {
    await withAccounts([], async ({ path, variables }) => {
      const other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      // SQLite would refuse to switch to WAL, at once.
      other.exec("CREATE TABLE other (id INTEGER)");
      const end = pause(700).then(() => {
        other.exec("COMMIT");
        other.close();
      });
      try {
        await withServers(2, variables, async (servers) => {
          for (const server of servers) {
            assert.equal((await send(server, "GET /readyz")).status, 200);
          }
        });
      } finally {
        await end;
      }
    });
  },
);

/**
 * Two servers on a database with three accounts; what they print must be
 * without faults.
 */
async function onTwoServers(
  use: (a: ServerProcess, b: ServerProcess) => Promise<void>,
): Promise<void> {
  await withAccounts([admin, ada, bob], async ({ variables }) => {
    await withServers(2, variables, async ([a, b]) => {
      assert.ok(a !== undefined && b !== undefined);
      await use(a, b);
      await pause(100); // the log is written in batches
      for (const { stdout, stderr } of [a.output, b.output]) {
        assert.equal(stderr, "");
        assert.doesNotMatch(stdout, /"level":"error"/);
      }
    });
  });
}

async function assertWorks(
  server: ServerProcess,
  token: string,
): Promise<void> {
  const { status, text } = await send(server, "GET /get-user", { token });
  assert.equal(status, 200, text);
}

async function assertRefused(
  server: ServerProcess,
  token: string,
): Promise<void> {
  const { status, body } = await send(server, "GET /get-user", { token });
  assert.deepEqual([status, body], [400, { message: "Token is invalid" }]);
}

async function assertRefreshRefused(
  server: ServerProcess,
  refreshToken: string,
): Promise<void> {
  const form = { refresh_token: refreshToken };
  const { status, body } = await send(server, "POST /refresh", { form });
  assert.deepEqual([status, body], [400, { message: "Token is invalid" }]);
}

function fiftyTimes<T>(act: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: 50 }, (_, index) => act(index)));
}

/**
 * Looks at something on two servers, and then checks what was seen. The first
 * wait of a throttle is the rest of a second: what was seen tells nothing if a
 * second has ended meanwhile.
 */
async function inOneSecond(
  look: (a: ServerProcess, b: ServerProcess) => Promise<() => void>,
): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    let isInTime = false;
    await onTwoServers(async (a, b) => {
      await pause(1000 - Date.now() % 1000);
      const second = Math.floor(Date.now() / 1000);
      const check = await look(a, b);
      isInTime = Math.floor(Date.now() / 1000) === second;
      if (isInTime) check();
    });
    if (isInTime) return;
  }
  throw new Error("This machine takes more than a second for some logins");
}

/** One after the other. */
async function times<T>(
  count: number,
  act: (index: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index++) results.push(await act(index));
  return results;
}

async function logInWrongly(
  server: ServerProcess,
  email: string,
): Promise<number> {
  return (await send(server, "POST /login", {
    form: { email, password: "wrong" },
  })).status;
}

/** Logs in, with the right password, from another address of this machine. */
async function logInFrom(
  localAddress: string,
  server: ServerProcess,
  email: string,
): Promise<number> {
  // Elsewhere it has no other address.
  if (process.platform !== "linux") return 200;
  const body = String(new URLSearchParams({ email, password }));
  const request =
    `POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
  const answer = await sendRaw(server.port, request + body, { localAddress });
  return Number(/^HTTP\/1.1 (\d{3}) /.exec(answer)?.[1]);
}
