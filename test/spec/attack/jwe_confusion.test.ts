/**
 * A token of another kind handed to a verifier of signed ones: encrypted
 * (CVE-2023-51774), as JSON or as both at once (CVE-2022-39227), or with parts
 * too many. None is half read.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, forge, outcome, verdict } from "../../support/forge.ts";
import { decodeUnsecured, decodeUnverified } from "../../../src/jwt/jwt.ts";

test("attack jwe confusion: five parts are refused even where the first three are a good token", async () => {
  const good = forge("{}");
  for (
    const token of [
      `${good}..`,
      `${good}.a.b`,
      `..${good}`,
      `.${good}.`,
      `a.${good}.b`,
    ]
  ) {
    assert.equal(await verdict(token), "encrypted", token);
    assert.equal(
      await outcome(() => decodeUnsecured(token)),
      "encrypted",
      token,
    );
    assert.equal(
      await outcome(() => decodeUnverified(token)),
      "encrypted",
      token,
    );
  }
});

test("attack jwe confusion: an encryption's header on three signed parts is refused", async () => {
  for (
    const alg of ["dir", "A256KW", "RSA-OAEP", "PBES2-HS256+A128KW", "ECDH-ES"]
  ) {
    const header = `{"alg":"${alg}","enc":"A256GCM","p2c":2147483647}`;
    assert.equal(await verdict(forge("{}", header)), "algorithm", alg);
  }
});

test("attack jwe confusion: the JSON serialization around a good token is refused", async () => {
  const [header, payload, signature] = forge("{}").split(".");
  const flat = { protected: header, payload, signature };
  const general = { payload, signatures: [{ protected: header, signature }] };
  const hybrid = `{"${forge("{}")}":1}`; // CVE-2022-39227
  for (const text of [JSON.stringify(flat), JSON.stringify(general), hybrid]) {
    assert.equal(await verdict(text), "malformed", text);
    assert.equal(await verdict(encoded(text)), "malformed", text);
  }
});
