/**
 * Bad input to every route: the exact status and message, and a database in
 * which no user and no session has changed. Shapes below HTTP are in
 * malformed_requests.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { slowTest } from "../../support/slow_test.ts";
import {
  password,
  type Received,
  type RequestParts,
  routesOfServer,
  send,
  startSession,
  type TestDatabase,
  type Tokens,
  withAccounts,
} from "../../support/client.ts";
import {
  sendRaw,
  type ServerProcess,
  withServer,
} from "../../support/server_process.ts";

const [admin, ada, bob] = [
  "admin@example.org",
  "ada@example.org",
  "bob@example.org",
] as const;
const formType = "application/x-www-form-urlencoded";
const jsonType = "application/json";
const fieldTypes = `${formType}, multipart/form-data, ${jsonType}`;

/** A request, and what must come back: the status and the message. */
type Row = readonly [
  route: string,
  sent: RequestParts,
  status: number,
  message: string,
];

interface People {
  readonly admin: Tokens;
  readonly ada: Tokens;
  readonly bob: Tokens;
}

const allowed: Readonly<Record<string, string>> = {
  "/healthz": "GET, HEAD, OPTIONS",
  "/readyz": "GET, HEAD, OPTIONS",
  "/metrics": "GET, HEAD, OPTIONS",
  "/login": "OPTIONS, POST",
  "/refresh": "OPTIONS, POST",
  "/signin": "GET, HEAD, OPTIONS, POST",
  "/signout": "OPTIONS, POST",
  "/forward-auth": "GET, HEAD, OPTIONS",
  "/forward-auth/nginx": "GET, HEAD, OPTIONS",
  "/logout": "OPTIONS, POST",
  "/get-user": "GET, HEAD, OPTIONS",
  "/sessions": "GET, HEAD, OPTIONS",
  "/sessions/x": "DELETE, OPTIONS",
  "/password": "OPTIONS, POST",
  "/users": "GET, HEAD, OPTIONS, POST",
  "/users/1": "GET, HEAD, OPTIONS, PATCH",
};

slowTest(
  "a method that a path does not have is 405 with Allow, whoever asks and whatever is sent",
  async () => {
    await onServer(async (server, { admin: { token } }) => {
      const paths = new Set(routesOfServer().map(pathOf));
      for (const path of paths) {
        const allow = allowed[path] ?? "";
        for (
          const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
        ) {
          if (allow.split(", ").includes(method)) continue;
          const json = method === "GET" || method === "HEAD"
            ? {}
            : { json: { is_admin: true } };
          for (const sent of [{}, { token, ...json }]) {
            const { status, headers, text } = await send(
              server,
              `${method} ${path}`,
              sent,
            );
            assert.deepEqual(
              [status, headers.get("allow")],
              [405, allow],
              `${method} ${path}`,
            );
            assert.equal(
              text,
              method === "HEAD" ? "" : '{"message":"Method not allowed"}',
            );
          }
        }
      }
    });
  },
);

test("the tables of this file know every route of the server", () => {
  for (const route of routesOfServer()) {
    const [method = ""] = route.split(" ");
    assert.ok(allowed[pathOf(route)]?.split(", ").includes(method), route);
  }
});

slowTest(
  "a body that no route can read is refused, and nothing changes",
  async () => {
    await onServer(async (server, people, database) => {
      const { admin: { token }, ada: { refreshToken } } = people;
      const user = { email: "new@example.org", password };
      const rows: Row[] = [
        ...fieldRows("POST /login", { email: ada, password }),
        ...fieldRows("POST /refresh", { refresh_token: refreshToken }),
        ...fieldRows("POST /logout", { refresh_token: refreshToken }),
        ...fieldRows("POST /password", {
          password,
          new_password: "another password",
        }, token),
        ...memberRows("POST /users", user, "email, password, is_admin", token),
        ...memberRows(
          "PATCH /users/2",
          { is_admin: true, is_disabled: true, password: "another password" },
          "is_admin, is_disabled, password",
          token,
        ),
      ];
      await assertRefused(server, database, rows);
    });
  },
);

