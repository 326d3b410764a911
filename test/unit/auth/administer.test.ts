/**
 * What administrators do with accounts, over the routes: every good and every
 * bad input, and that nobody else can do any of it.
 * The vocabulary of these tests, such as `told(server.tryPassword(…))`, is that
 * of test/support: site.ts and send.ts.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseEmail } from "../../../src/auth/auth.ts";
import { told } from "../../support/send.ts";
import { withClock } from "../../support/clock.ts";
import {
  authRequired,
  makeServer,
  notFound,
  password,
  readTokens,
  type Sent,
} from "../../support/site.ts";
import {
  type Server,
  tokenIsInvalid,
  wrongCredentials,
} from "../../support/site.ts";

const root = "root@example.org";
const lastAdmin =
  '409 {"message":"The last enabled administrator must stay one"}';

test("an administrator adds a user, who can log in", async () => {
  const { server, token } = await serverWithAdmin();
  const json = { email: "Ada@Example.Org", password: "her password" };
  const before = Math.floor(Date.now() / 1000);
  const response = await server.send("POST /users", { token, json });
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("location"), "/users/2");
  const { created, ...user } = Object(await response.json());
  assert.deepEqual(user, {
    id: 2,
    email: "ada@example.org",
    is_admin: false,
    is_disabled: false,
  });
  const seconds = Date.parse(created) / 1000;
  assert.ok(
    seconds >= before && seconds <= before + 5 && created === iso(seconds),
  );
  assert.deepEqual(await server.get("GET /users/2", { token }), {
    created,
    ...user,
  });
  assert.equal(
    (await server.tryPassword("ada@example.org", "her password")).status,
    200,
  );
  assert.equal(
    (await server.tryPassword("ada@example.org", password)).status,
    400,
  );
});

test("a user that was added is found where the answer says, also below a path prefix", async () => {
  const server = await makeServer({ pathPrefix: "/onejot" });
  await server.addUser(root, { isAdmin: true });
  const login = await server.send("POST /onejot/login", {
    form: { email: root, password },
  });
  const { token } = await readTokens(login);
  const json = { email: "ada@example.org", password };
  const { status, headers } = await server.send("POST /onejot/users", {
    token,
    json,
  });
  assert.deepEqual([status, headers.get("location")], [201, "/onejot/users/2"]);
  assert.equal(
    (await server.get(`GET ${headers.get("location")}`, { token }))["id"],
    2,
  );
});

test("an administrator adds another one, who can administer", async () => {
  const { server, token } = await serverWithAdmin();
  for (
    const [email, isAdmin] of [["a@example.org", true], [
      "b@example.org",
      false,
    ]] as const
  ) {
    const json = { email, password, is_admin: isAdmin };
    assert.equal(
      (await server.get("POST /users", { token, json }))["is_admin"],
      isAdmin,
    );
    const { token: theirs } = await server.logIn(email);
    assert.equal(
      (await server.send("GET /users", { token: theirs })).status,
      isAdmin ? 200 : 403,
    );
  }
});

test("a user that cannot be is refused with the reason, and none is made", async () => {
  const { server, token } = await serverWithAdmin();
  const email = "ada@example.org";
  const noEmail = "email must look like name@host, in ASCII";
  const known = "Only these: email, password, is_admin";
  const table: [unknown, string][] = [
    [{ password }, "Missing field: email"],
    [{ email }, "Missing field: password"],
    [{}, "Missing field: email, password"],
    [{ email: "ada", password }, noEmail],
    [{ email: "", password }, noEmail],
    [{ email: "ä@example.org", password }, noEmail],
    [{ email: `${"a".repeat(253)}@b`, password }, noEmail],
    [{ email: null, password }, "Field is not text: email"],
    [{ email, password: 12345678 }, "Field is not text: password"],
    [
      { email, password: "1234567" },
      "The password must have at least 8 characters.",
    ],
    [
      { email, password: "x".repeat(1025) },
      "The password must not be longer than 1,024 bytes.",
    ],
    [
      { email, password: "12345678\0" },
      "The password must not hold a NUL character.",
    ],
    [{ email, password, is_admin: 1 }, "Field is not a boolean: is_admin"],
    [{ email, password, is_admin: "true" }, "Field is not a boolean: is_admin"],
    [{ email, password, is_disabled: true }, known],
    [{ email, password, id: 7 }, known],
    [[email, password], "The body must be a JSON object"],
    [null, "The body must be a JSON object"],
  ];
  for (const [json, message] of table) {
    const answer = await server.ask("POST /users", { token, json });
    assert.equal(
      answer,
      `400 ${JSON.stringify({ message })}`,
      JSON.stringify(json),
    );
  }
  const form = { email, password };
  assert.match(await server.ask("POST /users", { token, form }), /^415 /);
  assert.match(await server.ask("POST /users", { token }), /^415 /);
  assert.equal(
    (await server.store.listUsers({ after: 0, limit: 9 })).length,
    1,
  );
});

test("an e-mail address that is taken is a conflict, in whatever case, and changes nothing", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  const before = await server.account("ada@example.org");
  const taken =
    '409 {"message":"There is an account with this e-mail address"}';
  for (const email of ["ada@example.org", "ADA@example.org"]) {
    const json = { email, password: "another one", is_admin: true };
    assert.equal(await server.ask("POST /users", { token, json }), taken);
  }
  assert.deepEqual(await server.account("ada@example.org"), before);
});

test("of many that add one e-mail address at once, one does", async () => {
  const { server, token } = await serverWithAdmin();
  const json = { email: "ada@example.org", password };
  const responses = await Promise.all(
    Array.from(
      { length: 12 },
      () => server.send("POST /users", { token, json }),
    ),
  );
  const statuses = responses.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [201, ...Array(11).fill(409)]);
});

test("users are listed in pages, in the order of their ids", async () => {
  const { server, token } = await serverWithAdmin();
  for (let id = 2; id <= 7; id++) await server.addUser(`user${id}@example.org`);
  const pages: [string, number[], number | null][] = [
    ["", [1, 2, 3, 4, 5, 6, 7], null],
    ["?limit=3", [1, 2, 3], 3],
    ["?limit=3&after=3", [4, 5, 6], 6],
    ["?after=6&limit=3", [7], null],
    ["?limit=7", [1, 2, 3, 4, 5, 6, 7], null],
    ["?limit=6", [1, 2, 3, 4, 5, 6], 6],
    ["?limit=1&after=0", [1], 1],
    ["?after=7", [], null],
    ["?after=9007199254740991&limit=200", [], null],
    ["?other=1", [1, 2, 3, 4, 5, 6, 7], null],
  ];
  for (const [query, ids, next] of pages) {
    const page = await server.get(`GET /users${query}`, { token });
    assert.ok(Array.isArray(page["users"]));
    assert.deepEqual(page["users"].map(({ id }) => id), ids, query);
    assert.equal(page["next"], next, query);
    assert.deepEqual(Object.keys(page), ["users", "next"]);
  }
  const { users } = await server.get("GET /users?limit=1", { token });
  assert.deepEqual(users, [await server.get("GET /users/1", { token })]);
});

test("a page has 50 users unless it is said otherwise, and at most 200", async () => {
  const { server, token } = await serverWithAdmin();
  const { passwordHash } = await server.account(root);
  for (let id = 2; id <= 202; id++) {
    const email = parseEmail(`user${id}@example.org`);
    assert.ok(email !== null);
    await server.store.addUser({
      email,
      isAdmin: false,
      passwordHash,
      createdAt: 1000,
    }, null);
  }
  const lengths = [["", 50, 50], ["?limit=200", 200, 200], [
    "?limit=200&after=2",
    200,
    null,
  ]] as const;
  for (const [query, length, next] of lengths) {
    const page = await server.get(`GET /users${query}`, { token });
    assert.deepEqual([Object(page["users"]).length, page["next"]], [
      length,
      next,
    ]);
  }
});

test("a page that cannot be is refused with what it could be", async () => {
  const { server, token } = await serverWithAdmin();
  const limits = [
    "0",
    "201",
    "-1",
    "1.5",
    "1e1",
    "",
    " 1",
    "x",
    "0x1",
    "5&limit=5",
    "99999999999999999",
  ];
  for (const text of limits) {
    const answer = await server.ask(`GET /users?limit=${text}`, { token });
    assert.equal(
      answer,
      '400 {"message":"limit must be a whole number from 1 to 200"}',
      text,
    );
  }
  const afters = [
    "-1",
    "1.5",
    "",
    "x",
    "9007199254740992",
    "1&after=1",
    "NaN",
    "Infinity",
  ];
  for (const text of afters) {
    const answer = await server.ask(`GET /users?after=${text}`, { token });
    const message = "after must be a whole number from 0 to 9007199254740991";
    assert.equal(answer, `400 ${JSON.stringify({ message })}`, text);
  }
});

test("a user is shown without anything secret", async () => {
  const { server, token } = await serverWithAdmin();
  const user = await server.get("GET /users/1", { token });
  assert.deepEqual(Object.keys(user), [
    "id",
    "email",
    "is_admin",
    "is_disabled",
    "created",
  ]);
  assert.deepEqual([user["email"], user["is_admin"], user["is_disabled"]], [
    root,
    true,
    false,
  ]);
});

test("no answer about users or sessions holds a password hash", async () => {
  const { server, token } = await serverWithAdmin();
  const { passwordHash } = await server.account(root);
  assert.match(passwordHash, /^pbkdf2/);
  const requests: [string, Sent][] = [
    ["POST /users", { json: { email: "ada@example.org", password } }],
    // Is taken.
    ["POST /users", { json: { email: "ada@example.org", password } }],
    ["GET /users", {}],
    ["GET /users/1", {}],
    ["GET /users/2", {}],
    ["PATCH /users/2", { json: { is_disabled: true } }],
    ["PATCH /users/2", { json: { password: "another one" } }],
    ["PATCH /users/1", { json: { is_admin: false } }], // is the last
    ["GET /get-user", {}],
    ["GET /sessions", {}],
    ["GET /forward-auth", {}],
    ["POST /login", { form: { email: root, password } }],
    ["POST /login", { form: { email: root, password: "wrong" } }],
    ["POST /password", { form: { password, new_password: "another one" } }],
  ];
  const statuses: number[] = [];
  for (const [line, sent] of requests) {
    const response = await server.send(line, { token, ...sent });
    const text = JSON.stringify([...response.headers, await response.text()]);
    assert.doesNotMatch(text, /pbkdf2|hash/i, line);
    statuses.push(response.status);
  }
  const expected = [
    201,
    409,
    200,
    200,
    200,
    200,
    200,
    409,
    200,
    200,
    200,
    200,
    400,
    200,
  ];
  assert.deepEqual(statuses, expected);
});

test("a user is found by an id of any number of digits", async () => {
  const { server, token } = await serverWithAdmin();
  for (let id = 2; id <= 11; id++) {
    await server.addUser(`user${id}@example.org`);
  }
  for (let id = 1; id <= 11; id++) {
    assert.equal((await server.get(`GET /users/${id}`, { token }))["id"], id);
  }
});

test("a change of nobody is refused before its password is looked at", async () => {
  const { server, token } = await serverWithAdmin();
  assert.equal(
    await server.ask("PATCH /users/2", { token, json: { password: "x" } }),
    notFound,
  );
});

test("a user who is gone by the time of the change is not found", async () => {
  const server = await makeServer({}, () => ({ changeUser: () => null }));
  await server.addUser(root, { isAdmin: true });
  const { token } = await server.logIn(root);
  assert.equal(
    await server.ask("PATCH /users/1", { token, json: { is_admin: true } }),
    notFound,
  );
});

test("an id that is none is not found, to see and to change", async () => {
  const { server, token } = await serverWithAdmin();
  const ids = [
    "0",
    "2",
    "-1",
    "01",
    "1.0",
    "1e0",
    "0x1",
    "x",
    "%20",
    "1%20",
    "+1",
    "%31%0A",
    "9007199254740991",
    "9007199254740992",
    "99999999999999999999",
    "1%00",
    "me",
  ];
  for (const id of ids) {
    assert.equal(await server.ask(`GET /users/${id}`, { token }), notFound, id);
    const json = { is_disabled: true, password };
    assert.equal(
      await server.ask(`PATCH /users/${id}`, { token, json }),
      notFound,
      id,
    );
  }
  assert.match(await server.ask("GET /users/1", { token }), /^200 /);
});

test("a change that cannot be is refused with the reason, and changes nothing", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  const theirs = await server.logIn("ada@example.org");
  const before = await server.account("ada@example.org");
  const known = "Only these: is_admin, is_disabled, password";
  const table: [unknown, string][] = [
    [{}, "Send one of: is_admin, is_disabled, password"],
    [[], "The body must be a JSON object"],
    [null, "The body must be a JSON object"],
    ["x", "The body must be a JSON object"],
    [{ is_admin: null }, "Field is not a boolean: is_admin"],
    [{ is_disabled: 1 }, "Field is not a boolean: is_disabled"],
    [
      { is_disabled: "true", is_admin: true },
      "Field is not a boolean: is_disabled",
    ],
    [{ password: null }, "Field is not text: password"],
    [{ password: "1234567" }, "The password must have at least 8 characters."],
    [
      { is_admin: true, password: "short" },
      "The password must have at least 8 characters.",
    ],
    [{ email: "eve@example.org" }, known],
    [{ is_admin: true, id: 1 }, known],
    [{ isAdmin: true }, known],
  ];
  for (const [json, message] of table) {
    const answer = await server.ask("PATCH /users/2", { token, json });
    assert.equal(
      answer,
      `400 ${JSON.stringify({ message })}`,
      JSON.stringify(json),
    );
  }
  assert.match(
    await server.ask("PATCH /users/2", { token, form: { is_admin: "true" } }),
    /^415 /,
  );
  assert.deepEqual(await server.account("ada@example.org"), before);
  assert.ok(await server.accepts(theirs.token));
});

test("each change of a user is answered with the user, and leaves the rest as it was", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  const { created } = await server.get("GET /users/2", { token });
  let user = {
    id: 2,
    email: "ada@example.org",
    is_admin: false,
    is_disabled: false,
    created,
  };
  const changes = [{ is_admin: true }, { is_disabled: true }, {
    is_admin: false,
  }];
  for (
    const change of [...changes, { is_disabled: false }, {
      is_admin: true,
      is_disabled: true,
    }]
  ) {
    const hash = (await server.account("ada@example.org")).passwordHash;
    user = { ...user, ...change };
    const answer = await server.get("PATCH /users/2", { token, json: change });
    assert.deepEqual(answer, user);
    assert.deepEqual(await server.get("GET /users/2", { token }), user);
    assert.equal((await server.account("ada@example.org")).passwordHash, hash);
  }
  const json = { password: "another one" };
  assert.deepEqual(await server.get("PATCH /users/2", { token, json }), user);
  const rootUser = await server.get("GET /users/1", { token });
  assert.deepEqual([rootUser["is_admin"], rootUser["is_disabled"]], [
    true,
    false,
  ]);
});

for (
  const [name, json] of [["disable", { is_disabled: true }], ["password", {
    password,
  }]] as const
) {
  test(`a ${name} by an administrator ends the user's sessions and tokens, and nobody else's`, async () => {
    await withClock(async (clock) => {
      const { server, token } = await serverWithAdmin();
      await server.addUser("ada@example.org");
      const sessions = [
        await server.logIn("ada@example.org"),
        await server.logIn("ada@example.org"),
      ];
      const plain = await server.sign({ user_id: 2 });
      assert.ok(await server.accepts(plain));
      assert.equal(
        (await server.send("PATCH /users/2", { token, json })).status,
        200,
      );
      for (const { token, refreshToken } of sessions) {
        assert.equal(await server.accepts(token), false);
        assert.equal(
          await told(server.tryRefresh(refreshToken)),
          tokenIsInvalid,
        );
      }
      assert.equal(await server.accepts(plain), false);
      assert.ok(await server.accepts(token));
      assert.ok(await server.accepts(await server.sign({ user_id: 1 })));
      clock.advance(3);
      const later = await server.sign({ user_id: 2 });
      assert.equal(await server.accepts(later), name === "password");
    });
  });
}

test("a change that touches neither password nor state ends no session", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  const theirs = await server.logIn("ada@example.org");
  const plain = await server.sign({ user_id: 2 });
  for (
    const json of [{ is_admin: true }, { is_admin: false }, {
      is_disabled: false,
    }]
  ) {
    assert.equal(
      (await server.send("PATCH /users/2", { token, json })).status,
      200,
    );
  }
  assert.ok(await server.accepts(theirs.token) && await server.accepts(plain));
});

test("a disabled user cannot log in, and can with the old password when enabled again", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  await server.send("PATCH /users/2", { token, json: { is_disabled: true } });
  assert.equal(
    await told(server.tryPassword("ada@example.org", password)),
    wrongCredentials,
  );
  await server.send("PATCH /users/2", { token, json: { is_disabled: false } });
  await server.logIn("ada@example.org");
});

test("a password that an administrator sets takes the old one's place", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  await server.send("PATCH /users/2", {
    token,
    json: { password: "another one" },
  });
  assert.equal(
    await told(server.tryPassword("ada@example.org", password)),
    wrongCredentials,
  );
  assert.equal(
    (await server.tryPassword("ada@example.org", "another one")).status,
    200,
  );
});

test("the last enabled administrator stays one, and keeps session and password", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  await server.addUser("former@example.org", { isAdmin: true });
  const changes = [{ is_disabled: true }, { is_admin: false }, {
    is_admin: false,
    is_disabled: true,
  }];
  assert.equal(
    (await server.send("PATCH /users/3", { token, json: changes[0] })).status,
    200,
  );
  const before = await server.account(root);
  for (const json of changes) {
    assert.equal(
      await server.ask("PATCH /users/1", { token, json }),
      lastAdmin,
    );
  }
  assert.deepEqual(await server.account(root), before);
  assert.ok(await server.accepts(token));
  const harmless = { is_admin: true, is_disabled: false };
  assert.equal(
    (await server.send("PATCH /users/1", { token, json: harmless })).status,
    200,
  );
});

test("of two administrators one may go, and then the other must stay", async () => {
  for (const json of [{ is_disabled: true }, { is_admin: false }]) {
    const { server, token } = await serverWithAdmin();
    await server.addUser("ada@example.org", { isAdmin: true });
    assert.equal(
      (await server.send("PATCH /users/2", { token, json })).status,
      200,
    );
    assert.equal(
      await server.ask("PATCH /users/1", { token, json }),
      lastAdmin,
    );
    const back = { is_admin: true, is_disabled: false };
    assert.equal(
      (await server.send("PATCH /users/2", { token, json: back })).status,
      200,
    );
    assert.equal(
      (await server.send("PATCH /users/1", { token, json })).status,
      200,
    );
    const { token: theirs } = await server.logIn("ada@example.org");
    assert.equal(
      await server.ask("PATCH /users/2", { token: theirs, json }),
      lastAdmin,
    );
  }
});

test("of two administrators who disable each other at once, one stays", async () => {
  const { server, token } = await serverWithAdmin();
  await server.addUser("ada@example.org", { isAdmin: true });
  const { token: theirs } = await server.logIn("ada@example.org");
  const json = { is_disabled: true };
  const answers = await Promise.all([
    server.send("PATCH /users/2", { token, json }),
    server.send("PATCH /users/1", { token: theirs, json }),
  ]);
  // The other: 400 or 409.
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  const users = await server.store.listUsers({ after: 0, limit: 9 });
  assert.deepEqual(users.map(({ isDisabled }) => isDisabled).sort(), [
    false,
    true,
  ]);
});

test("a token of an administrator is not enough to set the own password", async () => {
  const { server, token } = await serverWithAdmin();
  const before = await server.account(root);
  for (const more of [{}, { is_disabled: false }, { is_admin: true }]) {
    const json = { ...more, password: "another one" };
    assert.equal(
      await server.ask("PATCH /users/1", { token, json }),
      '409 {"message":"Change your own password by POST /password"}',
    );
  }
  assert.deepEqual(await server.account(root), before);
});

test("administration is for administrators: others get 403, strangers 401, and nothing is done", async () => {
  const { server } = await serverWithAdmin();
  await server.addUser("ada@example.org");
  const { token } = await server.logIn("ada@example.org");
  const before = await server.store.listUsers({ after: 0, limit: 9 });
  const json = { is_admin: true };
  const lines = [
    "POST /users",
    "GET /users",
    "GET /users/1",
    "GET /users/2",
    "PATCH /users/2",
  ];
  for (
    const line of [...lines, "PATCH /users/1", "GET /users/x", "PATCH /users/9"]
  ) {
    const sent = line.startsWith("GET") ? {} : { json };
    const plain = await server.sign({ user_id: 2, is_admin: true });
    for (const theirs of [token, plain]) {
      const answer = await server.ask(line, { token: theirs, ...sent });
      assert.equal(answer, '403 {"message":"Administrators only"}', line);
    }
    assert.equal(await server.ask(line, sent), authRequired, line);
    assert.equal(
      await server.ask(line, { token: "bad", ...sent }),
      tokenIsInvalid,
      line,
    );
  }
  assert.deepEqual(
    await server.store.listUsers({ after: 0, limit: 9 }),
    before,
  );
});

async function serverWithAdmin(): Promise<{ server: Server; token: string }> {
  const server = await makeServer();
  await server.addUser(root, { isAdmin: true });
  return { server, token: (await server.logIn(root)).token };
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
