/**
 * The draft that is to replace RFC 8725: what it says beyond RFC 8725, as far
 * as it falls on HS256. See clauses_rfc8725bis.ts for which draft it is.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeUnsecured,
  encodeUnsecured,
  importKey,
  keyRing,
} from "../../../src/jwt/jwt.ts";
import { sign, verify } from "../../../src/jwt/jwt.ts";
import {
  encoded,
  forge,
  forgeParts,
  otherSecret,
  outcome,
  secret,
  verdict,
} from "../../support/forge.ts";

/** All of ASCII that no token has, and two characters beyond it. */
const hostileCharacters = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
    .filter((character) => !/[\w.-]/.test(character)),
  "\u00e4",
  "\u{1f600}",
];

test("8725-bis 3.1a: whichever key kid finds, alg must be HS256", async () => {
  const ring = keyRing([
    await importKey(otherSecret, { kid: "other" }),
    await importKey(secret, { kid: "k" }),
  ]);
  for (const alg of ["HS384", "HS512", "RS256", "none", "hs256"]) {
    const token = forge("{}", JSON.stringify({ alg, kid: "k" }));
    assert.equal(await outcome(() => verify(token, ring)), "algorithm", alg);
  }
  const good = forge("{}", '{"alg":"HS256","kid":"k"}');
  assert.deepEqual(await verify(good, ring), {});
});

test("8725-bis 3.1b: no issuer is one whose tokens may have another algorithm", async () => {
  for (const iss of ["A", "B", "https://example.com"]) {
    const claims = JSON.stringify({ iss });
    const issuer = { issuer: iss };
    assert.equal(await verdict(forge(claims), issuer), "accepted");
    for (const alg of ["HS384", "ES256", "none"]) {
      const token = forge(claims, JSON.stringify({ alg }));
      assert.equal(await verdict(token, issuer), "algorithm", iss + alg);
    }
  }
});

test("8725-bis 3.1d: alg is compared by its case with what is allowed, so that no spelling of none gets by", async () => {
  const spellings = Array.from({ length: 16 }, (_, bits) => {
    return [..."none"].map((letter, index) => {
      return (bits >> index) & 1 ? letter.toUpperCase() : letter;
    }).join("");
  });
  assert.equal(new Set(spellings).size, 16);
  for (const alg of [...spellings, "NoNe ", "no\u0000ne", "n\u043ene"]) {
    const header = JSON.stringify({ alg });
    const [input, payload] = forge("{}", header).split(".");
    assert.equal(await verdict(`${input}.${payload}.`), "algorithm", alg);
    assert.equal(await verdict(forge("{}", header)), "algorithm", alg);
    assert.equal(
      await outcome(() => decodeUnsecured(`${input}.${payload}.`)),
      alg === "none" ? "accepted" : "algorithm",
      alg,
    );
  }
});

test("8725-bis 3.2a: none takes a function of its own to make and another one to read", async () => {
  const key = await importKey(secret);
  const unsecured = encodeUnsecured({ sub: "1" });
  assert.deepEqual(decodeUnsecured(unsecured), { sub: "1" });
  assert.equal(await outcome(() => verify(unsecured, key)), "algorithm");
  const signed = await sign({ sub: "1" }, key);
  assert.equal(await outcome(() => decodeUnsecured(signed)), "algorithm");
});

test("8725-bis 3.3b: an encrypted token has a refusal of its own, whatever its header says", async () => {
  const headers = [
    '{"alg":"dir","enc":"A128GCM"}',
    '{"alg":"HS256"}',
    '{"alg":"none"}',
    "{}",
  ];
  for (const header of headers) {
    const token = `${encoded(header)}.a.b.c.d`;
    assert.equal(await verdict(token), "encrypted", header);
    assert.equal(await outcome(() => decodeUnsecured(token)), "encrypted");
  }
});

test("8725-bis 3.9b: one of several values of aud must be the verifier's, and aud must be there", async () => {
  const policy = { audience: "c" };
  assert.equal(
    await verdict(forge('{"aud":["a","b","c"]}'), policy),
    "accepted",
  );
  assert.equal(await verdict(forge('{"aud":["a","b"]}'), policy), "audience");
  assert.equal(await verdict(forge('{"aud":[]}'), policy), "audience");
  assert.equal(await verdict(forge("{}"), policy), "missing_claim");
});

test("8725-bis 3.10b: a kid is no more than a name, whatever stands in it", async () => {
  const hostile = [
    "' OR 1=1 --",
    "*)(uid=*",
    "../../dev/null",
    "https://example.com/keys",
    "__proto__",
  ];
  const ring = keyRing([
    await importKey(secret, { kid: "k" }),
    await importKey(otherSecret),
  ]);
  for (const kid of hostile) {
    const token = forge("{}", JSON.stringify({ alg: "HS256", kid }));
    assert.equal(await outcome(() => verify(token, ring)), "unknown_key", kid);
    const named = await importKey(secret, { kid });
    assert.deepEqual(await verify(token, named), {});
  }
});

test("8725-bis 3.11b: a typ without a slash is read as one with application/ before it", async () => {
  const typed = (typ: string) =>
    forge("{}", JSON.stringify({ alg: "HS256", typ }));
  for (const typ of ["example+jwt", "application/example+jwt"]) {
    for (const other of ["example+jwt", "application/example+jwt"]) {
      assert.equal(await verdict(typed(typ), { typ: other }), "accepted");
    }
    assert.equal(await verdict(typed("text/example+jwt"), { typ }), "typ");
    assert.equal(await verdict(typed("JWT"), { typ }), "typ");
  }
});

test("8725-bis 3.14a: a text that has not the form of a token is refused before its MAC is looked at", async () => {
  const [header = "", payload = "", signature = ""] = forge("{}").split(".");
  const texts = [
    "",
    ".",
    "..",
    `${header}.${payload}`,
    `${header}.${payload}.${signature}.`,
    `.${header}.${payload}.${signature}`,
    `.${payload}.${signature}`,
    `${header}.${payload}.${signature}=`,
  ];
  for (const text of texts) {
    assert.equal(await verdict(text), "malformed", text);
  }
});

test("8725-bis 3.14b: whatever has braces, quotation marks or white space is refused, as the JSON serialization is", async () => {
  const token = forge('{"sub":"1"}');
  const [header = "", payload = "", signature = ""] = token.split(".");
  const serialized = [
    { payload, protected: header, signature },
    { payload, signatures: [{ protected: header, signature }] },
    { payload: token },
  ];
  for (const value of serialized) {
    assert.equal(await verdict(JSON.stringify(value)), "malformed");
  }
  // With a true MAC over them, so that nothing but the characters is wrong.
  for (const character of hostileCharacters) {
    for (const at of [0, 4, payload.length]) {
      const broken = payload.slice(0, at) + character + payload.slice(at);
      const texts = [
        forgeParts(header, broken),
        forgeParts(character + header, payload),
        token + character,
        character + token,
      ];
      for (const text of texts) {
        assert.equal(await verdict(text), "malformed", JSON.stringify(text));
      }
    }
  }
});