slowTest(
  "a form that the page cannot read is refused on the page, and nothing changes",
  async () => {
    await onServer(async (server, _people, database) => {
      const before = database.dump();
      for (
        const [route, sent, status, message] of fieldRows("POST /signin", {
          email: ada,
          password,
        })
      ) {
        const headers = { ...sent.headers, "sec-fetch-site": "same-origin" };
        const answer = await send(server, route, { ...sent, headers });
        const name = `${message}: ${String(sent.body).slice(0, 80)}`;
        assert.equal(answer.status, status, name);
        assert.equal(
          answer.headers.get("content-type"),
          "text/html; charset=utf-8",
          name,
        );
        assert.equal(answer.headers.get("set-cookie"), null, name);
        assert.equal(
          answer.headers.get("accept") !== null,
          status === 415,
          name,
        );
        assert.ok(
          answer.text.includes(`<p role="alert">${message}.</p>`),
          name,
        );
      }
      assert.equal(database.dump(), before);
    });
  },
);

slowTest(
  "what a page of another origin sends is refused, and nothing changes",
  async () => {
    await onServer(
      async (server, { admin: { token }, ada: { refreshToken } }, database) => {
        const message = "Send it from a page of this host";
        const cookie = await signIn(server, ada);
        const form = { email: ada, password };
        const json = { is_disabled: true };
        const routes: [string, RequestParts][] = [
          ["POST /signin", { form }],
          ["POST /signin?return=/x", { form }],
          ["POST /signin", { form: {} }],
          ["POST /signout", {}],
          ["POST /signout", { token }],
        ];
        const withCookie: [string, RequestParts][] = [
          ...routes,
          ["POST /login", { form }],
          ["POST /refresh", { form: { refresh_token: refreshToken } }],
          ["POST /logout", { token }],
          ["POST /logout?everywhere=1", { token }],
          ["POST /password", {
            token,
            form: { password, new_password: "another password" },
          }],
          ["PATCH /users/2", { token, json }],
          ["POST /users", {
            token,
            json: { email: "new@example.org", password },
          }],
          ["DELETE /sessions/x", { token }],
        ];
        const elsewhere: Readonly<Record<string, string>>[] = [
          {},
          { "sec-fetch-site": "cross-site" },
          { "sec-fetch-site": "same-site", origin: server.origin },
          { "sec-fetch-site": "none" },
          { origin: "null" },
          { origin: "https://evil.example" },
          { origin: `${server.origin}0` },
          { origin: server.origin.replace("127.0.0.1", "localhost") },
        ];
        const rows = elsewhere.flatMap((origin) => [
          ...routes.map((
            [route, sent],
          ): Row => [route, { ...sent, headers: origin }, 403, message]),
          ...withCookie.map(([route, sent]): Row => {
            return [
              route,
              { ...sent, headers: { ...origin, cookie } },
              403,
              message,
            ];
          }),
        ]);
        await assertRefused(server, database, rows);
        const headers = { cookie, origin: server.origin };
        assert.equal(
          (await send(server, "GET /forward-auth/nginx", { headers })).status,
          200,
        );
        assert.equal(
          (await send(server, "POST /signout", { headers })).status,
          303,
        );
        assert.equal(
          (await send(server, "GET /forward-auth/nginx", { headers })).status,
          401,
        );
      },
    );
  },
);

slowTest(
  "for a proxy nobody is signed in by a token or a cookie that is none, and nothing changes",
  async () => {
    await onServer(async (server, { admin, ada: own }, database) => {
      const cookie = await signIn(server, ada);
      const secret = cookie.slice("onejot=".length);
      const bad = [
        "x",
        `${own.token}x`,
        own.refreshToken,
        own.sid,
        secret,
        `${admin.token} x`,
        ".",
      ];
      const cookies = [
        "",
        "onejot=",
        "onejot=x",
        `onejot="${secret}"`,
        `__Host-${cookie}`,
      ];
      cookies.push(
        `${cookie}; ${cookie}`,
        `onejot=${own.token}`,
        `onejot=${own.sid}`,
        `x${cookie}`,
      );
      const rows = ["GET /forward-auth", "GET /forward-auth/nginx"].flatMap((
        route,
      ): Row[] => [
        [route, {}, 401, "Auth required"],
        ...bad.flatMap((token): Row[] => [
          [route, { token }, 401, "Token is invalid"],
          [
            route,
            { token, headers: { cookie, accept: "text/html" } },
            401,
            "Token is invalid",
          ],
        ]),
        ...cookies.map((
          cookie,
        ): Row => [route, { headers: { cookie } }, 401, "Auth required"]),
        [
          route,
          { headers: { authorization: "Basic eDp5" } },
          401,
          "Auth required",
        ],
        [
          route,
          { headers: { "x-auth-user-id": "1", "x-auth-admin": "true" } },
          401,
          "Auth required",
        ],
      ]);
      await assertRefused(server, database, rows);
      const shown = await send(server, "GET /forward-auth/nginx", {
        headers: { cookie },
      });
      const fields = ["x-auth-user-id", "x-auth-email", "x-auth-admin"];
      assert.deepEqual(fields.map((name) => shown.headers.get(name)), [
        "2",
        ada,
        "false",
      ]);
    });
  },
);

