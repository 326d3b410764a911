/**
 * An administrator who is stopped stays so: a request whose head has arrived
 * before, and whose body comes later, makes nothing any more. Nor does one that
 * has only waited for its hash.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import {
  password,
  send,
  startSession,
  withAccounts,
} from "../../support/client.ts";
import {
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";
import { pause } from "../../support/wait.ts";

const [ada, eve, bob] = [
  "ada@example.org",
  "eve@example.org",
  "bob@example.org",
];

const newAdministrator = JSON.stringify({
  email: "back@example.org",
  password,
  is_admin: true,
});

/** What Eve has begun to ask. */
const requests: readonly (readonly [line: string, body: string])[] = [
  ["POST /users", newAdministrator],
  ["PATCH /users/3", '{"is_admin":true}'],
  ["PATCH /users/3", '{"password":"another horse of Eve"}'],
];

/** What Ada does meanwhile. */
const endings: Readonly<Record<string, object>> = {
  "is disabled": { is_disabled: true },
  "is made a user": { is_admin: false },
  "gets another password": { password: "a horse of Ada's choice" },
};

for (const [what, change] of Object.entries(endings)) {
  slowTest(
    `of an administrator who ${what}, no open request is carried out`,
    async () => {
      await withAccounts([ada, eve, bob], async ({ variables, dump }) => {
        await withServer(variables, async (server) => {
          const { token } = await startSession(server, ada);
          await send(server, "PATCH /users/2", {
            token,
            json: { is_admin: true },
          });
          const { token: eves } = await startSession(server, eve);
          const open = await Promise.all(requests.map(([line, body]) => {
            return beginRequest(server, { line, body, token: eves });
          }));
          const stopped = await send(server, "PATCH /users/2", {
            token,
            json: change,
          });
          assert.equal(stopped.status, 200);
          const before = dump();
          for (const finish of open) {
            assert.match(await finish(), /^HTTP\/1\.1 400 /);
          }
          assert.equal(dump(), before);
        });
      });
    },
  );
}

/** Sends a request but for the end of its body, which the function sends. */
async function beginRequest(
  { port }: ServerProcess,
  { line, body, token }: {
    readonly line: string;
    readonly body: string;
    readonly token: string;
  },
): Promise<() => Promise<string>> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const head = [
    `${line} HTTP/1.1`,
    "Host: localhost",
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    `Authorization: Bearer ${token}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, 10)}`);
  // Until the server has looked at the token.
  await pause(200);
  return async () => {
    let answer = "";
    socket.on("data", (chunk) => answer += chunk);
    socket.write(body.slice(10));
    await once(socket, "close");
    return answer;
  };
}
