/**
 * RFC 4648, base encodings: the vectors of section 10, whose alphabet differs from base64url's in
 * no character that occurs there, and what sections 3 and 5 ask of a decoder.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64url, encodeBase64url } from "../../src/jwt/jwt.ts";
import { outcome } from "../jwt/forge.ts";

test("RFC 4648 10: the vectors hold in both directions, without their padding", async () => {
  const vectors = {
    "": "",
    f: "Zg==",
    fo: "Zm8=",
    foo: "Zm9v",
    foob: "Zm9vYg==",
    fooba: "Zm9vYmE=",
    foobar: "Zm9vYmFy",
  };
  for (const [text, padded] of Object.entries(vectors)) {
    const unpadded = padded.replaceAll("=", "");
    assert.equal(encodeBase64url(new TextEncoder().encode(text)), unpadded);
    assert.equal(new TextDecoder().decode(decodeBase64url(unpadded)), text);
    const expected = padded === unpadded ? "accepted" : "malformed";
    assert.equal(await outcome(() => decodeBase64url(padded)), expected, padded);
  }
});

test("RFC 4648 5: the values 62 and 63 are written - and _", async () => {
  const bytes = new Uint8Array([0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff]);
  assert.equal(encodeBase64url(bytes), "----____");
  assert.deepEqual(decodeBase64url("----____"), bytes);
  assert.equal(await outcome(() => decodeBase64url("++++////")), "malformed");
});

test("RFC 4648 3.3: characters outside the alphabet are refused, line feeds too", async () => {
  for (const text of ["Zm9v\n", "Zm\r\n9v", "Zm 9v", "Zm9v.", "Zm9*"]) {
    assert.equal(await outcome(() => decodeBase64url(text)), "malformed", JSON.stringify(text));
  }
});

test("RFC 4648 3.5: bits behind the last byte must be zero", async () => {
  for (const text of ["Zh", "Zv", "Zm9", "Zm-"]) {
    assert.equal(await outcome(() => decodeBase64url(text)), "malformed", text);
  }
  assert.deepEqual([...decodeBase64url("Zg")], [0x66]);
});
