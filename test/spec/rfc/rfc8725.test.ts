/**
 * RFC 8725, best current practices: those that no case of the corpus can show,
 * because they are about how keys are made and what a caller can ask for.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  createHmac,
  generateKeyPairSync,
  sign as signBytes,
} from "node:crypto";
import { test } from "node:test";
import {
  decodeUnsecured,
  encodeUnsecured,
  generateKey,
} from "../../../src/jwt/jwt.ts";
import { importKey, keyRing, sign, verify } from "../../../src/jwt/jwt.ts";
import { keyForKid } from "../../../src/jwt/key.ts";
import {
  asIf,
  encoded,
  forge,
  misuse,
  otherSecret,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

/** Names that are not HS256, and values that are no name. */
const others = [
  ..."none,None,NONE,HS384,HS512,RS256,PS256,ES256,EdDSA,Ed25519".split(","),
  ..."hs256,Hs256, HS256,HS256 ,HS-256,HS256\0,dir,".split(","),
  ...[null, 0, true, [], ["HS256"], {}],
];

test("RFC 8725 2.1: the PEM of a public key or a certificate is refused as a secret", async () => {
  for (const type of ["rsa", "ec"] as const) {
    const pem = type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey
      : generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const text = pem.export({ type: "spki", format: "pem" }).toString();
    for (
      const secret of [
        text,
        text.replace("PUBLIC KEY", "CERTIFICATE"),
        ` ${text}`,
      ]
    ) {
      assert.equal(
        await misuse(() => importKey(new TextEncoder().encode(secret))),
        "TypeError",
      );
    }
  }
});

test("RFC 8725 3.1b: a key is bound to HMAC with SHA-256 and to nothing else", async () => {
  for (const key of [await importKey(secret), await generateKey()]) {
    const { algorithm, usages, type } = keyForKid(key, null).cryptoKey;
    const { name, hash } = Object(algorithm);
    assert.deepEqual([name, hash.name, type], ["HMAC", "SHA-256", "secret"]);
    assert.deepEqual([...usages].sort(), ["sign", "verify"]);
  }
});

test("RFC 8725 3.1c: a token whose MAC another hash made of the same secret is refused", async () => {
  for (const bits of [384, 512]) {
    const input = `${encoded(`{"alg":"HS${bits}"}`)}.${encoded("{}")}`;
    const hmac = createHmac(`sha${bits}`, secret).update(input);
    const token = `${input}.${hmac.digest("base64url")}`;
    assert.equal(await verdict(token), "algorithm", `HS${bits}`);
    // Nor is it used where the header says HS256.
    const [, payload = "", mac = ""] = token.split(".");
    const renamed = `${encoded('{"alg":"HS256"}')}.${payload}.${mac}`;
    assert.equal(await verdict(renamed), "signature", `HS${bits}`);
  }
});

test("RFC 8725 3.1d: a good MAC of HS256 under the name of another algorithm is refused", async () => {
  for (const alg of others) {
    const header = JSON.stringify({ alg });
    assert.equal(await verdict(forge("{}", header)), "algorithm", header);
  }
  assert.equal(await verdict(forge("{}", "{}")), "algorithm");
});

test("RFC 8725 3.1e: verify and sign refuse at each use a key that importKey did not make", async () => {
  const ofWebCrypto = await crypto.subtle.generateKey(
    { name: "HMAC", hash: "SHA-512" },
    false,
    ["sign", "verify"],
  );
  const made = await importKey(secret);
  const keys = [ofWebCrypto, secret, "secret", { ...made }, null, undefined];
  for (const key of keys) {
    const used = asIf<typeof made>(key);
    assert.equal(await misuse(() => sign({}, used)), "TypeError");
    assert.equal(await misuse(() => verify(forge("{}"), used)), "TypeError");
  }
});

