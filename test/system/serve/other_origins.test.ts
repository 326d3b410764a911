/**
 * What a page of another origin sends to a running server spends nobody's
 * attempts. `test/system/browser` does it with a real browser.
 */

import assert from "node:assert/strict";
import { saidByOtherOrigins } from "../../support/browser.ts";
import {
  password,
  send,
  startSession,
  withAccounts,
} from "../../support/client.ts";
import { withServer } from "../../support/server_process.ts";
import { slowTest } from "../../support/slow_test.ts";

const ada = "ada@example.org";
const refused = '403 {"message":"Send it from a page of this host"}';

slowTest(
  "whatever a page of another origin sends, a login of the same address is the first that counts",
  async () => {
    await withAccounts([ada], async ({ variables }) => {
      await withServer(variables, async (server) => {
        const { token, refreshToken } = await startSession(server, ada);
        const wrong = { password: "a guess", new_password: "another password" };
        for (const headers of saidByOtherOrigins(new URL(server.origin).host)) {
          const asked = async (route: string, sent: object) => {
            const answer = await send(server, route, { headers, ...sent });
            assert.equal(
              `${answer.status} ${answer.text}`,
              refused,
              `${route} ${JSON.stringify(headers)}`,
            );
          };
          // As many as the throttle lets nobody send.
          for (let count = 0; count < 33; count++) {
            const form = { email: ada, password: `guess ${count}` };
            await asked("POST /login", { form });
          }
          await asked("POST /password", { token, form: wrong });
          await asked("POST /logout", { token });
          await asked("POST /logout?everywhere=1", { token });
          const form = { refresh_token: refreshToken };
          await asked("POST /refresh", { form });
          await asked("POST /logout", { form });
        }
        assert.equal(
          (await send(server, "GET /get-user", { token })).status,
          200,
        );
        const form = { email: ada, password };
        const own = await send(server, "POST /login", { form });
        assert.equal(own.status, 200, own.text);
        const metrics = await send(server, "GET /metrics");
        const logins = metrics.text.match(/^onejot_logins_total.* [1-9]\d*$/gm);
        assert.deepEqual(logins, ['onejot_logins_total{outcome="right"} 2']);
      });
    });
  },
);
