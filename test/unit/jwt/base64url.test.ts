/**
 * base64url: round trips against Node's Buffer, and every text that is not the
 * one text of some bytes. The vectors of RFC 4648 section 10 are in
 * test/spec/rfc.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  decodeBase64url,
  encodeBase64url,
} from "../../../src/jwt/base64url.ts";
import { outcome } from "../../support/forge.ts";

const alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

test("base64url agrees with Buffer in both directions for random bytes of each length to 200", () => {
  for (let length = 0; length <= 200; length++) {
    for (let round = 0; round < 5; round++) {
      const bytes = new Uint8Array(randomBytes(length));
      const text = Buffer.from(bytes).toString("base64url");
      assert.equal(encodeBase64url(bytes), text);
      assert.deepEqual(decodeBase64url(text), bytes);
    }
  }
});

test("base64url of each single byte and of each pair's edge is what Buffer makes", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (const bytes of [[byte], [byte, 0], [255, byte], [byte, 255, byte]]) {
      const text = encodeBase64url(new Uint8Array(bytes));
      assert.equal(text, Buffer.from(bytes).toString("base64url"));
      assert.deepEqual([...decodeBase64url(text)], bytes);
    }
  }
});

test("base64url encodes the bytes of a view and not the buffer around it", () => {
  const whole = new Uint8Array([1, 2, 3, 4, 5, 6]);
  assert.equal(encodeBase64url(whole.subarray(2, 4)), "AwQ");
});

test("a last character with bits behind the last byte is refused, each of the 64 tried", async () => {
  let accepted = 0;
  for (const [index, character] of [...alphabet].entries()) {
    // Behind one byte there are four bits too many, behind two bytes two.
    const oneByte = index % 16 === 0 ? "accepted" : "malformed";
    const twoBytes = index % 4 === 0 ? "accepted" : "malformed";
    assert.equal(
      await outcome(() => decodeBase64url(`Q${character}`)),
      oneByte,
      character,
    );
    assert.equal(
      await outcome(() => decodeBase64url(`QU${character}`)),
      twoBytes,
      character,
    );
    assert.equal(
      await outcome(() => decodeBase64url(`QUJ${character}`)),
      "accepted",
      character,
    );
    accepted += Number(oneByte === "accepted") +
      Number(twoBytes === "accepted");
  }
  assert.equal(accepted, 4 + 16);
});

test("a base64url length that leaves one character over is refused", async () => {
  for (const length of [1, 5, 9, 401]) {
    assert.equal(
      await outcome(() => decodeBase64url("A".repeat(length))),
      "malformed",
    );
  }
});

test(
  "each UTF-16 code unit outside the base64url alphabet is refused at each place",
  {
    timeout: 60_000,
  },
  async () => {
    let refused = 0;
    for (let unit = 0; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit);
      if (alphabet.includes(character)) continue;
      const place = unit % 4;
      const text = "AAAA".slice(0, place) + character + "AAAA".slice(place + 1);
      assert.equal(
        await outcome(() => decodeBase64url(text)),
        "malformed",
        `U+${unit.toString(16)}`,
      );
      refused++;
    }
    assert.equal(refused, 0x10000 - 64);
  },
);

test("padding, white space, the other alphabet and non-ASCII letters are no base64url", async () => {
  const padded = ["QQ==", "QUI=", "QUJD=", "=", "====", "Q=", "QQ=A"];
  const spaced = [
    " QUJD",
    "QUJD ",
    "QU\nJD",
    "QUJD\r\n",
    "QU\tJ",
    "QUJ\u0000",
    "QUJ\u00a0",
  ];
  const others = [
    "+/+/",
    "ab+/",
    "QU.D",
    "QUJ\u00c3",
    "QUJ\u0141",
    "\u0100AAA",
    "QUJ\u{1F600}",
  ];
  for (
    const text of [
      ...padded,
      ...spaced,
      ...others,
      "QU\ud83d",
      "\udc00QUJ",
      "\ud800AAA",
    ]
  ) {
    assert.equal(
      await outcome(() => decodeBase64url(text)),
      "malformed",
      JSON.stringify(text),
    );
  }
});
