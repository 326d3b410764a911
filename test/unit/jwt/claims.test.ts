/**
 * Registered claims: every JSON type for every name, the instants at which a
 * token's time begins and ends, and what a policy asks of issuer, audience, age
 * and presence.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { importKey, type Policy, sign } from "../../../src/jwt/jwt.ts";
import { withClock } from "../../support/clock.ts";
import {
  forge,
  misuse,
  plainHeader,
  secret,
  verdict,
} from "../../support/forge.ts";

const at = (now: number): Policy => ({ clock: () => now });

test("each registered claim takes the JSON types that RFC 7519 gives it and no other", async () => {
  const values = [
    '""',
    '"x"',
    '"1"',
    "0",
    "1",
    "-1",
    "1.5",
    "1e999",
    "-1e999",
    "true",
    "false",
    "null",

    "[]",
    '["x"]',
    '["x",1]',
    "[1]",
    "[null]",
    '[["x"]]',
    "{}",
    '{"0":"x"}',
    '[{"x":1}]',
  ];
  const strings = ['""', '"x"', '"1"'];
  const numbers = ["0", "1", "-1", "1.5"];
  const accepted: Record<string, readonly string[]> = {
    iss: strings,
    sub: strings,
    jti: strings,
    aud: ['"x"', '["x"]'],
    exp: numbers,
    nbf: numbers,
    iat: numbers,
    Iss: values,
    scope: values,
  };
  // Strings all, but not the audience that is asked for.
  const ofRightType = ['""', '"1"', "[]"];
  for (const [name, right] of Object.entries(accepted)) {
    const policy: Policy = name === "aud"
      ? { audience: "x" }
      : at(name === "exp" ? -9 : 9);
    for (const value of values) {
      const wrong = name === "aud" && ofRightType.includes(value)
        ? "audience"
        : "claim_type";
      const expected = right.includes(value) ? "accepted" : wrong;
      assert.equal(
        await verdict(forge(`{"${name}":${value}}`), policy),
        expected,
        name + value,
      );
    }
  }
});

test("what is no one JSON object in UTF-8 is no claims set", async () => {
  const texts = [
    "",
    " ",
    "null",
    "[]",
    '[{"sub":"1"}]',
    '"{}"',
    "1",
    "true",
    "{",
    "{}{}",
    "{}x",
  ];
  const others = [
    "\ufeff{}",
    "{}\u0000",
    "{'a':1}",
    '{"a":1,}',
    '{"exp":NaN}',
    '{"exp":0x10}',
  ];
  const bytes = [[0x7b, 0xff, 0x7d], [0xc0, 0x80], [
    0xef,
    0xbb,
    0xbf,
    0x7b,
    0x7d,
  ], [
    0xed,
    0xa0,
    0x80,
  ]];
  // Each within {"…":1}.
  const inString = [
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [
      0x80,
    ],
  ]
    .map((middle) => [0x7b, 0x22, ...middle, 0x22, 0x3a, 0x31, 0x7d]);
  const arrays = [...bytes, ...inString].map((values) =>
    new Uint8Array(values)
  );
  for (const payload of [...texts, ...others, ...arrays]) {
    assert.equal(await verdict(forge(payload)), "claims_set", String(payload));
  }
});

test("exp is over at its very instant and after, by the unrounded clock", async () => {
  const table: readonly (readonly [number, number, number, string])[] = [
    // exp, now, leeway
    [100, 99, 0, "accepted"],
    [100, 99.999, 0, "accepted"],
    [100, 100, 0, "expired"],
    [100, 100.25, 0, "expired"],
    [100.5, 100.25, 0, "accepted"],
    [100.5, 100.5, 0, "expired"],
    [100, 109.999, 10, "accepted"],
    [100, 110, 10, "expired"],
    [100, 100.25, 0.5, "accepted"],
    [100, 100.5, 0.5, "expired"],
    [100, 399.9, 300, "accepted"],
    [100, 400, 300, "expired"],
    [0, 0, 0, "expired"],
    [-1, -2, 0, "accepted"],
  ];
  for (const [exp, now, leewaySeconds, expected] of table) {
    const policy = { ...at(now), leewaySeconds };
    assert.equal(
      await verdict(forge(`{"exp":${exp}}`), policy),
      expected,
      `${exp} at ${now}`,
    );
  }
});

test("nbf is reached at its very instant, by the unrounded clock", async () => {
  const table: readonly (readonly [number, number, number, string])[] = [
    // nbf, now, leeway
    [100, 100, 0, "accepted"],
    [100, 100.25, 0, "accepted"],
    [100, 99.999, 0, "not_yet_valid"],
    [100.5, 100.25, 0, "not_yet_valid"],
    [100, 90, 10, "accepted"],
    [100, 89.999, 10, "not_yet_valid"],
  ];
  for (const [nbf, now, leewaySeconds, expected] of table) {
    const policy = { ...at(now), leewaySeconds };
    assert.equal(
      await verdict(forge(`{"nbf":${nbf}}`), policy),
      expected,
      `${nbf} at ${now}`,
    );
  }
});

test("a greatest age counts from iat to the unrounded clock and refuses an iat in the future", async () => {
  const table: readonly (readonly [number, number, number, number, string])[] =
    [
      // iat, now, greatest age, leeway
      [100, 160, 60, 0, "accepted"],
      [100, 160.25, 60, 0, "too_old"],
      [100, 170, 60, 10, "accepted"],
      [100, 170.25, 60, 10, "too_old"],
      [100, 100, 0, 0, "accepted"],
      [100, 100.25, 0, 0, "too_old"],
      [100, 99.75, 60, 0, "issued_in_future"],
      [100, 90, 60, 10, "accepted"],
      [100, 89.75, 60, 10, "issued_in_future"],
      [-1e308, 0, 60, 0, "too_old"],
    ];
  for (const [iat, now, maxAgeSeconds, leewaySeconds, expected] of table) {
    const policy = { ...at(now), maxAgeSeconds, leewaySeconds };
    assert.equal(
      await verdict(forge(`{"iat":${iat}}`), policy),
      expected,
      `${iat} at ${now}`,
    );
  }
});

test("without a greatest age an iat in the future or long ago says nothing", async () => {
  assert.equal(await verdict(forge('{"iat":99999999999}')), "accepted");
  assert.equal(await verdict(forge('{"iat":0}')), "accepted");
});

test("a policy's clock cannot reach the policy that is being checked", async () => {
  const meddling: readonly Policy[] = [
    {
      maxAgeSeconds: 10,
      clock(this: Record<string, unknown> | undefined) {
        if (this !== undefined) delete this["maxAgeSeconds"];
        return 900;
      },
    },
    {
      clock(this: Record<string, unknown> | undefined) {
        if (this !== undefined) this["leewaySeconds"] = 1e9;
        return 5000;
      },
    },
  ];
  const codes: string[] = [];
  for (const policy of meddling) {
    codes.push(await verdict(forge('{"exp":1000,"iat":0}'), policy));
  }
  assert.deepEqual(codes, ["too_old", "expired"]);
});

test("the system's clock decides where the policy has none", async () => {
  const now = Date.now() / 1000;
  assert.equal(await verdict(forge(`{"exp":${now - 0.001}}`)), "expired");
  assert.equal(await verdict(forge(`{"exp":${now + 60}}`)), "accepted");
  assert.equal(await verdict(forge(`{"nbf":${now - 0.001}}`)), "accepted");
  assert.equal(await verdict(forge(`{"nbf":${now + 60}}`)), "not_yet_valid");
});

test("a clock that gives no finite number is misuse, never a time that passes", async () => {
  for (
    const now of [
      NaN,
      Infinity,
      -Infinity,
      undefined,
      null,
      "100",
      new Date(),
      100n,
    ]
  ) {
    const policy = { clock: () => now as number };
    assert.equal(
      await misuse(() => verdict(forge('{"exp":100}'), policy)),
      "RangeError",
    );
    assert.equal(
      await misuse(() => verdict(forge("{}"), policy)),
      "RangeError",
    );
  }
});

test("an audience is one or several, in the token and in the policy, and one match is enough", async () => {
  const table: readonly (readonly [
    string,
    string | readonly string[] | undefined,
    string,
  ])[] = [
    ['{"aud":"a"}', "a", "accepted"],
    ['{"aud":"a"}', ["b", "a"], "accepted"],
    ['{"aud":["b","a"]}', "a", "accepted"],
    ['{"aud":["c","b"]}', ["a", "b"], "accepted"],
    ['{"aud":"a"}', "b", "audience"],
    ['{"aud":"a"}', ["b", "c"], "audience"],
    ['{"aud":["b","c"]}', "a", "audience"],
    ['{"aud":["b","c"]}', ["a", "d"], "audience"],
    ['{"aud":[]}', "a", "audience"],
    ['{"aud":"a,b"}', "a", "audience"],
    ['{"aud":"A"}', "a", "audience"],
    ['{"aud":"a"}', undefined, "audience"],
    ['{"aud":["a"]}', undefined, "audience"],
    ['{"aud":""}', undefined, "audience"],
    ['{"aud":"undefined"}', undefined, "audience"],
    ['{"aud":[]}', undefined, "audience"],
    ["{}", "a", "missing_claim"],
    ["{}", ["a"], "missing_claim"],
    ["{}", undefined, "accepted"],
  ];
  for (const [payload, audience, expected] of table) {
    const policy = audience === undefined ? {} : { audience };
    assert.equal(
      await verdict(forge(payload), policy),
      expected,
      `${payload} for ${audience}`,
    );
  }
});

test("each place of a list counts, in the token's audience, in the policy's and in its issuers", async () => {
  const others = ["p", "q", "r", "s", "t"];
  for (let place = 0; place < 6; place++) {
    const list = others.toSpliced(place, 0, "a");
    const many = JSON.stringify(list);
    const none = JSON.stringify(others);
    // deno-fmt-ignore
    const table: readonly (readonly [string, Policy, string])[] = [
      [`{"aud":${many}}`, { audience: "a" }, "accepted"],
      [`{"aud":"a"}`, { audience: list }, "accepted"],
      [`{"aud":${many}}`, { audience: ["x", "y", "z", "a"] }, "accepted"],
      [`{"aud":["x","y","z","a"]}`, { audience: list }, "accepted"],
      [`{"aud":${none}}`, { audience: "a" }, "audience"],
      [`{"aud":"a"}`, { audience: others }, "audience"],
      [`{"aud":${none}}`, { audience: ["x", "y", "z", "a"] }, "audience"],
      [`{"iss":"a"}`, { issuer: list }, "accepted"],
      [`{"iss":"a"}`, { issuer: others }, "issuer"],
      [`{${list.map((name) => `"${name}":1`)}}`, { requiredClaims: list },
        "accepted"],
      [`{${others.map((name) => `"${name}":1`)}}`, { requiredClaims: list },
        "missing_claim"],
    ];
    for (const [payload, policy, expected] of table) {
      assert.equal(await verdict(forge(payload), policy), expected, payload);
    }
    // Each element must be a text, wherever it stands.
    const wrong = JSON.stringify([...others].with(Math.min(place, 4), "#"))
      .replace('"#"', "1");
    assert.equal(
      await verdict(forge(`{"aud":${wrong}}`), { audience: others }),
      "claim_type",
    );
    await assert.rejects(
      sign({ aud: JSON.parse(wrong) }, await importKey(secret)),
      TypeError,
    );
  }
});

test("a system's clock that is set forward or back holds from then on, to the millisecond", async () => {
  await withClock(async (clock) => {
    const now = clock.seconds; // half a second ago
    const good = forge(`{"exp":${now + 0.501}}`);
    const over = forge(`{"exp":${now + 0.5}}`);
    const early = forge(`{"nbf":${now + 0.501}}`);
    assert.equal(await verdict(good), "accepted");
    assert.equal(await verdict(over), "expired");
    assert.equal(await verdict(early), "not_yet_valid");
    clock.advance(1);
    assert.equal(await verdict(good), "expired");
    assert.equal(await verdict(early), "accepted");
    clock.advance(-3600);
    assert.equal(await verdict(good), "accepted");
    assert.equal(await verdict(over), "accepted");
    assert.equal(await verdict(early), "not_yet_valid");
  });
});

test("an issuer must be there and be the policy's, or one of the policy's", async () => {
  const table:
    readonly (readonly [string, string | readonly string[], string])[] = [
      ['{"iss":"a"}', "a", "accepted"],
      ['{"iss":"b"}', ["a", "b"], "accepted"],
      ['{"iss":"b"}', "a", "issuer"],
      ['{"iss":"c"}', ["a", "b"], "issuer"],
      ['{"iss":"A"}', "a", "issuer"],
      ['{"iss":"a "}', "a", "issuer"],
      ['{"iss":""}', "a", "issuer"],
      ['{"iss":"a,b"}', ["a", "b"], "issuer"],
      ["{}", "a", "missing_claim"],
      ['{"issuer":"a"}', ["a"], "missing_claim"],
    ];
  for (const [payload, issuer, expected] of table) {
    assert.equal(
      await verdict(forge(payload), { issuer }),
      expected,
      `${payload} for ${issuer}`,
    );
  }
  assert.equal(await verdict(forge('{"iss":"anybody"}')), "accepted");
});

test("a required claim must be the payload's own member, with whatever value", async () => {
  const policy = { requiredClaims: ["sub", "scope"] };
  assert.equal(
    await verdict(forge('{"sub":"1","scope":null}'), policy),
    "accepted",
  );
  assert.equal(await verdict(forge('{"sub":"1"}'), policy), "missing_claim");
  assert.equal(await verdict(forge('{"scope":"x"}'), policy), "missing_claim");
  for (
    const inherited of [
      "toString",
      "constructor",
      "__proto__",
      "hasOwnProperty",
    ]
  ) {
    const asked = { requiredClaims: [inherited] };
    assert.equal(await verdict(forge("{}"), asked), "missing_claim", inherited);
    assert.equal(
      await verdict(forge(`{"${inherited}":1}`), asked),
      "accepted",
      inherited,
    );
  }
});

test("a member called __proto__ gives a claims set no iss, exp or aud", async () => {
  const inner = '{"iss":"a","aud":"a","exp":0,"nbf":9e15,"iat":"x"}';
  assert.equal(await verdict(forge(`{"__proto__":${inner}}`)), "accepted");
  assert.equal(
    await verdict(forge(`{"__proto__":${inner}}`), { issuer: "a" }),
    "missing_claim",
  );
  assert.equal(
    await verdict(forge(`{"__proto__":${inner}}`), { audience: "a" }),
    "missing_claim",
  );
  const aged = { maxAgeSeconds: 60 };
  assert.equal(
    await verdict(forge('{"__proto__":{"iat":9e15}}'), aged),
    "missing_claim",
  );
});

test("a greatest age without an iat in the token is a missing claim", async () => {
  assert.equal(
    await verdict(forge('{"exp":9e15}'), { maxAgeSeconds: 60 }),
    "missing_claim",
  );
});

test("a required typ is compared without ASCII case and with application/ implied", async () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['"JWT"', "JWT", "accepted"],
    ['"jwt"', "JWT", "accepted"],
    ['"application/jwt"', "JWT", "accepted"],
    ['"JWT"', "application/jwt", "accepted"],
    ['"Application/At+JWT"', "at+jwt", "accepted"],
    ['"AT+JWZ"', "at+jwz", "accepted"],
    ['"at+jwt"', "JWT", "typ"],
    ['"JWT"', "at+jwt", "typ"],
    ['"text/jwt"', "jwt", "typ"],
    ['"application/application/jwt"', "jwt", "typ"],
    ['"\u212a"', "k", "typ"], // the Kelvin sign is a small k to Unicode
    ['"JWT "', "JWT", "typ"],
    ['""', "JWT", "typ"],
    ["null", "null", "typ"],
    ['["JWT"]', "JWT", "typ"],
    ["1", "1", "typ"],
  ];
  for (const [typ, wanted, expected] of table) {
    const token = forge("{}", `{"alg":"HS256","typ":${typ}}`);
    assert.equal(
      await verdict(token, { typ: wanted }),
      expected,
      `${typ} for ${wanted}`,
    );
  }
  assert.equal(
    await verdict(forge("{}", '{"alg":"HS256"}'), { typ: "JWT" }),
    "typ",
  );
  assert.equal(
    await verdict(forge("{}", plainHeader), { typ: "JWT" }),
    "accepted",
  );
});