slowTest(
  "a cookie in two header fields is no login, and a token in two is none",
  async () => {
    await onServer(async (server, { ada: { token } }) => {
      const cookie = await signIn(server, ada);
      const answer = async (...fields: readonly string[]) => {
        const head = [
          "GET /forward-auth/nginx HTTP/1.1",
          `Host: 127.0.0.1:${server.port}`,
        ];
        const lines = [...head, "Connection: close", ...fields, "", ""];
        return (await sendRaw(server.port, lines.join("\r\n"))).split(" ")[1];
      };
      assert.equal(await answer(`Cookie: ${cookie}`), "200");
      assert.equal(
        await answer("Cookie: x=1", `Cookie: ${cookie}; onejot=x`),
        "401",
      );
      assert.equal(
        await answer(`Cookie: ${cookie}`, `Cookie: ${cookie}`),
        "401",
      );
      assert.equal(
        await answer(`Cookie: ${cookie}`, "Cookie: onejot=x"),
        "401",
      );
      assert.equal(
        await answer("Cookie: onejot=x", `Cookie: ${cookie}`),
        "401",
      );
      assert.equal(await answer(`Authorization: ${token}`), "200");
      assert.equal(await answer(`Authorization: Bearer ${token}`), "200");
      const twice = [
        `Authorization: Bearer ${token}`,
        `Authorization: Bearer ${token}`,
      ];
      assert.equal(await answer(...twice), "401");
      assert.equal(
        await answer(
          "Authorization: Basic x",
          `Authorization: Bearer ${token}`,
        ),
        "401",
      );
      assert.equal(
        await answer(`Authorization: ${token}`, "Authorization: Basic x"),
        "401",
      );
    });
  },
);

