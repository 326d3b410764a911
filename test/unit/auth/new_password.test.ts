/**
 * What may become a password: its length in characters, none of the commonest,
 * not the e-mail address; the same for users, administrators and the library.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Email,
  faultOfPassword,
  parseEmail,
} from "../../../src/auth/auth.ts";
import { cheapHasher } from "../../support/hashers.ts";
import { makeServer, password } from "../../support/site.ts";

const email = address("ada.lovelace@example.org");
const tooShort = "The password must have at least 8 characters.";
const tooLong = "The password must not be longer than 1,024 bytes.";
const tooCommon = "The password is one of the commonest: choose another one.";
const isEmail = "The password must not be the e-mail address or a part of it.";

test("the length of a new password is counted in characters, as they are composed", () => {
  // deno-fmt-ignore
  const rows: readonly [string, string | null][] = [
    ["", tooShort],
    ["tangent", tooShort],
    ["tangents", null],
    ["ĳżçñøßµ€", null], // 8 characters of 17 bytes
    ["éééé", tooShort], // 8 bytes
    ["e\u0301t\u0301re x y", null],
    ["e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", tooShort], // 7 × é
    ["🐎🔋📎🦄🐎🔋📎", tooShort], // 7, though 14 code units
    ["🐎🔋📎🦄🐎🔋📎🦄", null],
    ["한국어로된암호", tooShort], // 7, 21 bytes
    ["1 ".repeat(512), null],
    [`${"1 ".repeat(512)}1`, tooLong],
    [`${"é1".repeat(341)}1`, null], // 1,024 bytes
    [`${"é1".repeat(341)}1é`, tooLong],
  ];
  for (const [text, expected] of rows) {
    assert.equal(faultOfPassword(text, { email }), expected, text);
  }
});

test("the least length is 8, or what is set", () => {
  const phrase = "correct horse bat";
  for (const minLength of [8, 15, 17]) {
    assert.equal(faultOfPassword(phrase, { email, minLength }), null);
  }
  assert.equal(
    faultOfPassword(phrase, { email, minLength: 18 }),
    "The password must have at least 18 characters.",
  );
  const undefinedLength = { email, minLength: undefined };
  assert.equal(faultOfPassword("tangent", undefinedLength), tooShort);
});

test("what is no Unicode text and what has a NUL is no password", () => {
  assert.equal(
    faultOfPassword("lone \ud800 surrogate", { email }),
    "The password is not Unicode text.",
  );
  assert.equal(
    faultOfPassword("tangents\0", { email }),
    "The password must not hold a NUL character.",
  );
});

test("none of the commonest passwords is taken, in whatever case, nor one character alone", () => {
  for (
    const common of [
      "password",
      "PASSWORD",
      "Password1",
      "P@ssw0rd",
      "passw0rd",
      "12345678",
      "1234567890",
      "12345678910",
      "qwertyuiop",
      "iloveyou1",
      "trustno1",
      "Football",
      "aaaaaaaa",
      "        ",
      "x".repeat(1024),
      "🐎".repeat(8),
    ]
  ) {
    assert.equal(faultOfPassword(common, { email }), tooCommon, common);
  }
  for (const other of [password, "password-", "not 12345678", "aaaaaaab"]) {
    assert.equal(faultOfPassword(other, { email }), null, other);
  }
});

test("neither the e-mail address nor a part of it is taken", () => {
  for (
    const part of [
      "ada.lovelace@example.org",
      "ADA.Lovelace@Example.org",
      "ada.lovelace",
      "lovelace",
      "example.org",
      "lace@exam",
    ]
  ) {
    assert.equal(faultOfPassword(part, { email }), isEmail, part);
  }
  for (const other of ["lovelaces", "love.lace", "example.com"]) {
    assert.equal(faultOfPassword(other, { email }), null, other);
  }
});

test("an administrator and a user meet the same rule, before any hash is made", async () => {
  const server = await makeServer({ passwordMinLength: 15 });
  const admin = "admin.of.all.of.it@example.org";
  await server.addUser(admin, { isAdmin: true });
  await server.addUser("bob@example.org");
  const { token } = await server.logIn(admin);
  // deno-fmt-ignore
  const rows = [
    ["tangents of 14", "The password must have at least 15 characters."],
    ["polniypizdec0211", tooCommon],
    ["@example.org of none", null],
  ] as const;
  for (const [tried, message] of rows) {
    const json = { email: "eve@example.org", password: tried };
    const added = await server.ask("POST /users", { token, json });
    const changed = await server.ask("PATCH /users/2", {
      token,
      json: { password: tried },
    });
    const form = { password, new_password: tried };
    const own = await server.ask("POST /password", { token, form });
    if (message === null) {
      assert.match(added, /^201 /);
      assert.match(changed, /^200 /);
      assert.match(own, /^200 /);
    } else {
      const refused = `400 ${JSON.stringify({ message })}`;
      assert.deepEqual([added, changed, own], [refused, refused, refused]);
    }
  }
});

test("each is compared with the address of the account, not with another's", async () => {
  const server = await makeServer();
  await server.addUser("administrator@example.org", { isAdmin: true });
  await server.addUser("bob.of.bath@example.org");
  const { token } = await server.logIn("administrator@example.org");
  const refused = `400 ${JSON.stringify({ message: isEmail })}`;
  const toBob = (tried: string) =>
    server.ask("PATCH /users/2", { token, json: { password: tried } });
  assert.equal(await toBob("bob.of.bath"), refused);
  assert.match(await toBob("administrator"), /^200 /);
  const form = { password, new_password: "administrator" };
  assert.equal(await server.ask("POST /password", { token, form }), refused);
  const json = { email: "eve.of.eden@example.org", password: "eve.of.eden" };
  assert.equal(await server.ask("POST /users", { token, json }), refused);
});

test("an old password that a new one may not be still logs in", async () => {
  const server = await makeServer({ passwordMinLength: 64 });
  for (const old of ["password", "12345678", "old@example.org"]) {
    await server.store.addUser({
      email: address(`${encodeURIComponent(old)}.old@example.org`),
      isAdmin: false,
      passwordHash: await cheapHasher().hash(old),
      createdAt: 1,
    }, null);
    const who = `${encodeURIComponent(old)}.old@example.org`;
    assert.equal((await server.tryPassword(who, old)).status, 200, old);
  }
});

function address(text: string): Email {
  const email = parseEmail(text);
  assert.ok(email !== null);
  return email;
}
