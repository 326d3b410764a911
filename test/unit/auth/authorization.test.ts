/**
 * The grammar of Authorization: a token alone, a token behind Bearer, another
 * scheme, nothing.
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

test("without a value there are no credentials", () => {
  assert.equal(readCredentials(null), null);
  assert.equal(readCredentials(""), null);
});