slowTest(
  "texts that are too short, too long or no such thing are refused, and nothing changes",
  async () => {
    await onServer(async (server, people, database) => {
      const { admin: { token }, ada: { token: adaToken, refreshToken } } =
        people;
      const wrong = "Wrong credentials";
      const tooShort = "The password must have at least 8 characters.";
      const tooLong = "The password must not be longer than 1,024 bytes.";
      const common =
        "The password is one of the commonest: choose another one.";
      const passwords: [string, string][] = [
        ["", tooShort],
        ["x".repeat(7), tooShort],
        ["x".repeat(1025), tooLong],
        ["\u00e9".repeat(7), tooShort],
        ["\u00e9".repeat(513), tooLong],
        ["Password", common],
        ["x".repeat(8), common],
        ["long\0enough", "The password must not hold a NUL character."],
      ];
      const inJson: [string, string][] = [
        ...passwords,
        ["long enough\ud800", "The password is not Unicode text."],
      ];
      const emails = [
        "",
        "x",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b\0",
        "a@b\n",
        "\u00e4@b",
      ];
      const longEmail = `${"a".repeat(243)}@example.org`;
      assert.equal(longEmail.length, 255);
      const badTokens = [
        "",
        "x",
        "x".repeat(87),
        "x".repeat(10_000),
        `${refreshToken}x`,
        adaToken,
      ];
      badTokens.push(
        refreshToken.slice(1),
        refreshToken.slice(0, -1) + "!",
        ` ${refreshToken}`,
      );
      badTokens.push(
        refreshToken.slice(0, 86) + (refreshToken.endsWith("A") ? "B" : "A"),
      );
      badTokens.push(
        refreshToken.slice(0, 22) + people.bob.refreshToken.slice(22),
      );
      const rows: Row[] = [
        ...[longEmail, "x", "", `${ada}\0`].map((email): Row => {
          return ["POST /login", { form: { email, password } }, 400, wrong];
        }),
        ...["x".repeat(7), "x".repeat(1025), `${password}\0`].map(
          (password): Row => {
            return [
              "POST /login",
              { form: { email: ada, password } },
              400,
              wrong,
            ];
          },
        ),
        ...[...badTokens].flatMap((refresh_token): Row[] => [
          [
            "POST /refresh",
            { form: { refresh_token } },
            400,
            "Token is invalid",
          ],
          [
            "POST /logout",
            { form: { refresh_token } },
            400,
            "Token is invalid",
          ],
          [
            "POST /logout?everywhere=1",
            { form: { refresh_token } },
            400,
            "Token is invalid",
          ],
        ]),
        ...passwords.map(([new_password, message]): Row => {
          return [
            "POST /password",
            { token: adaToken, form: { password, new_password } },
            400,
            message,
          ];
        }),
        ...inJson.flatMap(([password, message]): Row[] => [
          [
            "POST /users",
            { token, json: { email: "new@example.org", password } },
            400,
            message,
          ],
          ["PATCH /users/2", { token, json: { password } }, 400, message],
          [
            "PATCH /users/2",
            { token, json: { is_admin: true, password } },
            400,
            message,
          ],
          [
            "PATCH /users/2",
            { token, json: { is_disabled: true, password } },
            400,
            message,
          ],
        ]),
        ...[...emails, longEmail].map((email): Row => {
          const message = "email must look like name@host, in ASCII";
          return [
            "POST /users",
            { token, json: { email, password } },
            400,
            message,
          ];
        }),
        [
          "POST /password",
          {
            token: people.bob.token,
            form: { password: "wrong", new_password: "long enough" },
          },
          400,
          wrong,
        ],
      ];
      await assertRefused(server, database, rows);
    });
  },
);

slowTest(
  "what contradicts what is there is refused: a taken address, the last administrator",
  async () => {
    await onServer(async (server, { admin: { token } }, database) => {
      const taken = "There is an account with this e-mail address";
      const last = "The last enabled administrator must stay one";
      const rows: Row[] = [
        ["POST /users", { token, json: { email: ada, password } }, 409, taken],
        [
          "POST /users",
          { token, json: { email: ada.toUpperCase(), password } },
          409,
          taken,
        ],
        ["PATCH /users/1", { token, json: { is_admin: false } }, 409, last],
        ["PATCH /users/1", { token, json: { is_disabled: true } }, 409, last],
        [
          "PATCH /users/1",
          { token, json: { is_admin: false, password } },
          409,
          "Change your own password by POST /password",
        ],
        [
          "PATCH /users/1",
          { token, json: { is_admin: true, is_disabled: true } },
          409,
          last,
        ],
      ];
      await assertRefused(server, database, rows);
    });
  },
);

