/**
 * What a client of the tutorial sees, over HTTP, from the real server: the
 * contract, row by row.
 */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { sharedServer } from "../../support/shared_server.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  logIn,
  runOnejot,
  type ServerProcess,
  testSecret,
  withServer,
} from "../../support/server_process.ts";
import { pause } from "../../support/wait.ts";
import { withFolder } from "../../support/temp.ts";

const cheap = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" };
/** A trial for all tests that neither end it nor come near its throttle. */
const sharedTrial = sharedServer(cheap);
const wrongCredentials = '{"message":"Wrong credentials"}';
const tokenIsInvalid = '{"message":"Token is invalid"}';
const authRequired = '{"message":"Auth required"}';
const sentToken = 'Bearer realm="onejot", error="invalid_token"';

slowTest(
  "a login by form, multipart or JSON answers 200 with a token that is not stored",
  async () => {
    const server = await sharedTrial();
    const fields = { email: "user@email.com", password: "password" };
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      multipart.set(name, value);
    }
    const headers = { "content-type": "application/json" };
    const logins: RequestInit[] = [
      { body: new URLSearchParams(fields) },
      { body: multipart },
      { body: JSON.stringify(fields), headers },
      {
        body: JSON.stringify({
          ...fields,
          email: "USER@Email.Com",
          remember: true,
        }),
        headers,
      },
    ];
    for (const init of logins) {
      const response = await fetch(`${server.origin}/login`, {
        method: "POST",
        ...init,
      });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "application/json");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      const { token, token_type, expires_in, refresh_token } = Object(
        await response.json(),
      );
      assert.deepEqual([token_type, expires_in], ["Bearer", 900]);
      assert.match(refresh_token, /^[\w-]{87}$/);
      assert.equal((await getUser(server, token)).status, 200);
    }
  },
);

slowTest(
  "the login's token has the header and the claims of the contract",
  async () => {
    await withServer(
      { ...cheap, JWT_EXP_DELTA_SECONDS: "20" },
      async (server) => {
        const before = Math.floor(Date.now() / 1000);
        const [header, payload] = (await logIn(server)).split(".").map((part) =>
          Buffer.from(part, "base64url").toString("utf8")
        );
        assert.equal(header, '{"alg":"HS256","typ":"JWT"}');
        const { user_id, sub, sid, iat, exp } = JSON.parse(payload ?? "");
        assert.deepEqual({ user_id, sub }, { user_id: 1, sub: "1" });
        assert.match(sid, /^[\w-]{22}$/);
        assert.equal(exp - iat, 20);
        assert.ok(iat >= before && iat <= before + 5);
      },
    );
  },
);

slowTest(
  "an unknown account and a wrong password get the same answer, byte by byte",
  async () => {
    const server = await sharedTrial();
    const attempts = [
      { email: "user@email.com", password: "wrong" },
      { email: "nobody@email.com", password: "password" },
      { email: "no address", password: "password" },
      { email: "", password: "" },
      { email: "user@email.com", password: "x".repeat(2000) },
    ];
    const answers = new Set<string>();
    for (const fields of attempts) {
      const response = await postLogin(server, fields);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("www-authenticate"), null);
      const own = ["date", "x-request-id"];
      const headers = [...response.headers].filter(([name]) =>
        !own.includes(name)
      );
      answers.add(JSON.stringify(headers) + await response.text());
    }
    assert.equal(answers.size, 1);
    assert.ok([...answers][0]?.endsWith(wrongCredentials));
  },
);

slowTest(
  "the token is taken alone and behind Bearer, in any case and with more than one space",
  async () => {
    const server = await sharedTrial();
    const token = await logIn(server);
    for (
      const value of [
        token,
        `Bearer ${token}`,
        `bearer ${token}`,
        `BEARER   ${token}`,
      ]
    ) {
      const response = await getUser(server, value);
      assert.equal(response.status, 200);
      assert.equal(
        await response.text(),
        '{"user":"User id=1: <user@email.com, is_admin=False>"}',
      );
    }
  },
);

