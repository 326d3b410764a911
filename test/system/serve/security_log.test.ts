/**
 * What the running server writes of accounts and sessions: who logged in and
 * who failed, what came again, what was ended, and who did what to whom; and
 * that it started and stopped.
 */

import assert from "node:assert/strict";
import {
  password,
  send,
  tokensOf,
  withAccounts,
} from "../../support/client.ts";
import {
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";

const admin = "admin@example.org";
const bob = "bob@example.org";

type Line = Readonly<Record<string, unknown>>;

slowTest(
  "each login, each end of sessions and each act of an administrator is a line, by ids alone",
  async () => {
    await withAccounts([admin, bob], async ({ variables }) => {
      await withServer(variables, async (server) => {
        const ids = await actAsAll(server);
        assert.equal(await server.stop(), 0);
        const lines = linesOf(server);
        const events = lines.filter((line) => "event" in line);
        assert.deepEqual(events.map(withoutOrigin), expected);
        // Each belongs to a request, from an address.
        assert.deepEqual(events.map(({ id }) => id), ids);
        for (const { time, address } of events) {
          assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
          assert.equal(address, "127.0.0.1");
        }
        assert.doesNotMatch(JSON.stringify(events), /@|horse/);
      });
    });
  },
);

slowTest("start and stop are lines, and what stopped it", async () => {
  await withAccounts([admin], async ({ variables }) => {
    await withServer(variables, async (server) => {
      const { origin } = server;
      assert.equal(await server.stop(), 0);
      const messages = linesOf(server).map(({ level, message }) => {
        return [level, message];
      });
      assert.deepEqual(messages.map(([level]) => level).slice(1), [
        "info",
        "info",
      ]);
      const texts = messages.map(([, message]) => String(message));
      const [start = "", ...others] = texts;
      assert.ok(start.startsWith(`onejot listens on ${origin}`), start);
      assert.deepEqual(others, ["onejot stops: SIGTERM", "onejot has stopped"]);
    });
  });
});

const info = "info";
const warning = "warning";

// deno-fmt-ignore
const expected: readonly Line[] = [
  { level: info, event: "login", outcome: "right", user: 1 },
  { level: info, event: "login", outcome: "right", user: 2 },
  { level: warning, event: "login", outcome: "wrong", user: 2 },
  { level: warning, event: "login", outcome: "wrong", user: "none" },
  { level: warning, event: "login", outcome: "malformed", user: "none" },
  { level: info, event: "refresh", outcome: "repeated", user: 2 },
  { level: warning, event: "refresh", outcome: "reused", user: 2 },
  { level: info, event: "login", outcome: "right", user: 2 },
  { level: info, event: "password", user: 2 },
  { level: info, event: "logout", what: "everything", user: 2 },
  { level: info, event: "user_added", what: "is_admin=false", user: 3, by: 1 },
  { level: info, event: "user_changed", what: "is_admin=true, password", user: 3, by: 1 },
  { level: info, event: "logout", what: "session", user: 1 },
];

/** Does all that is logged, and gives the ids of the requests. */
async function actAsAll(server: ServerProcess): Promise<readonly string[]> {
  const ids: string[] = [];
  const act = async (...args: readonly [string, object]) => {
    const answer = await send(server, ...args);
    ids.push(answer.headers.get("x-request-id") ?? "");
    return answer;
  };
  const logIn = async (email: string, tried: string) => {
    return await act("POST /login", { form: { email, password: tried } });
  };
  const { token } = tokensOf(await logIn(admin, password));
  const first = tokensOf(await logIn(bob, password));
  await logIn(bob, "wrong");
  await logIn("nobody@example.org", "wrong");
  await act("POST /login", { form: { email: bob } });
  // A refresh that is as it should be is none of these lines.
  const form = { refresh_token: first.refreshToken };
  const second = tokensOf(await send(server, "POST /refresh", { form }));
  await act("POST /refresh", { form });
  await send(server, "POST /refresh", {
    form: { refresh_token: second.refreshToken },
  });
  await act("POST /refresh", { form });
  const again = tokensOf(await logIn(bob, password));
  const changed = tokensOf(
    await act("POST /password", {
      token: again.token,
      form: { password, new_password: "another horse" },
    }),
  );
  await act("POST /logout?everywhere=1", { token: changed.token });
  const json = { email: "eve@example.org", password: "a third horse" };
  await act("POST /users", { token, json });
  await act("PATCH /users/3", {
    token,
    json: { is_admin: true, password: "a fourth horse" },
  });
  await act("POST /logout", { token });
  return ids;
}

function linesOf({ output }: ServerProcess): readonly Line[] {
  return output.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function withoutOrigin(
  { time: _time, id: _id, address: _address, ...rest }: Line,
): Line {
  return rest;
}