slowTest(
  "ids that are nobody's or no ids are not found, and neither are other people's sessions",
  async () => {
    await onServer(async (server, people, database) => {
      const { admin: { token }, ada: own, bob: other } = people;
      const ids = [
        "0",
        "-1",
        "+1",
        "1.5",
        "1.0",
        "1e3",
        "1e0",
        "0x1",
        "01",
        "1n",
        "%201",
        "1%20",
      ];
      ids.push(
        "99999999999999999999",
        "9007199254740993",
        "9007199254740992",
        "999",
        "NaN",
        "null",
      );
      ids.push(
        "%32%00",
        "%d9%a1",
        "2,3",
        "2%2f3",
        "2;",
        "..%2f2",
        "__proto__",
        "constructor",
        "me",
      );
      const sessionIds = [
        other.sid,
        own.sid.slice(1),
        `${own.sid}x`,
        own.sid.toLowerCase(),
        "1",
      ];
      sessionIds.push(
        "%00",
        "x".repeat(5000),
        "null",
        `${own.sid}%20`,
        "%27%20OR%201=1--",
        "*",
        "%25",
      );
      const escape = "The path holds a % that is no escape of UTF-8";
      const json = {
        is_admin: true,
        is_disabled: true,
        password: "another password",
      };
      const rows: Row[] = [
        ...ids.flatMap((id): Row[] => [
          [`GET /users/${id}`, { token }, 404, "Not found"],
          [`PATCH /users/${id}`, { token, json }, 404, "Not found"],
        ]),
        ...sessionIds.map((id): Row => {
          return [
            `DELETE /sessions/${id}`,
            { token: own.token },
            404,
            "Not found",
          ];
        }),
        // Nor for an administrator.
        [`DELETE /sessions/${own.sid}`, { token }, 404, "Not found"],
        ...["%zz", "%", "2%", "%ff", "%c0%b2", "%ed%a0%80"].flatMap((
          id,
        ): Row[] => [
          [`GET /users/${id}`, { token }, 400, escape],
          [`PATCH /users/${id}`, { token, json }, 400, escape],
          [`DELETE /sessions/${id}`, { token }, 400, escape],
        ]),
        ...[
          "/users/",
          "/users/2/",
          "/users//2",
          "/users/2/x",
          "/Users/2",
          "/%75sers/2",
        ].flatMap(
          (path): Row[] => [
            [`GET ${path}`, { token }, 404, "Not found"],
            [`PATCH ${path}`, { token, json }, 404, "Not found"],
          ],
        ),
        ["DELETE /sessions/", { token }, 404, "Not found"],
      ];
      await assertRefused(server, database, rows);
      // A parameter is decoded once its route is found: these are the ids 2 and
      // 3, and no others.
      assert.equal(
        (await send(server, "GET /users/%32", { token })).body["id"],
        2,
      );
      assert.equal(
        (await send(server, "GET /users/%33", { token })).body["id"],
        3,
      );
    });
  },
);

slowTest(
  "a query that is not understood is refused, and nothing changes",
  async () => {
    await onServer(async (server, { admin: { token } }, database) => {
      const bad = [
        "",
        "-1",
        "1.5",
        "1e3",
        "0x1",
        "%201",
        "+1",
        "x",
        "99999999999999999999",
        "1&",
        "%00",
      ];
      const after = "after must be a whole number from 0 to 9007199254740991";
      const limit = "limit must be a whole number from 1 to 200";
      const everywhere = "everywhere can be 1, or be left out";
      const rows: Row[] = [
        ...[
          ...bad.filter((text) => text !== "1&"),
          "1&after=1",
          "9007199254740992",
        ].map(
          (text): Row => [`GET /users?after=${text}`, { token }, 400, after],
        ),
        ...[...bad.filter((text) => text !== "1&"), "1&limit=1", "0", "201"]
          .map(
            (text): Row => [`GET /users?limit=${text}`, { token }, 400, limit],
          ),
        ...[
          "",
          "0",
          "true",
          "2",
          "11",
          "01",
          "yes",
          "%201",
          "1&everywhere=1",
          "1&everywhere=0",
        ].map(
          (
            text,
          ): Row => [
            `POST /logout?everywhere=${text}`,
            { token },
            400,
            everywhere,
          ],
        ),
      ];
      await assertRefused(server, database, rows);
    });
  },
);

