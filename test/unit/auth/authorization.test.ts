/**
 * The grammar of Authorization: a token alone, a token behind Bearer, another
 * scheme, nothing, and how long it may be.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCredentials } from "../../../src/auth/authorization.ts";

test("a token stands alone or behind Bearer, in whatever case and however many spaces", () => {
  // deno-fmt-ignore
  const rows: readonly (readonly [header: string, token: string])[] = [
    ["a.b.c", "a.b.c"],
    ["Bearer a.b.c", "a.b.c"],
    ["bearer   a.b.c", "a.b.c"],
    ["BEARER a b", "a b"],
    // Without a space it is a token alone, and then a bad one.
    ["Bearer", "Bearer"],
    ["Bearer ", ""],
    ["Bearer\ta", "Bearer\ta"],
  ];
  for (const [header, token] of rows) {
    assert.deepEqual(readCredentials(header), { token }, header);
  }
});

test("whatever else has a space in it is another scheme", () => {
  for (const header of ["Basic a", "Bearers a", "a, Bearer b", "Bearer, a"]) {
    assert.equal(readCredentials(header), "other scheme", header);
  }
});

test("a value longer than the longest token and its scheme is taken as a whole, as a token too long", () => {
  const token = "t".repeat(8192);
  assert.deepEqual(readCredentials(`Bearer ${token}`), { token });
  const long = [
    `Bearer ${token}t`,
    `Bearer  ${token}`,
    `bearer ${" ".repeat(15_000)}a.b.c`,
    `${token}t`,
  ];
  for (const header of long) {
    assert.deepEqual(readCredentials(header), { token: header });
  }
  // Of another scheme it is the service's own, and can be as long as it likes.
  assert.equal(readCredentials(`Negotiate ${token}t`), "other scheme");
});

test("without a value there are no credentials", () => {
  assert.equal(readCredentials(null), null);
  assert.equal(readCredentials(""), null);
});
