/**
 * CVE-2015-9235, CVE-2022-29217: a public key taken for an HMAC secret. A PEM
 * cannot become a key here, and no algorithm but HS256 is ever chosen by the
 * token.
 */

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { importKey } from "../../../src/jwt/jwt.ts";
import { forge, misuse, secret, verdict } from "../../support/forge.ts";

test("attack algorithm confusion: the PEM of a public key cannot be imported as a secret", async () => {
  const { publicKey } = generateKeyPairSync("ed25519");
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  for (
    const text of [
      pem,
      pem.trim(),
      ` ${pem}`,
      pem.replaceAll("\n", "\r\n"),
      pem.replaceAll("\n", ""),
    ]
  ) {
    const bytes = new TextEncoder().encode(text);
    assert.equal(await misuse(() => importKey(bytes)), "TypeError", text);
  }
});

test("attack algorithm confusion: a header that names another algorithm is refused under a true MAC", async () => {
  const names = [
    "RS256",
    "ES256",
    "PS256",
    "EdDSA",
    "HS384",
    "HS512",
    "ES256K",
    "A128KW",
    "dir",
  ];
  for (const name of names) {
    const header = `{"alg":"${name}","typ":"JWT"}`;
    assert.equal(await verdict(forge("{}", header, secret)), "algorithm", name);
  }
});