slowTest(
  "without a token, with a bad one, and without being an administrator nothing is to be had",
  async () => {
    await onServer(async (server, { admin, ada, bob }, database) => {
      const json = { email: "new@example.org", password };
      const form = { password, new_password: "another password" };
      const forAdministrators: [string, RequestParts][] = [
        ["GET /users", {}],
        ["POST /users", { json }],
        ["POST /users", { body: "{", headers: { "content-type": jsonType } }],
        ["POST /users", {
          body: "text",
          headers: { "content-type": "text/plain" },
        }],
        ["GET /users/1", {}],
        ["GET /users/2", {}],
        ["GET /users/999", {}],
        ["GET /users/x", {}],
        ["GET /users?limit=0", {}],
        ["PATCH /users/1", { json: { is_disabled: true } }],
        ["PATCH /users/2", { json: { is_admin: true } }],
        ["PATCH /users/999", { json: { is_admin: true } }],
      ];
      const forMembers: [string, RequestParts][] = [
        ["GET /get-user", {}],
        ["GET /sessions", {}],
        [`DELETE /sessions/${ada.sid}`, {}],
        ["DELETE /sessions/x", {}],
        ["POST /password", { form }],
        ["POST /password", { form: { password } }],
        ["POST /password", {
          body: "x",
          headers: { "content-type": "text/plain" },
        }],
      ];
      const guarded = [...forAdministrators, ...forMembers];
      const bad = [
        `${ada.token}x`,
        "x",
        ada.refreshToken,
        ada.sid,
        "",
        "Bearer",
        `${admin.token} x`,
      ];
      const rows: Row[] = [
        ...guarded.map((
          [route, sent],
        ): Row => [route, sent, 401, "Auth required"]),
        ["POST /logout", {}, 401, "Auth required"],
        ["POST /logout?everywhere=1", {}, 401, "Auth required"],
        ...[...guarded, ["POST /logout", {}], ["POST /logout?everywhere=1", {}]]
          .flatMap(
            ([route, sent]) =>
              bad.map((token): Row => {
                return [
                  String(route),
                  { ...Object(sent), token },
                  400,
                  "Token is invalid",
                ];
              }),
          ),
        [
          "POST /logout",
          { token: "x", form: { refresh_token: ada.refreshToken } },
          400,
          "Token is invalid",
        ],
        ...forAdministrators.map(([route, sent]): Row => {
          return [
            route,
            { ...sent, token: bob.token },
            403,
            "Administrators only",
          ];
        }),
      ];
      await assertRefused(server, database, rows);
    });
  },
);

slowTest(
  "fields and members that nobody asked for change nothing of what happens",
  async () => {
    await onServer(
      async (server, { admin: { token }, ada: { refreshToken } }) => {
        const others = { is_admin: "true", user_id: "1", id: "1", sid: "x" };
        const login = await send(server, "POST /login", {
          form: { email: ada, password, ...others },
        });
        assert.equal(login.status, 200);
        const form = { refresh_token: refreshToken, ...others };
        assert.equal(
          (await send(server, "POST /refresh", { form })).status,
          200,
        );
        const { body } = await send(server, "GET /users/2", { token });
        assert.deepEqual([body["is_admin"], body["is_disabled"]], [
          false,
          false,
        ]);
        // The largest body and the largest address that are taken, so that the
        // limits are where they are said.
        const email = `${"a".repeat(242)}@example.org`;
        const json = { email, password: "x ".repeat(512) };
        const created = await send(server, "POST /users", { token, json });
        assert.equal(created.status, 201, created.text);
        const text = new URLSearchParams({
          email,
          password: json.password,
          filler: "",
        }).toString();
        const full = text + "x".repeat(16 * 1024 - text.length);
        const headers = { "content-type": formType };
        assert.equal(
          (await send(server, "POST /login", { body: full, headers })).status,
          200,
        );
        assert.equal(
          (await send(server, "POST /login", { body: `${full}x`, headers }))
            .status,
          413,
        );
      },
    );
  },
);

/** A path of a route of the server's. */
function pathOf(route: string): string {
  const [, pattern = ""] = route.split(" ");
  return pattern.replace("/sessions/:id", "/sessions/x").replace(":id", "1");
}

/**
 * A server whose three users have a session each; the first is an
 * administrator.
 */
async function onServer(
  use: (
    server: ServerProcess,
    people: People,
    database: TestDatabase,
  ) => Promise<void>,
): Promise<void> {
  await withAccounts([admin, ada, bob], async (database) => {
    await withServer(database.variables, async (server) => {
      const [one, two, three] = [
        await startSession(server, admin),
        await startSession(server, ada),
        await startSession(server, bob),
      ];
      await use(server, { admin: one, ada: two, bob: three }, database);
      assert.equal(server.output.stderr, "");
      assert.doesNotMatch(server.output.stdout, /"level":"error"/);
    });
  });
}

/** Signs in with a browser on this machine, for its cookie. */
async function signIn(server: ServerProcess, email: string): Promise<string> {
  const headers = { origin: server.origin };
  const answer = await send(server, "POST /signin", {
    form: { email, password },
    headers,
  });
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";", 1);
  assert.match(cookie, /^onejot=[\w-]{43}$/);
  return cookie;
}

