/**
 * Rotation: the settings that src/server/README.md walks through, taken from it in
 * their order, on the real server, with one database.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { slowTest } from "../../support/slow_test.ts";
import {
  logIn,
  runOnejot,
  type ServerProcess,
  testSecret,
  type Variables,
  withServer,
} from "../../support/server_process.ts";
import { withFolder } from "../../support/temp.ts";

const password = "correct horse battery staple";
const email = "ada@example.org";
const secrets: Variables = {
  "<old>": testSecret,
  "<new>": `new:${testSecret}`, // a colon belongs to it
  "<newer>": `newer-${testSecret}`,
};
const operatorsPage = readFileSync(
  new URL("../../../src/server/README.md", import.meta.url),
  "utf8",
);
const section = /\n## Rotate the key\n([^]*?)\n##/.exec(operatorsPage)?.[1] ??
  "";
const [
  afterOne = "",
  afterThree = "",
  atLast = "",
  beforehand = "",
  ...others
] = [
  ...section.matchAll(/`JWT_SECRETS=(.*?)`/g),
].map(([, value = ""]) =>
  value.replaceAll(/<\w+>/g, (name) => secrets[name] ?? name)
);
const swapped = beforehand.split(",").reverse().join(",");
const beside = { JWT_SECRET: testSecret };

slowTest(
  "the operator's guide's three steps rotate an unnamed key and a named one, and log nobody out",
  async () => {
    assert.ok(atLast !== "" && others.length === 0);
    await withAccount(async (variables) => {
      let unnamed = "";
      await withServer({ ...variables, ...beside }, async (server) => {
        unnamed = await logIn(server, email, password);
        assert.equal(kidOf(unnamed), undefined);
        assert.equal(await statusOf(server, unnamed), 200);
      });
      let named = "";
      await withServer(
        { ...variables, ...beside, JWT_SECRETS: afterOne },
        async (server) => {
          assert.equal(await statusOf(server, unnamed), 200);
          named = await logIn(server, email, password);
          assert.equal(kidOf(named), "2027");
          assert.equal(await statusOf(server, named), 200);
        },
      );
      await withServer(
        { ...variables, JWT_SECRETS: afterOne },
        async (server) => {
          assert.equal(await statusOf(server, unnamed), 400);
          assert.equal(await statusOf(server, named), 200);
          assert.equal(kidOf(await logIn(server, email, password)), "2027");
        },
      );
      let newer = "";
      await withServer(
        { ...variables, JWT_SECRETS: afterThree },
        async (server) => {
          assert.equal(await statusOf(server, unnamed), 400);
          assert.equal(await statusOf(server, named), 200);
          newer = await logIn(server, email, password);
          assert.equal(kidOf(newer), "2028");
          assert.equal(await statusOf(server, newer), 200);
        },
      );
      await withServer(
        { ...variables, JWT_SECRETS: atLast },
        async (server) => {
          assert.equal(await statusOf(server, named), 400);
          assert.equal(await statusOf(server, newer), 200);
        },
      );
    });
  },
);

slowTest(
  "two servers that are restarted in turn, as the operator's guide says, accept each other's tokens",
  async () => {
    await withAccount(async (variables) => {
      const steps: [Variables, string | undefined][] = [
        [beside, undefined],
        [{ ...beside, JWT_SECRETS: beforehand }, "2026"],
        [{ ...beside, JWT_SECRETS: swapped }, "2027"],
      ];
      const tokens: string[] = [];
      for (const [index, [ahead, kid]] of steps.entries()) {
        const [behind] = steps[index - 1] ?? [ahead];
        await withServer({ ...variables, ...ahead }, async (one) => {
          await withServer({ ...variables, ...behind }, async (other) => {
            const token = await logIn(one, email, password);
            assert.equal(kidOf(token), kid);
            tokens.push(token, await logIn(other, email, password));
            for (const server of [one, other]) {
              for (const token of tokens) {
                assert.equal(await statusOf(server, token), 200);
              }
            }
          });
        });
      }
    });
  },
);

slowTest(
  "a token is refused when its kid names another key than the one that signed it",
  async () => {
    await withAccount(async (variables) => {
      let stray = "";
      const [first = "", second = ""] = afterThree.split(",");
      const mixed = `2027:${first.slice("2028:".length)}`;
      await withServer({ ...variables, JWT_SECRETS: mixed }, async (server) => {
        stray = await logIn(server, email, password);
      });
      for (const JWT_SECRETS of [afterThree, second, first]) {
        await withServer(
          { ...variables, ...beside, JWT_SECRETS },
          async (server) => {
            assert.equal(await statusOf(server, stray), 400);
          },
        );
      }
    });
  },
);

/** Hands on the settings of a database with one account. */
async function withAccount(
  use: (variables: Variables) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const DATABASE_URL = `sqlite:${join(folder, "users.sqlite")}`;
    const variables = {
      DATABASE_URL,
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000",
    };
    const { code, stderr } = await runOnejot(
      ["user", "add", email],
      variables,
      password,
    );
    assert.equal(code, 0, stderr);
    await use(variables);
  });
}

async function statusOf(server: ServerProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.origin}/get-user`, { headers });
  await response.body?.cancel();
  return response.status;
}

function kidOf(token: string): unknown {
  const [header = ""] = token.split(".", 1);
  return Object(JSON.parse(Buffer.from(header, "base64url").toString())).kid;
}
