/**
 * RFC 4648, base encodings: the vectors of section 10, whose alphabet differs
 * from base64url's in no character that occurs there, and what sections 3 and 5
 * ask of a decoder.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBase64url, encodeBase64url } from "../../../src/jwt/jwt.ts";
import { outcome } from "../../support/forge.ts";

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
    assert.equal(
      await outcome(() => decodeBase64url(padded)),
      expected,
      padded,
    );
  }
});

test("RFC 4648 5a: the values 62 and 63 are written - and _", async () => {
  const bytes = new Uint8Array([0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff]);
  assert.equal(encodeBase64url(bytes), "----____");
  assert.deepEqual(decodeBase64url("----____"), bytes);
  assert.equal(await outcome(() => decodeBase64url("++++////")), "malformed");
});

test("RFC 4648 3.3a: characters outside the alphabet are refused, line feeds too", async () => {
  for (const text of ["Zm9v\n", "Zm\r\n9v", "Zm 9v", "Zm9v.", "Zm9*"]) {
    assert.equal(
      await outcome(() => decodeBase64url(text)),
      "malformed",
      JSON.stringify(text),
    );
  }
});

test("RFC 4648 3.5b: bits behind the last byte must be zero", async () => {
  for (const text of ["Zh", "Zv", "Zm9", "Zm-"]) {
    assert.equal(await outcome(() => decodeBase64url(text)), "malformed", text);
  }
  assert.deepEqual([...decodeBase64url("Zg")], [0x66]);
});

test("RFC 4648 3.5a: the bits behind the last byte are written as zero", () => {
  for (let byte = 0; byte < 256; byte++) {
    const [one, two] = [
      encodeBase64url(new Uint8Array([byte])),
      new Uint8Array([byte, byte]),
    ];
    assert.match(one, /^.[AQgw]$/); // values with four zero bits at their end
    // Two zero bits.
    assert.match(encodeBase64url(two), /^..[AEIMQUYcgkosw048]$/);
  }
});

test("RFC 4648 4a: each value of six bits is written as its character of the alphabet", () => {
  const alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const bytes = new Uint8Array(48); // 64 values of six bits, in order
  for (let value = 0; value < 64; value++) {
    for (let bit = 0; bit < 6; bit++) {
      const position = value * 6 + bit;
      if (value >> (5 - bit) & 1) {
        bytes[position >> 3] = (bytes[position >> 3] ?? 0) |
          128 >> position % 8;
      }
    }
  }
  assert.equal(encodeBase64url(bytes), alphabet);
  assert.deepEqual(decodeBase64url(alphabet), bytes);
});

test("RFC 4648 3.1: an encoder adds no line feeds, however long the text is", () => {
  for (const length of [6000, 6143, 6144, 6145, 6146, 100_000]) {
    const text = encodeBase64url(new Uint8Array(length));
    assert.match(text, /^A+$/);
    assert.equal(text.length, Math.ceil(length * 4 / 3));
  }
});

test("RFC 4648 3.2: an encoder writes no padding, as RFC 7515 section 2 says otherwise", () => {
  for (let length = 0; length < 10; length++) {
    const text = encodeBase64url(new Uint8Array(length));
    assert.equal(text.length, Math.ceil(length * 4 / 3));
    assert.ok(!text.includes("="));
  }
});