test("RFC 8725 3.2d: a token that was good under an algorithm not accepted is not good", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const input = `${encoded('{"alg":"ES256"}')}.${encoded("{}")}`;
  const signature = signBytes("sha256", Buffer.from(input), {
    key: privateKey,
    dsaEncoding: "ieee-p1363",
  });
  const token = `${input}.${signature.toString("base64url")}`;
  assert.equal(await verdict(token), "algorithm");
});

test("RFC 8725 3.2e: sign has no option that makes a token with none", async () => {
  const key = await importKey(secret);
  for (const options of [{ alg: "none" }, { algorithm: "none" }]) {
    assert.equal(
      await misuse(() => sign({}, key, asIf(options))),
      "TypeError",
    );
  }
  const [header] = (await sign({}, key, { typ: "none" })).split(".");
  assert.equal(header, encoded('{"alg":"HS256","typ":"none"}'));
});

test("RFC 8725 3.2f: verify has no option that reads a token with none", async () => {
  const token = encodeUnsecured({});
  const key = await importKey(secret);
  for (const policy of [{ alg: "none" }, { algorithms: ["none"] }]) {
    assert.equal(
      await misuse(() => verify(token, key, asIf(policy))),
      "TypeError",
    );
  }
  assert.equal(await verdict(token), "algorithm");
});

test("RFC 8725 3.2b: none is read by a function of its own name, and by no other", async () => {
  assert.equal(
    await outcome(() => decodeUnsecured(encodeUnsecured({}))),
    "accepted",
  );
  assert.equal(await verdict(encodeUnsecured({})), "algorithm");
  assert.equal(await outcome(() => decodeUnsecured(forge("{}"))), "algorithm");
});

test("RFC 8725 3.5a: a generated key has 256 bits, and a short secret is no key", async () => {
  const key = await generateKey();
  const { length } = Object(keyForKid(key, null).cryptoKey.algorithm);
  assert.equal(length, 256);
  assert.equal(
    await misuse(() => importKey(new TextEncoder().encode("secret"))),
    "RangeError",
  );
  assert.equal(await misuse(() => importKey(new Uint8Array(31))), "RangeError");
});

test("RFC 8725 3.7: text is written as UTF-8 and read as UTF-8", async () => {
  const key = await importKey(secret, { kid: "clé 鍵" });
  const claims = { name: "Zoë \u{1f600}" };
  assert.deepEqual(await verify(await sign(claims, key), key), claims);
});

test("RFC 8725 3.8b: in a ring of two issuers' keys, neither signs for the other", async () => {
  const a = await importKey(secret, { kid: "a", issuer: "A" });
  const b = await importKey(otherSecret, { kid: "b", issuer: "B" });
  const policies = [{}, { issuer: ["A", "B"] }, { requiredClaims: ["sub"] }];
  for (const ring of [keyRing([a, b]), keyRing([b, a])]) {
    for (const policy of policies) {
      for (const [key, own, other] of [[a, "A", "B"], [b, "B", "A"]] as const) {
        const good = await sign({ iss: own, sub: "admin" }, key);
        const claims = await verify(good, ring, policy);
        assert.deepEqual(claims, { iss: own, sub: "admin" });

        for (const iss of [other, own.toLowerCase(), `${own} `, ""]) {
          const forged = await sign({ iss, sub: "admin" }, key);
          const found = await outcome(() => verify(forged, ring, policy));
          assert.equal(found, "issuer", iss);
        }
        const nameless = await sign({ sub: "admin" }, key);
        assert.equal(
          await outcome(() => verify(nameless, ring, policy)),
          "missing_claim",
        );
      }
    }
  }
});

test("RFC 8725 3.8b: a key that is bound to an issuer is bound by itself, too", async () => {
  for (const kid of [undefined, "a"]) {
    const named = kid === undefined ? {} : { kid };
    const key = await importKey(secret, { ...named, issuer: "A" });
    assert.equal(
      await outcome(async () => verify(await sign({ iss: "A" }, key), key)),
      "accepted",
    );
    assert.equal(
      await outcome(async () => verify(await sign({ iss: "B" }, key), key)),
      "issuer",
    );
  }
});
