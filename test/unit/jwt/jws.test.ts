/**
 * The compact form: three parts, the header's rules, the MAC, and the order in
 * which a token is looked at. Nothing of the payload may be touched before the
 * MAC holds.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  checkMac,
  decodeText,
  parseObject,
  readCompact,
} from "../../../src/jwt/jws.ts";
import {
  decodeUnverified,
  type HmacKey,
  importKey,
  JwtError,
  keyRing,
  sign,
  verify,
} from "../../../src/jwt/jwt.ts";
import {
  asIf,
  encoded,
  forge,
  forgeParts,
  otherSecret,
  outcome,
  plainHeader,
} from "../../support/forge.ts";
import { secret, verdict, withSignature } from "../../support/forge.ts";

const noUtf8 = new Uint8Array([0x7b, 0xff, 0x7d]);

test(
  "each change, deletion and insertion of one character of a good token is refused",
  {
    timeout: 60_000,
  },
  async () => {
    const key = await importKey(secret);
    const token = forge('{"sub":"1"}');
    assert.deepEqual(await verify(token, key), { sub: "1" });
    const base64url =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const characters = [...base64url, "=", ".", " ", "\n", "+", "/"];
    const length = 36 + 1 + 15 + 1 + 43;
    assert.equal(token.length, length);
    let variants = 0;
    for (let index = 0; index <= length; index++) {
      const [before, at, after] = [
        token.slice(0, index),
        token[index],
        token.slice(index + 1),
      ];
      const deleted = at === undefined ? [] : [before + after];
      const changed = characters.filter((character) =>
        at !== undefined && character !== at
      )
        .map((character) => before + character + after);
      const inserted = characters.map((character) =>
        before + character + token.slice(index)
      );
      await Promise.all(
        [...deleted, ...changed, ...inserted].map(async (variant) => {
          const code = await outcome(() => verify(variant, key));
          assert.notEqual(code, "accepted", `${variant} at ${index}`);
          variants++;
        }),
      );
    }
    assert.equal(variants, length * 1 + length * 69 + (length + 1) * 70);
  },
);

test("a token that is no string is malformed, whatever it is", async () => {
  for (
    const token of [
      undefined,
      null,
      5,
      true,
      {},
      [forge("{}")],
      new String(forge("{}")),
    ]
  ) {
    assert.equal(await verdict(asIf<string>(token)), "malformed");
  }
});

test("a text has three parts: one, two, four, six and seven are malformed", async () => {
  const [header = "", payload = "", mac = ""] = forge("{}").split(".");
  const two = `${header}.${payload}`;
  const texts = ["", ".", "...", "a", header, two, `${two}.${mac}.`];
  for (
    const text of [
      ...texts,
      `.${header}.${payload}.${mac}`,
      "a.b.c.d.e.f",
      "......",
    ]
  ) {
    assert.equal(await verdict(text), "malformed", text);
  }
});

test("5 parts are an encrypted token by name, even when they are empty", async () => {
  assert.equal(await verdict("...."), "encrypted");
  assert.equal(await verdict(`${forge("{}")}.a.b`), "encrypted");
});

test("a header that is not one JSON object in UTF-8 is malformed", async () => {
  const cut = plainHeader.slice(0, -1);
  const texts = [
    "",
    "null",
    "[]",
    '"HS256"',
    "1",
    "true",
    cut,
    `${plainHeader}x`,
    `\ufeff${cut}}`,
  ];
  for (
    const header of [
      ...texts,
      `${cut}}{}`,
      `[${cut}}]`,
      `${cut},}`,
      "{'alg':'HS256'}",
      noUtf8,
    ]
  ) {
    assert.equal(
      await verdict(forge("{}", header)),
      "malformed",
      String(header),
    );
  }
});

test("a header or payload part that is not canonical base64url is malformed under a true MAC", async () => {
  const header = encoded(plainHeader);
  for (
    const part of [
      `${header}=`,
      `${header}==`,
      ` ${header}`,
      `${header}\n`,
      `${header}A`,
    ]
  ) {
    assert.equal(
      await verdict(forgeParts(part, encoded("{}"))),
      "malformed",
      part,
    );
  }
  for (
    const part of [
      "e30=",
      "e31",
      " e30",
      "e30\n",
      "e3+/",
      "e",
      "e30é",
      "\ud800e30",
    ]
  ) {
    assert.equal(await verdict(forgeParts(header, part)), "malformed", part);
  }
});

test("the header may be laid out, ordered and extended as the producer likes", async () => {
  const headers = [
    '{"alg":"HS256"}',
    '{"typ":"JWT","alg":"HS256"}',
    '\r\n\t { "alg" :\n"HS256" } ',
    '{"\\u0061lg":"HS256"}',
    '{"alg":"\\u0048S256"}',
    '{"alg":"HS256","x":{"y":[1]},"b64":false,"zip":"DEF"}',
    '{"alg":"HS256","typ":5,"cty":"json"}',
  ];
  for (const header of headers) {
    assert.equal(await verdict(forge("{}", header)), "accepted", header);
  }
});

test("alg is exactly the text HS256 and an own member of the header", async () => {
  const texts = [
    "hs256",
    "HS256 ",
    "HS256\\u0000",
    "HS384",
    "HS512",
    "RS256",
    "none",
    "",
  ];
  const values = ["null", "256", "true", '["HS256"]', '{"HS256":1}'];
  for (const value of [...values, ...texts.map((text) => `"${text}"`)]) {
    assert.equal(
      await verdict(forge("{}", `{"alg":${value}}`)),
      "algorithm",
      value,
    );
  }
  const headers = [
    "{}",
    '{"ALG":"HS256"}',
    '{"__proto__":{"alg":"HS256"}}',
    '{"typ":"JWT"}',
  ];
  for (const header of headers) {
    assert.equal(await verdict(forge("{}", header)), "algorithm", header);
  }
});

test("a kid that is no string is malformed, for a single key and for a ring", async () => {
  const key = await importKey(secret);
  for (
    const kid of ["null", "1", "true", "[]", '["a"]', "{}", '{"toString":"a"}']
  ) {
    const token = forge("{}", `{"alg":"HS256","kid":${kid}}`);
    assert.equal(await outcome(() => verify(token, key)), "malformed", kid);
    assert.equal(
      await outcome(() => verify(token, keyRing([key]))),
      "malformed",
      kid,
    );
  }
});

test("a MAC that is shorter, longer, empty or of another key does not match", async () => {
  const token = forge("{}");
  const mac = token.slice(token.lastIndexOf(".") + 1);
  for (
    const wrong of [
      "",
      mac.slice(0, 4),
      mac.slice(0, 40),
      `${mac}A`,
      "A".repeat(43),
    ]
  ) {
    assert.equal(
      await verdict(withSignature(token, wrong)),
      "signature",
      wrong,
    );
  }
  assert.equal(
    await verdict(forge("{}", plainHeader, otherSecret)),
    "signature",
  );
});

test("a signature part that is no base64url is malformed", async () => {
  const token = forge("{}");
  for (const end of ["=", " ", "\n", "AA", "+AAA", "\u00e9AAA"]) {
    assert.equal(await verdict(token + end), "malformed", end);
  }
});

test("the MAC covers the header and the payload as they stand, not what they decode to", async () => {
  const [, , mac = ""] = forge('{"a":1}', '{"alg":"HS256"}').split(".");
  const respaced = `${encoded('{"alg": "HS256"}')}.${
    encoded('{"a":1}')
  }.${mac}`;
  const repaid = `${encoded('{"alg":"HS256"}')}.${encoded('{"a": 1}')}.${mac}`;
  assert.equal(await verdict(respaced), "signature");
  assert.equal(await verdict(repaid), "signature");
});

test("the length is checked first: a longer text is too_long whatever it holds", async () => {
  const texts = [
    "a.b.c.d.e",
    ".....",
    "not a token",
    forge("{}", '{"alg":"none"}'),
    "\ud800",
    "",
  ];
  for (const text of texts) {
    assert.equal(await verdict(text.padEnd(8193, "."), {}), "too_long");
    assert.equal(await verdict(text.padEnd(8193, "A"), {}), "too_long");
  }
  assert.equal(await verdict("A".repeat(8192)), "malformed");
  assert.equal(
    await outcome(() => decodeUnverified("A".repeat(8193))),
    "too_long",
  );
});

test("the header decides before the key, the key before the MAC, the MAC before the payload", async () => {
  const ring = keyRing([await importKey(secret, "a")]);
  const order: readonly (readonly [string, string])[] = [
    [withSignature(forge(noUtf8, "{"), "!"), "malformed"],
    [
      withSignature(forge("x", '{"alg":"none","crit":["x"],"kid":5}'), "!"),
      "algorithm",
    ],
    [
      withSignature(forge("x", '{"alg":"HS256","crit":["x"],"kid":5}'), "!"),
      "critical",
    ],
    [withSignature(forge("x", '{"alg":"HS256","kid":5}'), "!"), "malformed"],
    [
      withSignature(forge("x", '{"alg":"HS256","kid":"b"}'), "!"),
      "unknown_key",
    ],
    [withSignature(forge("x", '{"alg":"HS256","kid":"a"}'), "!"), "malformed"],
    [
      withSignature(
        forge("x", '{"alg":"HS256","kid":"a","cty":"JWT"}'),
        "AAAA",
      ),
      "signature",
    ],
    [forge("x", '{"alg":"HS256","kid":"a","cty":"JWT"}'), "nested"],
    [forge("x", '{"alg":"HS256","kid":"a"}'), "claims_set"],
  ];
  for (const [token, code] of order) {
    assert.equal(await outcome(() => verify(token, ring)), code);
  }
});

test("with a wrong MAC no fault of the payload is ever seen", async () => {
  const header = encoded(plainHeader);
  const payloads = [
    "",
    "!",
    "A",
    "e31",
    "e30=",
    "\ud800",
    ...[noUtf8, "[]", "{"].map(encoded),
  ];
  const faults = [
    '{"exp":0}',
    '{"exp":"x"}',
    '{"aud":"x"}',
    '{"iss":"a:b c"}',
    '{"nbf":9e15}',
  ];
  for (const payload of [...payloads, ...faults.map(encoded)]) {
    assert.equal(
      await verdict(`${header}.${payload}.${"A".repeat(43)}`),
      "signature",
      payload,
    );
  }
});

test("a payload is neither decoded nor parsed before its MAC holds", async () => {
  const parse = JSON.parse;
  const decode = TextDecoder.prototype.decode;
  const key = await importKey(secret);
  let calls = 0;
  JSON.parse = (text, reviver) => (calls++, parse(text, reviver));
  TextDecoder.prototype.decode = function (input, options) {
    calls++;
    return decode.call(this, input, options);
  };
  try {
    const token = forge('{"sub":"1"}');
    assert.equal(
      await outcome(() => verify(token.replace(/..$/, "AA"), key)),
      "signature",
    );
    assert.equal(calls, 0);
    assert.equal(await outcome(() => verify(token, key)), "accepted");
    assert.equal(calls, 2);
  } finally {
    JSON.parse = parse;
    TextDecoder.prototype.decode = decode;
  }
});

test("text and JSON are refused, each by itself, with the code that is asked for", async () => {
  for (const code of ["malformed", "claims_set"] as const) {
    const noText = () => decodeText(encoded(noUtf8), code);
    assert.equal(await outcome(noText), code);
    for (const json of ["{", "", "[]", "null", "1"]) {
      assert.equal(await outcome(() => parseObject(json, code)), code, json);
    }
  }
  assert.equal(await outcome(() => decodeText("!", "claims_set")), "malformed");
  assert.equal(decodeText(encoded("é{"), "claims_set"), "é{");
  assert.deepEqual(parseObject('{"a":[]}', "claims_set"), { a: [] });
});

test("a token taken apart keeps its parts as text and shows only the header", async () => {
  const token = forge('{"sub":"1"}', '{"alg":"HS256","kid":"a"}');
  const [header = "", payload = "", signature = ""] = token.split(".");
  const jws = readCompact(token);
  assert.deepEqual({ ...jws.header }, { alg: "HS256", kid: "a" });
  assert.equal(Object.getPrototypeOf(jws.header), null);
  const { signingInput } = jws;
  assert.deepEqual([signingInput, jws.payload, jws.signature], [
    `${header}.${payload}`,
    payload,
    signature,
  ]);
  assert.equal(
    await outcome(async () => checkMac(jws, await importKey(secret))),
    "accepted",
  );
});

test("the header that most tokens have inherits nothing either", () => {
  assert.equal(Object.getPrototypeOf(readCompact(forge("{}")).header), null);
});

test("the MAC is over all of a long text, also of characters that are three bytes long", async () => {
  const plain = forgeParts(encoded(plainHeader), "€".repeat(8000));
  assert.ok(plain.length <= 8192);
  // Its MAC holds, and its payload is no base64url.
  assert.equal(await verdict(plain), "malformed");
  assert.equal(
    await verdict(withSignature(plain, "A".repeat(43))),
    "signature",
  );
});

test("a signature that only begins with the MAC, or ends early, is refused", async () => {
  const token = forge("{}");
  const mac = token.slice(-43);
  for (
    const signature of [
      `${mac.slice(0, 42)}AAA`,
      `${mac.slice(0, 40)}`,
      "",
      `${mac}A`,
    ]
  ) {
    assert.notEqual(await verdict(withSignature(token, signature)), "accepted");
  }
  const bytes = new Uint8Array([...Buffer.from(mac, "base64url"), 0]);
  const longer = Buffer.from(bytes).toString("base64url");
  assert.equal(await verdict(withSignature(token, longer)), "signature");
});

test("tokens that are checked at the same time do not disturb one another", async () => {
  const key = await importKey(secret);
  const tokens = Array.from({ length: 300 }, (_, index) => {
    const token = forge(
      JSON.stringify({ sub: "x".repeat(index * 7), n: index }),
    );
    return index % 3 === 0 ? withSignature(token, "A".repeat(43)) : token;
  });
  const answers = await Promise.all(
    tokens.map((token) => outcome(() => verify(token, key))),
  );
  assert.deepEqual(
    answers,
    tokens.map((_, i) => i % 3 === 0 ? "signature" : "accepted"),
  );
  const good = tokens.filter((_, index) => index % 3 !== 0);
  const claims = await Promise.all(good.map((token) => verify(token, key)));
  const numbers = claims.map((found) => found["n"]);
  assert.deepEqual(
    numbers,
    [...tokens.keys()].filter((index) => index % 3 !== 0),
  );
});

test("many tokens are signed and verified at once, of several keys and lengths, and none is mixed up", async () => {
  const keys = await Promise.all(
    [1, 2, 3].map((fill) => importKey(new Uint8Array(32).fill(fill))),
  );
  const jobs = Array.from({ length: 200 }, (_, index) => ({
    key: keys[index % 3] as HmacKey,
    fill: 1 + index % 3,
    claims: { jti: String(index), text: "x".repeat(index * 7 % 1500) },
  }));
  const tokens = await Promise.all(
    jobs.map(({ claims, key }) => sign(claims, key)),
  );
  for (const [index, { claims, fill }] of jobs.entries()) {
    const secret = new Uint8Array(32).fill(fill);
    assert.equal(
      tokens[index],
      forge(JSON.stringify(claims), undefined, secret),
    );
  }
  const outcomes = await Promise.allSettled(jobs.flatMap(({ key }, index) => {
    const token = tokens[index] ?? "";
    const wrongKey = keys[(index + 1) % 3] as HmacKey;
    return [verify(token, key), verify(token, wrongKey)];
  }));
  for (const [index, outcome] of outcomes.entries()) {
    const isGood = index % 2 === 0;
    assert.equal(outcome.status, isGood ? "fulfilled" : "rejected");
    if (outcome.status === "fulfilled") {
      assert.deepEqual(outcome.value, jobs[index / 2]?.claims);
    }
  }
});

test("a payload and a header are JSON alone: no comments, no other quotes, no further comma", async () => {
  const key = await importKey(secret);
  const texts = [
    '{"sub":"1"} // x',
    '{"sub":"1"}/* x */',
    '// x\n{"sub":"1"}',
    "{'sub':'1'}",
    '{sub:"1"}',
    '{"sub":"1",}',
    '{"a":01}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":0x1}',
  ];
  for (const text of texts) {
    await assert.rejects(verify(forge(text), key), { code: "claims_set" });
    const header = text.replace("{", '{"alg":"HS256",');
    await assert.rejects(verify(forge("{}", header), key), {
      code: "malformed",
    });
  }
});

test("a header that differs from the plain one in a letter's case is read, and not taken for it", async () => {
  const key = await importKey(secret);
  const [header = "", payload = ""] = forge("{}").split(".");
  for (let index = 0; index < header.length; index++) {
    const letter = header[index] ?? "";
    const other = letter === letter.toLowerCase()
      ? letter.toUpperCase()
      : letter.toLowerCase();
    if (other === letter) continue;
    const changed = header.slice(0, index) + other + header.slice(index + 1);
    // RFC 7519 §5.1: another typ is the application's business.
    const text = Buffer.from(changed, "base64url").toString();
    if (/^{"alg":"HS256","typ":"[ -~]{3}"}$/.test(text)) continue;
    await assert.rejects(
      verify(forgeParts(changed, payload), key),
      JwtError,
      changed,
    );
  }
});