/**
 * Sends each, and compares the answer with the row and the database with what
 * it was before.
 */
async function assertRefused(
  server: ServerProcess,
  database: TestDatabase,
  rows: readonly Row[],
): Promise<void> {
  const before = database.dump();
  const faults: string[] = [];
  for (const [route, sent, status, message] of rows) {
    const answer = await send(server, route, sent);
    const found = [answer.status, answer.text, database.dump() === before];
    const expected = [status, JSON.stringify({ message }), true];
    if (isEqual(found, expected) && hasItsFields(answer)) continue;
    const { body, ...rest } = sent;
    const start = JSON.stringify({ ...rest, body: String(body).slice(0, 80) })
      .slice(0, 200);
    faults.push(`${route} ${start}\n  is ${found}, not ${expected}`);
    assert.equal(database.dump(), before, faults.join("\n"));
  }
  assert.equal(faults.length, 0, faults.join("\n"));
}

function isEqual(
  found: readonly unknown[],
  expected: readonly unknown[],
): boolean {
  return JSON.stringify(found) === JSON.stringify(expected);
}

/**
 * A refusal is JSON, and says what would do, or who should ask again with what.
 */
function hasItsFields({ status, headers, body }: Received): boolean {
  const challenge = headers.get("www-authenticate");
  const isToken = body["message"] === "Token is invalid";
  const required = status === 401 ? 'Bearer realm="onejot"' : null;
  const expected = isToken
    ? 'Bearer realm="onejot", error="invalid_token"'
    : required;
  return headers.get("content-type") === jsonType &&
    challenge === expected && headers.get("set-cookie") === null &&
    (headers.get("accept") !== null) === (status === 415) &&
    !headers.has("location");
}

/**
 * What every route refuses that takes a form or the members of a JSON object.
 */
function fieldRows(
  route: string,
  good: Readonly<Record<string, string>>,
  token?: string,
): readonly Row[] {
  const names = Object.keys(good);
  const formText = String(new URLSearchParams(good));
  const unread = `Send the body as ${fieldTypes}, without Content-Encoding`;
  const given = token === undefined ? {} : { token };
  const as = (type: string, body: BodyInit, headers = {}): RequestParts => {
    return { ...given, body, headers: { "content-type": type, ...headers } };
  };
  const bytesOf = (text: string) =>
    Uint8Array.from([...new TextEncoder().encode(text), 0xff]);
  const notMultipart =
    "The body is not multipart/form-data with the boundary it names";
  return [
    ...[
      "text/plain",
      "text/json",
      "application/xml",
      `${formType}x`,
      "*/*",
      "multipart/mixed",
    ].map(
      (type): Row => [route, as(type, formText), 415, unread],
    ),
    [
      route,
      as(formType, formText, { "content-encoding": "gzip" }),
      415,
      unread,
    ],
    [
      route,
      as(jsonType, JSON.stringify(good), { "content-encoding": "identity" }),
      415,
      unread,
    ],
    ...["{", "x", "'x'", '{"a":1,}', formText, `${JSON.stringify(good)}x`].map(
      (text): Row => [route, as(jsonType, text), 400, "The body is not JSON"],
    ),
    ...["[]", "null", "1", '"x"', "true", `[${JSON.stringify(good)}]`].map(
      (
        text,
      ): Row => [
        route,
        as(jsonType, text),
        400,
        "The body must be a JSON object",
      ],
    ),
    [route, as(formType, bytesOf(formText)), 400, "The body is not UTF-8"],
    [
      route,
      as(jsonType, bytesOf(JSON.stringify(good))),
      400,
      "The body is not UTF-8",
    ],
    [route, as("multipart/form-data", formText), 400, notMultipart],
    [route, as("multipart/form-data; boundary=x", formText), 400, notMultipart],
    [
      route,
      { ...given, form: { x: "y" } },
      400,
      `Missing field: ${names.join(", ")}`,
    ],
    [route, { ...given, json: {} }, 400, `Missing field: ${names.join(", ")}`],
    [
      route,
      as(jsonType, '{"__proto__":{}}'),
      400,
      `Missing field: ${names.join(", ")}`,
    ],
    [
      route,
      as(formType, `${formText}&x=${"x".repeat(16_384)}`),
      413,
      "The body is too large",
    ],
    [
      route,
      { ...given, json: { ...good, x: "x".repeat(16_384) } },
      413,
      "The body is too large",
    ],
    ...names.flatMap((name): Row[] => {
      const { [name]: _missing, ...others } = good;
      const missing = `Missing field: ${name}`;
      const own = String(new URLSearchParams({ [name]: good[name] ?? "" }));
      return [
        [route, { ...given, form: { ...others, x: "y" } }, 400, missing],
        [route, { ...given, json: others }, 400, missing],
        [
          route,
          { ...given, json: { ...others, [name.toUpperCase()]: "x" } },
          400,
          missing,
        ],
        [
          route,
          as(formType, `${formText}&${own}`),
          400,
          `Repeated field: ${name}`,
        ],
        [
          route,
          as(formType, `${formText}&${name}=`),
          400,
          `Repeated field: ${name}`,
        ],
        ...[1, true, false, null, [], [good[name]], {}, 0].map((value): Row => {
          const json = { ...good, [name]: value };
          return [route, { ...given, json }, 400, `Field is not text: ${name}`];
        }),
        [
          route,
          as(...multipartWithFile(good, name)),
          400,
          `Field is not text: ${name}`,
        ],
      ];
    }),
  ];
}

