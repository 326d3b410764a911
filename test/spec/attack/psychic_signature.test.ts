/**
 * CVE-2022-21449 in the shape that a MAC could take it: a signature of zeros,
 * of nothing, of a part of the true one. The whole MAC must match.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { encoded, forge, verdict } from "../../support/forge.ts";

const token = forge('{"sub":"admin"}');
const start = token.slice(0, token.lastIndexOf(".") + 1);
const mac = new Uint8Array(Buffer.from(token.slice(start.length), "base64url"));

test("attack psychic signature: zeros and ones of any length are no signature", async () => {
  for (let length = 0; length <= 64; length++) {
    for (const byte of [0x00, 0x01, 0xff]) {
      const signature = encoded(new Uint8Array(length).fill(byte));
      assert.equal(
        await verdict(start + signature),
        "signature",
        `${length} times ${byte}`,
      );
    }
  }
});

test("attack psychic signature: a part of the true MAC, or more than it, is no signature", async () => {
  assert.equal(await verdict(start + encoded(mac)), "accepted");
  for (let length = 0; length < 32; length++) {
    assert.equal(
      await verdict(start + encoded(mac.subarray(0, length))),
      "signature",
      `${length}`,
    );
    const padded = new Uint8Array(32);
    padded.set(mac.subarray(0, length));
    if (mac.subarray(length).every((byte) => byte === 0)) continue;
    assert.equal(
      await verdict(start + encoded(padded)),
      "signature",
      `${length}`,
    );
  }
  for (const more of [[0], [1], [...mac]]) {
    assert.equal(
      await verdict(start + encoded(new Uint8Array([...mac, ...more]))),
      "signature",
    );
  }
});

test("attack psychic signature: each single bit of the MAC counts", async () => {
  for (let bit = 0; bit < 256; bit++) {
    const changed = mac.map((byte, index) =>
      index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte
    );
    assert.equal(
      await verdict(start + encoded(changed)),
      "signature",
      `bit ${bit}`,
    );
  }
});