slowTest(
  "a token that is malformed, forged or behind another scheme is 400 with a challenge",
  async () => {
    const server = await sharedTrial();
    const token = await logIn(server);
    const values = [
      "x",
      "Bearer",
      "Bearer x y",
      `Basic ${token}`,
      `Token ${token}`,
      `${token}A`,
      `Bearer ${token}, Bearer ${token}`,
      forge({ user_id: 1, exp: 9e9 }, "another"),
    ];
    for (const value of values) {
      const response = await getUser(server, value);
      assert.equal(response.status, 400, value.slice(0, 10));
      assert.equal(response.headers.get("www-authenticate"), sentToken);
      assert.equal(await response.text(), tokenIsInvalid);
    }
  },
);

slowTest(
  "a request without a token is 401 with a challenge, and so is an empty header",
  async () => {
    const server = await sharedTrial();
    for (const headers of [{}, { authorization: "" }]) {
      const response = await fetch(`${server.origin}/get-user`, { headers });
      assert.equal(response.status, 401);
      assert.equal(
        response.headers.get("www-authenticate"),
        'Bearer realm="onejot"',
      );
      assert.equal(await response.text(), authRequired);
    }
  },
);

slowTest(
  "a token expires after JWT_EXP_DELTA_SECONDS, also once it has been used",
  async () => {
    await withServer(
      { ...cheap, JWT_EXP_DELTA_SECONDS: "1" },
      async (server) => {
        const token = await logIn(server);
        const { exp } = JSON.parse(
          Buffer.from(token.split(".")[1] ?? "", "base64url").toString(),
        );
        const first = await getUser(server, token);
        if (Date.now() < exp * 1000 - 100) assert.equal(first.status, 200);
        await pause(exp * 1000 - Date.now() + 20);
        const later = await getUser(server, token);
        assert.equal(later.status, 400);
        assert.equal(await later.text(), tokenIsInvalid);
      },
    );
  },
);

slowTest(
  "AUTH_STATUS=rfc6750 makes wrong credentials and invalid tokens 401, with a challenge",
  async () => {
    await withServer({ ...cheap, AUTH_STATUS: "rfc6750" }, async (server) => {
      const login = await postLogin(server, {
        email: "user@email.com",
        password: "wrong",
      });
      assert.equal(login.status, 401);
      assert.equal(
        login.headers.get("www-authenticate"),
        'Bearer realm="onejot"',
      );
      assert.equal(await login.text(), wrongCredentials);
      const invalid = await getUser(server, "Bearer x");
      assert.equal(invalid.status, 401);
      assert.equal(invalid.headers.get("www-authenticate"), sentToken);
      assert.equal(await invalid.text(), tokenIsInvalid);
    });
  },
);

slowTest(
  "where the tutorial falls over, the answer names what is wrong",
  async () => {
    const server = await sharedTrial();
    const form = "application/x-www-form-urlencoded";
    const rows: [string | null, string, number, string][] = [
      [null, "", 400, "Missing field: email, password"],
      [form, "email=user@email.com", 400, "Missing field: password"],
      [form, "password=password", 400, "Missing field: email"],
      [
        form,
        "email=a@b.c&email=d@e.f&password=password",
        400,
        "Repeated field: email",
      ],
      ["application/json", "{", 400, "The body is not JSON"],
      ["application/json", "[]", 400, "The body must be a JSON object"],
      [
        "application/json",
        '{"email":1,"password":"password"}',
        400,
        "Field is not text: email",
      ],
      [form, `email=${"a".repeat(20_000)}`, 413, "The body is too large"],
    ];
    for (const [type, body, status, message] of rows) {
      const headers: HeadersInit = type === null
        ? {}
        : { "content-type": type };
      const init = {
        method: "POST",
        headers,
        body: body === "" ? null : body,
      };
      const response = await fetch(`${server.origin}/login`, init);
      assert.equal(response.status, status, message);
      assert.deepEqual(await response.json(), { message });
    }
    const other = await fetch(`${server.origin}/login`, {
      method: "POST",
      body: "plain text",
    });
    assert.equal(other.status, 415);
    assert.match(other.headers.get("accept") ?? "", /application\/json/);
    await other.body?.cancel();
  },
);

