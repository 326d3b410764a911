/**
 * A bearer token over HTTP, from the real server: RFC 6749, 6750 and 9110, and
 * OWASP's sheets.
 */

import assert from "node:assert/strict";
import { PasswordHasher } from "../../../src/auth/auth.ts";
import { noHashes } from "../../support/hashers.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  logIn,
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";
import { pause } from "../../support/wait.ts";

const cheap = { PASSWORD_HASH: "pbkdf2", PASSWORD_ITERATIONS: "10000" };
const rfc6750 = { ...cheap, AUTH_STATUS: "rfc6750" };
const challenge = 'Bearer realm="onejot"';

slowTest("RFC 6749 5.1: an answer with a token says no-store", async () => {
  await withServer(cheap, async ({ origin }) => {
    const body = new URLSearchParams({
      email: "user@email.com",
      password: "password",
    });
    const response = await fetch(`${origin}/login`, { method: "POST", body });
    assert.equal(typeof Object(await response.json()).token, "string");
    assert.equal(response.headers.get("cache-control"), "no-store");
  });
});

slowTest(
  "RFC 6750 2.1: a token is taken behind Bearer, and a changed one is not",
  async () => {
    await withServer(rfc6750, async (server) => {
      const token = await logIn(server);
      assert.equal((await get(server, `Bearer ${token}`)).status, 200);
      assert.equal((await get(server, `Bearer ${token}A`)).status, 401);
      assert.equal((await get(server, `Bearer`)).status, 401);
    });
  },
);

slowTest(
  "RFC 6750 3a: a refusal challenges with Bearer and a realm",
  async () => {
    for (const variables of [cheap, rfc6750]) {
      await withServer(variables, async (server) => {
        assert.equal(
          (await get(server)).headers.get("www-authenticate"),
          challenge,
        );
        const bad = await get(server, "Bearer x");
        assert.ok(
          bad.headers.get("www-authenticate")?.startsWith(`${challenge}, `),
        );
      });
    }
  },
);

slowTest(
  "RFC 6750 3b: invalid_token is said where a token was sent, and only there",
  async () => {
    await withServer(rfc6750, async (server) => {
      const bad = await get(server, "Bearer x");
      assert.match(
        bad.headers.get("www-authenticate") ?? "",
        /, error="invalid_token"$/,
      );
      const none = await get(server);
      assert.doesNotMatch(none.headers.get("www-authenticate") ?? "", /error/);
    });
  },
);

slowTest(
  "RFC 6750 3.1: AUTH_STATUS=rfc6750 answers a bad token with 401",
  async () => {
    await withServer(rfc6750, async (server) => {
      assert.equal((await get(server, "Bearer x")).status, 401);
    });
  },
);

slowTest(
  "RFC 9110 9.3.2: HEAD answers as GET does, without the body",
  async () => {
    await withServer(cheap, async (server) => {
      const authorization = `Bearer ${await logIn(server)}`;
      for (const credentials of [authorization, "Bearer x", undefined]) {
        const [head, same] = [
          await get(server, credentials, "HEAD"),
          await get(server, credentials),
        ];
        assert.equal(head.status, same.status);
        for (
          const name of ["content-type", "content-length", "www-authenticate"]
        ) {
          assert.equal(head.headers.get(name), same.headers.get(name), name);
        }
        assert.equal(await head.text(), "");
        assert.notEqual(await same.text(), "");
      }
    });
  },
);

slowTest("RFC 9110 11.1: the scheme is compared without case", async () => {
  await withServer(cheap, async (server) => {
    const token = await logIn(server);
    for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
      assert.equal(
        (await get(server, `${scheme} ${token}`)).status,
        200,
        scheme,
      );
    }
    assert.equal((await get(server, `Bearers ${token}`)).status, 400);
  });
});

slowTest(
  "RFC 9110 15.5.2: each 401 carries a challenge, the one for a login too",
  async () => {
    await withServer(rfc6750, async (server) => {
      const body = new URLSearchParams({
        email: "user@email.com",
        password: "wrong",
      });
      const login = await fetch(`${server.origin}/login`, {
        method: "POST",
        body,
      });
      for (
        const response of [
          login,
          await get(server),
          await get(server, "Bearer x"),
        ]
      ) {
        assert.equal(response.status, 401);
        assert.match(
          response.headers.get("www-authenticate") ?? "",
          /^Bearer realm="/,
        );
      }
    });
  },
);

