/**
 * Users: which e-mail addresses and ids there are, and the line that the
 * tutorial shows.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  describeUser,
  parseEmail,
  parseUserId,
} from "../../../src/auth/user.ts";

test("an e-mail address is printable ASCII with exactly one @, at most 254 bytes, in lower case", () => {
  assert.equal(parseEmail("User@Email.Com"), "user@email.com");
  assert.equal(
    parseEmail("o'brien+tag@[192.0.2.1]"),
    "o'brien+tag@[192.0.2.1]",
  );
  assert.equal(parseEmail(`${"a".repeat(252)}@b`)?.length, 254);
  const refused = [
    "",
    "user",
    "@",
    "user@",
    "@host",
    "a@b@c",
    "a b@c",
    "a@b c",
    "é@b.c",
    "a@é.c",
    "a@b\n",
    "\ta@b",
    "a\u0000@b",
    "a@b\u007f",
    `${"a".repeat(253)}@b`,
    "\u212a@b.c",
  ];
  for (const text of refused) {
    assert.equal(parseEmail(text), null, JSON.stringify(text));
  }
});

test("a user's id is a positive integer and nothing else", () => {
  for (const value of [1, 2 ** 53 - 1]) assert.equal(parseUserId(value), value);
  const refused = [
    0,
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 53,
    "1",
    null,
    undefined,
    true,
    [1],
    {},
    1n,
  ];
  for (const value of refused) {
    assert.equal(parseUserId(value), null, String(value));
  }
});

test("a user is described as the tutorial describes it", () => {
  const [id, email] = [parseUserId(7), parseEmail("ada@example.org")];
  assert.ok(id !== null && email !== null);
  const user = { id, email, isAdmin: true };
  assert.equal(
    describeUser(user),
    "User id=7: <ada@example.org, is_admin=True>",
  );
  assert.equal(
    describeUser({ ...user, isAdmin: false }),
    "User id=7: <ada@example.org, is_admin=False>",
  );
});