slowTest(
  "a token by another holder of the secret is accepted for a user who is there, and only so",
  async () => {
    await withFolder(async (folder) => {
      const database = {
        DATABASE_URL: `sqlite:${join(folder, "users.sqlite")}`,
      };
      const added = await runOnejot([
        "user",
        "add",
        "Ada@Example.org",
        "--admin",
      ], {
        ...cheap,
        ...database,
      }, "correct horse\n");
      assert.equal(added.code, 0, added.stderr);
      await withServer(
        { ...cheap, ...database, JWT_SECRET: testSecret },
        async (server) => {
          const exp = Math.floor(Date.now() / 1000) + 60;
          const rows: [Record<string, unknown>, number][] = [
            [{ user_id: 1, exp }, 200],
            [{ user_id: 1, exp, sub: "1", other: [] }, 200],
            [{ user_id: 1, exp: exp + 0.5 }, 200],
            [{ user_id: 1 }, 400],
            [{ user_id: 1, exp: exp - 60 }, 400],
            [{ user_id: 2, exp }, 400],
            [{ user_id: "1", exp }, 400],
            [{ user_id: 1.5, exp }, 400],
            [{ user_id: -1, exp }, 400],
            [{ user_id: 1e300, exp }, 400],
            [{ exp, sub: "1" }, 400],
            [{ user_id: 1, exp, sub: "2" }, 400],
            [{ user_id: 1, exp, aud: "another service" }, 400],
            [{ user_id: 1, exp, nbf: exp }, 400],
          ];
          for (const [claims, status] of rows) {
            const response = await getUser(
              server,
              `Bearer ${forge(claims, testSecret)}`,
            );
            assert.equal(response.status, status, JSON.stringify(claims));
            const body = await response.text();
            const user =
              '{"user":"User id=1: <ada@example.org, is_admin=True>"}';
            assert.equal(body, status === 200 ? user : tokenIsInvalid);
          }
        },
      );
    });
  },
);

slowTest(
  "a trial signs with a fresh key of its own and listens on one address alone",
  async () => {
    const server = await sharedTrial();
    await withServer(cheap, async (other) => {
      assert.equal((await getUser(server, await logIn(other))).status, 400);
      const zeros = forge({ user_id: 1, exp: 9e9 }, "\0".repeat(32));
      assert.equal((await getUser(server, zeros)).status, 400);
      await assert.rejects(fetch(`http://127.0.0.2:${server.port}/healthz`));
    });
  },
);

slowTest("the token is looked at only on routes that need it", async () => {
  const server = await sharedTrial();
  const headers = { authorization: "Bearer nonsense" };
  const health = await fetch(`${server.origin}/healthz`, { headers });
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: "ok" });
  const body = new URLSearchParams({
    email: "user@email.com",
    password: "password",
  });
  const login = await fetch(`${server.origin}/login`, {
    method: "POST",
    headers,
    body,
  });
  assert.equal(login.status, 200);
  await login.body?.cancel();
});

slowTest(
  "the server never prints a token, a password or an e-mail address",
  async () => {
    await withServer(cheap, async (server) => {
      const token = await logIn(server);
      await (await getUser(server, token)).text();
      await (await getUser(server, `Bearer ${token}x`)).text();
      await (await postLogin(server, {
        email: "marked@x.y",
        password: "marked-word",
      })).text();
      await (await fetch(`${server.origin}/get-user?token=marked-query`))
        .text();
      await server.stop();
      const printed = server.output.stdout.split("\n\n").at(-1) +
        server.output.stderr;
      assert.equal(printed.match(/"method":"/g)?.length, 5, printed);
      for (
        const secret of [
          "marked",
          ...token.split(".").slice(1),
          "user@email.com",
        ]
      ) {
        assert.ok(!printed.includes(secret), secret);
      }
    });
  },
);

function getUser(
  server: ServerProcess,
  authorization: string,
): Promise<Response> {
  return fetch(`${server.origin}/get-user`, { headers: { authorization } });
}

function postLogin(
  server: ServerProcess,
  fields: Record<string, string>,
): Promise<Response> {
  const body = new URLSearchParams(fields);
  return fetch(`${server.origin}/login`, { method: "POST", body });
}

/** A token as the tutorial's PyJWT makes it, by the runtimes' own HMAC. */
function forge(claims: object, secret: string): string {
  const parts = [{ alg: "HS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url")
  );
  const mac = createHmac("sha256", secret).update(parts.join(".")).digest(
    "base64url",
  );
  return [...parts, mac].join(".");
}