function multipartWithFile(
  fields: Readonly<Record<string, string>>,
  file: string,
): [type: string, body: string] {
  const parts = Object.entries(fields).map(([name, value]) => {
    const fileName = name === file ? '; filename="x"' : "";
    const field = `Content-Disposition: form-data; name="${name}"${fileName}`;
    return `--x\r\n${field}\r\n\r\n${value}\r\n`;
  });
  return ["multipart/form-data; boundary=x", `${parts.join("")}--x--\r\n`];
}

/** What every route refuses that takes the members of a JSON object alone. */
function memberRows(
  route: string,
  good: Readonly<Record<string, string | boolean>>,
  names: string,
  token: string,
): readonly Row[] {
  const unread = `Send the body as ${jsonType}, without Content-Encoding`;
  const as = (type: string, body: string, headers = {}): RequestParts => {
    return { token, body, headers: { "content-type": type, ...headers } };
  };
  const text = JSON.stringify(good);
  return [
    ...[
      "text/plain",
      formType,
      "multipart/form-data; boundary=x",
      "application/json-patch+json",
    ]
      .map(
        (type): Row => [route, as(type, text), 415, unread],
      ),
    [route, as(jsonType, text, { "content-encoding": "gzip" }), 415, unread],
    ...["", "{", "{}x", `${text},`, "x=y"].map(
      (text): Row => [route, as(jsonType, text), 400, "The body is not JSON"],
    ),
    ...["[]", "null", "1", '"x"', `[${text}]`].map(
      (
        text,
      ): Row => [
        route,
        as(jsonType, text),
        400,
        "The body must be a JSON object",
      ],
    ),
    [
      route,
      { token, json: {} },
      400,
      route.startsWith("POST")
        ? "Missing field: email, password"
        : `Send one of: ${names}`,
    ],
    ...["id", "Email", "created", "__proto__", "constructor", "user_id", ""]
      .map((name): Row => {
        const json = `${text.slice(0, -1)},${JSON.stringify(name)}:"x"}`;
        return [route, as(jsonType, json), 400, `Only these: ${names}`];
      }),
    [
      route,
      { token, json: { ...good, password: "x".repeat(16_384) } },
      413,
      "The body is too large",
    ],
    ...Object.entries(good).flatMap(([name, value]): Row[] => {
      const type = typeof value === "string" ? "text" : "a boolean";
      const wrong = [
        1,
        0,
        null,
        [],
        {},
        [value],
        typeof value === "string" ? true : "true",
      ];
      return wrong.map((value): Row => {
        return [
          route,
          { token, json: { ...good, [name]: value } },
          400,
          `Field is not ${type}: ${name}`,
        ];
      });
    }),
    ...(route.startsWith("POST") ? ["email", "password"] : []).map(
      (name): Row => {
        const { [name]: _missing, ...json } = good;
        return [route, { token, json }, 400, `Missing field: ${name}`];
      },
    ),
  ];
}
