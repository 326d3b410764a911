/**
 * RFC 7518, JSON Web Algorithms: HS256 (section 3.2) on the vectors of RFC 4231
 * for HMAC-SHA-256, its least key length, and what section 3.6 asks about
 * unsecured tokens.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkMac, signCompact } from "../../../src/jwt/jws.ts";
import {
  decodeUnsecured,
  encodeUnsecured,
  importKey,
} from "../../../src/jwt/jwt.ts";
import { type Policy, rememberVerified, verify } from "../../../src/jwt/jwt.ts";
import { asIf, forge, misuse, outcome, verdict } from "../../support/forge.ts";

/**
 * RFC 4231 sections 4.2 to 4.8, without 4.6, which truncates its tag: key,
 * data, tag.
 */
const vectors = [
  [
    "0b".repeat(20),
    Buffer.from("Hi There").toString("hex"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    Buffer.from("Jefe").toString("hex"),
    Buffer.from("what do ya want for nothing?").toString("hex"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    "aa".repeat(20),
    "dd".repeat(50),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    "0102030405060708090a0b0c0d0e0f10111213141516171819",
    "cd".repeat(50),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    "aa".repeat(131),
    Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First")
      .toString("hex"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    "aa".repeat(131),
    Buffer.from(
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
    ).toString("hex"),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
].map((row) => row.map((hex) => new Uint8Array(Buffer.from(hex, "hex"))));

test("RFC 7518 3.2b: HS256 is HMAC-SHA-256, by RFC 4231's vectors with keys of 32 bytes or more", async () => {
  let checked = 0;
  for (const [secret, data, tag] of vectors) {
    assert.ok(secret && data && tag);
    if (secret.length < 32) continue;
    const key = await importKey(secret);
    const signingInput = new TextDecoder().decode(data);
    const signature = Buffer.from(tag).toString("base64url");
    assert.equal(
      await signCompact(signingInput, key),
      `${signingInput}.${signature}`,
    );
    const jws = {
      header: { alg: "HS256" },
      signingInput,
      payload: "",
      signature,
    };
    assert.equal(await outcome(() => checkMac(jws, key)), "accepted");
    const short = {
      ...jws,
      signature: signature.slice(0, 22).replace(/.$/, "A"),
    };
    assert.equal(await outcome(() => checkMac(short, key)), "signature");
    checked++;
  }
  assert.equal(checked, 2);
});

test("RFC 7518 3.2b: WebCrypto's HMAC-SHA-256 gives RFC 4231's tags for shorter keys, which are refused", async () => {
  let refused = 0;
  for (const [secret, data, tag] of vectors) {
    assert.ok(secret && data && tag);
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", secret, hmac, false, [
      "sign",
    ]);
    assert.deepEqual(
      new Uint8Array(await crypto.subtle.sign("HMAC", key, data)),
      tag,
    );
    if (secret.length >= 32) continue;
    assert.equal(await misuse(() => importKey(secret)), "RangeError");
    refused++;
  }
  assert.equal(refused, 4);
});

test("RFC 7518 3.2a: a key of the hash's size is enough, one byte less is not", async () => {
  assert.equal((await importKey(new Uint8Array(32).fill(1))).kid, null);
  assert.equal(
    await misuse(() => importKey(new Uint8Array(31).fill(1))),
    "RangeError",
  );
});

test("RFC 7518 3.2c: nothing in src/jwt compares a signature but crypto.subtle.verify", () => {
  const folder = fileURLToPath(new URL("../../../src/jwt/", import.meta.url));
  const sources = readdirSync(folder).map((name) =>
    readFileSync(folder + name, "utf8")
  );
  const code = sources.join("\n").replace(/\/\*[^]*?\*\/|\/\/ .*$/gm, "");
  const calls = ["subtle.importKey", "subtle.sign", "subtle.verify"];
  assert.deepEqual(code.match(/subtle\.\w+/g)?.sort(), calls);
  assert.deepEqual(
    code.match(/\bmac\b[^;\n]*[!=]==|[!=]==[^;\n]*\bmac\b/g),
    null,
  );
  const comparisons = code.match(/\bsignature [!=]== \S+/g);
  // In unsecured.ts: there must be none.
  assert.deepEqual(comparisons, ['signature !== "")']);
});

test("RFC 7518 3.1e: none is supported by encodeUnsecured and decodeUnsecured", async () => {
  assert.deepEqual(decodeUnsecured(encodeUnsecured({ sub: "1" })), {
    sub: "1",
  });
  assert.equal(await outcome(() => decodeUnsecured(forge("{}"))), "algorithm");
});

test("RFC 7518 3.6a: an unsecured JWS can be made", () => {
  assert.equal(
    encodeUnsecured({ sub: "1" }),
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
  );
});

test("RFC 7518 3.6b: the signature of an unsecured JWS is empty", () => {
  assert.equal(encodeUnsecured({ a: "x" }).split(".")[2], "");
});

test("RFC 7518 3.6c: a signature that is not empty refuses an unsecured JWS", async () => {
  const token = encodeUnsecured({});
  assert.equal(await outcome(() => decodeUnsecured(token)), "accepted");
  for (const signature of ["AA", "!", " ", "=", "\0"]) {
    assert.equal(
      await outcome(() => decodeUnsecured(token + signature)),
      "signature",
      signature,
    );
  }
  const withTrueMac = forge("{}", '{"alg":"none"}');
  assert.equal(await outcome(() => decodeUnsecured(withTrueMac)), "signature");
});

test("RFC 7518 3.6d: only a call of decodeUnsecured accepts an unsecured JWS", async () => {
  const token = encodeUnsecured({});
  const key = await importKey(new Uint8Array(32));
  assert.equal(await outcome(() => decodeUnsecured(token)), "accepted");
  assert.equal(await outcome(() => verify(token, key)), "algorithm");
  assert.equal(await outcome(() => rememberVerified(key)(token)), "algorithm");
});

test("RFC 7518 3.6f: no policy makes verify accept an unsecured JWS", async () => {
  const token = encodeUnsecured({});
  const key = await importKey(new Uint8Array(32));
  const wishes = [
    "algorithms",
    "algorithm",
    "alg",
    "acceptUnsecured",
    "allowUnsigned",
    "insecure",
  ];
  for (const name of wishes) {
    for (const value of [true, "none", ["none"], ["HS256", "none"]]) {
      const policy = asIf<Policy>({ [name]: value });
      assert.equal(
        await misuse(() => verify(token, key, policy)),
        "TypeError",
        name,
      );
    }
  }
  assert.equal(
    await outcome(() => verify(token, key, { typ: "none" })),
    "algorithm",
  );
});

test("RFC 7518 3.6g: each unsecured JWS is accepted by a call of its own", async () => {
  const [good, bad] = [encodeUnsecured({ sub: "1" }), forge("{}")];
  assert.deepEqual(decodeUnsecured(good), { sub: "1" });
  assert.equal(await outcome(() => decodeUnsecured(bad)), "algorithm");
  // Nothing of the call before is left.
  assert.equal(await verdict(good), "algorithm");
});
