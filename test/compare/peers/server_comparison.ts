/**
 * The real server and the peers: each verifies the token of a login, and the
 * server shows the user to a token that a peer has made, and refuses a peer's
 * bad ones.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import {
  logIn,
  runOnejot,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { type Comparison, withChangedByte } from "./comparison.ts";

const email = "user@email.com";
const password = "correct horse battery staple";

/**
 * Starts a server with an account in that folder and adds two tallies to each
 * comparison.
 */
export async function compareServer(
  folder: string,
  comparisons: readonly Comparison[],
): Promise<void> {
  const variables = {
    JWT_SECRET: testSecret,
    DATABASE_URL: `sqlite:${join(folder, "accounts.sqlite")}`,
  };
  const { code, stderr } = await runOnejot(
    ["user", "add", email],
    variables,
    `${password}\n`,
  );
  if (code !== 0) throw new Error(`The account cannot be added: ${stderr}`);
  await withServer(variables, async (server) => {
    const token = await logIn(server, email, password);
    for (const comparison of comparisons) {
      await verifyLogin(comparison, token);
      await showUser(comparison, `${server.origin}/get-user`);
    }
  });
}

async function verifyLogin(
  comparison: Comparison,
  token: string,
): Promise<void> {
  const { peer } = comparison;
  const tally = comparison.tally("the server's login there");
  await tally.check("the login's token", async () => {
    const now = Date.now() / 1000;
    const { user_id: userId, exp } =
      await peer.verify(token, testSecret, null) ?? {};
    assert.equal(userId, 1);
    assert.ok(typeof exp === "number", "exp is no number");
    assert.ok(exp > now + 800 && exp <= now + 900, "exp is not in 900 s");
  });
  for (const partIndex of [0, 1, 2]) {
    await tally.check(
      `the login's token, part ${partIndex} changed`,
      async () => {
        assert.equal(
          await peer.verify(
            withChangedByte(token, partIndex),
            testSecret,
            null,
          ),
          null,
        );
      },
    );
  }
  await tally.check("the login's token and another secret", async () => {
    assert.equal(await peer.verify(token, `${testSecret}!`, null), null);
  });
}

async function showUser(comparison: Comparison, url: string): Promise<void> {
  const { peer } = comparison;
  const tally = comparison.tally("its tokens at the server");
  const exp = Math.floor(Date.now() / 1000) + 60;
  const signed = (
    claims = {},
    secret = testSecret,
    kid: string | null = null,
  ) => peer.sign({ user_id: 1, exp, ...claims }, secret, kid);
  const shown = {
    status: 200,
    body: { user: "User id=1: <user@email.com, is_admin=False>" },
  };
  const refused = { status: 400, body: { message: "Token is invalid" } };
  const rows: readonly (readonly [
    string,
    () => Promise<string>,
    typeof shown | typeof refused,
  ])[] = [
    ["alone", () => signed(), shown],
    ["behind Bearer", async () => `Bearer ${await signed()}`, shown],
    ["with a kid", () => signed({}, testSecret, "other"), shown],
    ["changed", async () => withChangedByte(await signed(), 2), refused],
    ["expired", () => signed({ exp: 1 }), refused],
    ["without exp", () => peer.sign({ user_id: 1 }, testSecret, null), refused],
    ["of nobody", () => signed({ user_id: 9 }), refused],
    ["of another secret", () => signed({}, `${testSecret}!`), refused],
  ];
  for (const [what, makeAuthorization, { status, body }] of rows) {
    await tally.check(`a token ${what}`, async () => {
      const headers = { authorization: await makeAuthorization() };
      const response = await fetch(url, { headers });
      assert.deepEqual(await response.json(), body);
      assert.equal(response.status, status);
    });
  }
}