slowTest("RFC 9110 15.5.6: 405 carries Allow", async () => {
  await withServer(cheap, async ({ origin }) => {
    const response = await fetch(`${origin}/login`, { method: "PUT" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "OPTIONS, POST");
  });
});

slowTest(
  "RFC 9700 4.14: refresh tokens rotate, and the reuse of a spent one ends the session",
  async () => {
    await withServer(rfc6750, async (server) => {
      const { origin } = server;
      const body = new URLSearchParams({
        email: "user@email.com",
        password: "password",
      });
      const login = Object(
        await (await fetch(`${origin}/login`, { method: "POST", body })).json(),
      );
      const tokens = [login.refresh_token];
      for (let count = 0; count < 2; count++) {
        const answer = await refresh(origin, tokens.at(-1));
        assert.equal(answer.status, 200);
        tokens.push(Object(await answer.json()).refresh_token);
      }
      assert.equal(new Set(tokens).size, 3);
      assert.equal((await get(server, `Bearer ${login.token}`)).status, 200);
      assert.equal((await refresh(origin, tokens[0])).status, 401);
      assert.equal((await refresh(origin, tokens[2])).status, 401);
      assert.equal((await get(server, `Bearer ${login.token}`)).status, 401);
    });
  },
);

slowTest(
  "OWASP password storage: Argon2id with 19 MiB and 2 passes, or PBKDF2-HMAC-SHA256 with 600,000 iterations, a salt each, a cost that rises",
  async () => {
    const limits = { maxActive: 1, maxWaiting: 8 };
    const store = noHashes;
    const argon2id = new PasswordHasher({ store }, limits);
    const pbkdf2 = new PasswordHasher({ store, scheme: "pbkdf2" }, limits);
    // deno-fmt-ignore
    const rows = [
      [argon2id, "$argon2id$v=19$m=19456,t=2,p=1$", null],
      [pbkdf2, "pbkdf2-sha256$600000$", "$argon2id$v=19$m=19456,t=2,p=1$"],
    ] as const;
    for (const [hasher, start, risen] of rows) {
      const one = await hasher.hash("password");
      const two = await hasher.hash("password");
      assert.ok(one.startsWith(start));
      const saltEnd = start.length + 22;
      assert.notEqual(
        one.slice(start.length, saltEnd),
        two.slice(start.length, saltEnd),
      );
      const account = { passwordHash: one, isDisabled: false };
      const check = await argon2id.check("password", account);
      const upgraded = check.ok ? check.upgraded : "wrong";
      const isRisen = risen === null
        ? upgraded === null
        : upgraded?.startsWith(risen);
      assert.equal(isRisen, true);
    }
  },
);

slowTest(
  "OWASP authentication a: an unknown account and a wrong password get the same answer",
  async () => {
    await withServer(cheap, async ({ origin }) => {
      const answers = new Set<string>();
      for (
        const email of ["user@email.com", "nobody@email.com", "no address"]
      ) {
        const body = new URLSearchParams({ email, password: "wrong" });
        const response = await fetch(`${origin}/login`, {
          method: "POST",
          body,
        });
        answers.add(`${response.status} ${await response.text()}`);
      }
      assert.deepEqual([...answers], ['400 {"message":"Wrong credentials"}']);
    });
  },
);

slowTest(
  "OWASP authentication b: guesses are throttled by account and address, with Retry-After",
  async () => {
    await withServer(cheap, async ({ origin }) => {
      for (const email of ["user@email.com", "nobody@email.com"]) {
        const body = new URLSearchParams({ email, password: "wrong" });
        const statuses: number[] = [];
        // The first wait is a second by the clock: all six belong into one.
        await pause(1000 - Date.now() % 1000);
        for (let count = 0; count < 6; count++) {
          statuses.push(
            (await fetch(`${origin}/login`, { method: "POST", body })).status,
          );
        }
        assert.deepEqual(statuses, [400, 400, 400, 400, 400, 429], email);
        const throttled = await fetch(`${origin}/login`, {
          method: "POST",
          body,
        });
        assert.match(throttled.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
      }
    });
  },
);

function refresh(origin: string, token: string): Promise<Response> {
  const body = new URLSearchParams({ refresh_token: token });
  return fetch(`${origin}/refresh`, { method: "POST", body });
}

function get(
  server: ServerProcess,
  authorization?: string,
  method = "GET",
): Promise<Response> {
  const headers: HeadersInit = authorization === undefined
    ? {}
    : { authorization };
  return fetch(`${server.origin}/get-user`, { method, headers });
}
