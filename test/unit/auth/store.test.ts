/**
 * What every store can rely on, wherever it is: no request is answered before
 * what it changes has been stored, so that whatever was acknowledged survives
 * the server.
 * The vocabulary of these tests, such as `server.ask(…)` or `server.logIn(…)`,
 * is that of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SqliteStore } from "../../../src/storage/sqlite.ts";
import {
  makeServer,
  password,
  type Sent,
  type Server,
} from "../../support/site.ts";
import { pause, until } from "../../support/wait.ts";

type Write = Exclude<keyof SqliteStore, "close">;

/**
 * A request and its status; the server has Ada, an administrator, whose token
 * this is.
 */
interface Acknowledged {
  readonly line: string;
  readonly sent: Sent;
  readonly status: number;
}

const login: Acknowledged = {
  line: "POST /login",
  sent: { form: { email: "ada@example.org", password } },
  status: 200,
};
const wrongLogin = {
  ...login,
  sent: { form: { email: "ada@example.org", password: "wrong" } },
};
const newPassword = { password, new_password: "another one" };

const table: readonly [
  Write,
  (server: Server) => Acknowledged | Promise<Acknowledged>,
][] = [
  ["countAttempt", () => ({ ...wrongLogin, status: 400 })],
  ["settleLogin", () => login],
  ["replacePasswordHash", () => login],
  ["addSession", () => login],
  [
    "rotateRefreshToken",
    async (server) => refreshBy(await server.logIn("ada@example.org"), 200),
  ],
  ["endSession", async (server) => {
    const first = await server.logIn("ada@example.org");
    await server.refresh(
      (await server.refresh(first.refreshToken)).refreshToken,
    );
    return refreshBy(first, 400); // spent long ago: ends its session
  }],
  ["endOwnSession", (server) => asAda(server, "POST /logout", {}, 204)],
  [
    "endAllSessions",
    (server) => asAda(server, "POST /logout?everywhere=1", {}, 204),
  ],
  ["endOwnSession", async (server) => {
    const { sid } = await server.logIn("ada@example.org");
    return asAda(server, `DELETE /sessions/${sid}`, {}, 204);
  }],
  [
    "changePassword",
    (server) => asAda(server, "POST /password", { form: newPassword }, 200),
  ],
  ["addUser", (server) => {
    return asAda(server, "POST /users", {
      json: { email: "bob@example.org", password },
    }, 201);
  }],
  [
    "changeUser",
    (server) =>
      asAda(server, "PATCH /users/1", { json: { is_admin: true } }, 200),
  ],
  [
    "forgetAttempts",
    (server) =>
      asAda(server, "PATCH /users/1", { json: { is_disabled: false } }, 200),
  ],
];

test("no request is answered before what it changes has been stored", async () => {
  for (const [name, prepare] of table) {
    let stored = Promise.resolve();
    let isAsked = false;
    const server = await makeServer({ passwordIterations: 2000 }, (store) => ({
      [name]: async (...args: readonly unknown[]) => {
        isAsked = true;
        await stored;
        return Reflect.apply(store[name], store, args);
      },
    }));
    await server.addUser("ada@example.org", {
      isAdmin: true,
      iterations: 1000,
    });
    const { line, sent, status } = await prepare(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    stored = promise;
    isAsked = false;
    let answered = 0;
    const answering = server.send(line, sent).then((response) =>
      answered = response.status
    );
    await until(`${name} is asked for ${line}`, () => isAsked);
    await pause(25);
    assert.equal(answered, 0, `${name} for ${line}`);
    resolve();
    await answering;
    assert.equal(answered, status, `${name} for ${line}`);
  }
});

test("an attempt that could not be checked is answered when it has been taken back", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = await makeServer({}, (store) => ({
    findLogin: async (asked) => {
      const found = await store.findLogin(asked);
      const { account } = found;
      if (account === null) return found;
      const broken = { ...account, passwordHash: "broken" as never };
      return { ...found, account: broken };
    },
    takeBackAttempt: async (...args) => {
      await promise;
      return await store.takeBackAttempt(...args);
    },
  }));
  await server.addUser("ada@example.org");
  let answered = 0;
  const answering = server.send(login.line, login.sent).then(({ status }) =>
    answered = status
  );
  await pause(25);
  assert.equal(answered, 0);
  resolve();
  await answering;
  assert.equal(answered, 500);
});

function refreshBy(
  { refreshToken }: { readonly refreshToken: string },
  status: number,
) {
  return {
    line: "POST /refresh",
    sent: { form: { refresh_token: refreshToken } },
    status,
  };
}

async function asAda(
  server: Server,
  line: string,
  sent: Sent,
  status: number,
): Promise<Acknowledged> {
  const { token } = await server.logIn("ada@example.org");
  return { line, sent: { ...sent, token }, status };
}
