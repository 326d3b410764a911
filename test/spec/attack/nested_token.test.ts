/**
 * A token inside a token: an outer signature that somebody gave for another
 * purpose must not vouch for the claims of the inner one. Nesting is refused by
 * name and never unwrapped.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  forge,
  otherSecret,
  plainHeader,
  verdict,
} from "../../support/forge.ts";

const inner = forge('{"sub":"admin"}', plainHeader, otherSecret);

test("attack nested token: an outer token that says its content is a JWT is refused", async () => {
  for (
    const cty of ["JWT", "jwt", "Jwt", "application/jwt", "APPLICATION/JWT"]
  ) {
    const header = JSON.stringify({ alg: "HS256", cty });
    for (
      const payload of [inner, '{"sub":"admin"}', JSON.stringify(inner), ""]
    ) {
      assert.equal(await verdict(forge(payload, header)), "nested", cty);
    }
  }
});

test("attack nested token: a token as the payload is no claims set when nothing announces it", async () => {
  assert.equal(await verdict(forge(inner)), "claims_set");
  assert.equal(await verdict(forge(JSON.stringify(inner))), "claims_set");
  assert.equal(await verdict(forge(`["${inner}"]`)), "claims_set");
});
