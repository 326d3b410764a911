/**
 * The payload: what is no claims set, repeated and unknown claims, layout,
 * strings of all kinds.
 */

import type { Case } from "../conformance/corpus.ts";
import {
  encoded,
  forge,
  forgeParts,
  otherSecret,
  plainHeader,
} from "./forge.ts";
import { type Row, verifying } from "./making.ts";

const accepted = (
  payload: string,
  claims?: Readonly<Record<string, unknown>>,
): Row => [
  payload.slice(0, 40),
  forge(payload),
  "accept",
  claims === undefined ? {} : { claims },
];
const refused = (
  payload: string,
): Row => [payload.slice(0, 40), forge(payload), "claims_set"];
const inner = forge('{"sub":"admin"}', plainHeader, otherSecret);

export const payloads: readonly Case[] = [
  ...verifying("payload", {
    clause: "RFC 7519 3",
    attack: "non-object payload",
    why: "RFC 7519 3: the JWT Claims Set is a JSON object.",
  }, [
    ...[
      "null",
      "true",
      "false",
      "0",
      "1",
      '"text"',
      '"{}"',
      "[]",
      '[{"sub":"1"}]',
      "[[]]",
    ]
      .map(refused),
    ["an array of entries", forge('[["sub","1"]]'), "claims_set"],
    [
      "a text that holds a claims set",
      forge(JSON.stringify('{"sub":"1"}')),
      "claims_set",
    ],
  ]),
  ...verifying("payload", {
    clause: "RFC 7519 7.2g",
    why: "RFC 7519 7.2 step 10: the payload is a completely valid JSON object.",
  }, [
    ["empty", forgeParts(encoded(plainHeader), ""), "claims_set"],
    ...[
      " ",
      "{",
      "}",
      '{"sub"',
      '{"sub":',
      '{"sub":"1"',
      "prose",
      "sub=1",
      "<a/>",
    ].map(refused),
  ]),
  ...verifying(
    "payload",
    {
      clause: "RFC 7515 10.12a",
      why:
        "RFC 7515 10.12: input that is not JSON is rejected in its entirety.",
    },
    [
      "{'sub':'1'}",
      '{sub:"1"}',
      '{"sub":"1",}',
      '{,"sub":"1"}',
      '{"sub":"1" "a":1}',
      '{"a":01}',
      '{"a":+1}',
      '{"a":.5}',
      '{"a":1.}',
      '{"a":1e}',
      '{"a":0x10}',
      '{"a":NaN}',
      '{"a":Infinity}',
      '{"a":-Infinity}',
      '{"a":undefined}',
      '{"a":1_000}',
      '{"a":1n}',
      '{"a":True}',
      '{"a":nul}',
      '{"a":"\\x41"}',
      '{"a":"\\u00"}',
      '{"a":"\n"}',
      '{"a":"\t"}',
      '{"a":[1,]}',
      '{"a":1}//',
      '/**/{"a":1}',
      "#{}",
    ].map(refused),
  ),
  ...verifying(
    "payload",
    {
      clause: "RFC 7515 10.12d",
      why:
        "RFC 7515 10.12: characters behind the JSON object make the JWS invalid.",
    },
    ["{}x", "{}}", "{}{}", "{} {}", "{}\0", "{},", "{};", '{"tag":"value"}ABCD']
      .map(refused),
  ),
  ...verifying("payload", {
    clause: "RFC 7519 4a",
    why:
      "RFC 7519 4: repeated names are rejected, or the lexically last counts; here it refuses.",
  }, [
    [
      "exp twice, the last one over",
      forge('{"exp":9999999999,"exp":1}'),
      "expired",
    ],
    [
      "exp twice, by an escape",
      forge('{"exp":9999999999,"\\u0065xp":1}'),
      "expired",
    ],
    ["iss twice", forge('{"iss":"a","iss":"b"}'), "issuer", {
      policy: { issuer: "a" },
    }],
    ["aud twice", forge('{"aud":"a","aud":"b"}'), "audience", {
      policy: { audience: "a" },
    }],
    [
      "sub twice, the last one no text",
      forge('{"sub":"a","sub":1}'),
      "claim_type",
    ],
  ]),
  ...verifying("payload", {
    clause: "RFC 7515 10.12b",
    why:
      "RFC 7515 10.12: a parser that returns the first or an unpredictable member is not used.",
  }, [[
    "nbf twice, the last one ahead",
    forge('{"nbf":1,"nbf":9999999999}'),
    "not_yet_valid",
  ]]),
  ...verifying("payload", {
    clause: "RFC 7519 4b",
    why: "RFC 7519 4: claims that are not understood must be ignored.",
  }, [
    accepted('{"role":"x"}', { role: "x" }),
    accepted('{"http://a.example/x":[null,{"y":1}]}', {
      "http://a.example/x": [null, { y: 1 }],
    }),
    accepted('{"":""}', { "": "" }),
    accepted('{"Exp":1}', { Exp: 1 }),
    accepted('{"EXP":"x"}', { EXP: "x" }),
    accepted('{"iss ":5}', { "iss ": 5 }),
    accepted('{"crit":["x"]}', { crit: ["x"] }),
    accepted('{"alg":"none"}', { alg: "none" }),
    accepted('{"a":1.5,"b":-1,"c":1e3}', { a: 1.5, b: -1, c: 1000 }),
    accepted('{"constructor":{"prototype":{"isAdmin":true}}}'),
    accepted('{"length":0,"then":1}', { length: 0, then: 1 }),
  ]),
  ...verifying("payload", {
    clause: "RFC 7519 4b",
    attack: "prototype pollution",
    why:
      "RFC 7519 4: a member named __proto__ is a claim like others, and gives no other claim.",
  }, [
    accepted('{"__proto__":{"isAdmin":true}}'),
    accepted('{"__proto__":{"exp":1,"nbf":9999999999,"iss":5,"aud":"x"}}'),
    [
      "__proto__ with iss",
      forge('{"__proto__":{"iss":"a"}}'),
      "missing_claim",
      {
        policy: { issuer: "a" },
      },
    ],
    [
      "__proto__ with aud",
      forge('{"__proto__":{"aud":"a"}}'),
      "missing_claim",
      {
        policy: { audience: "a" },
      },
    ],
    [
      "__proto__ with a required claim",
      forge('{"__proto__":{"sub":"a"}}'),
      "missing_claim",
      {
        policy: { requiredClaims: ["sub"] },
      },
    ],
  ]),
  ...verifying("payload", {
    clause: "RFC 7515 10.13b",
    why:
      "RFC 7515 10.13: characters beyond the Basic Multilingual Plane are kept.",
  }, [
    accepted('{"a":"\\ud83d\\ude00 \u{1f600}"}', { a: "\u{1f600} \u{1f600}" }),
    accepted('{"\u{1d11e}":1}', { "\u{1d11e}": 1 }),
  ]),
  ...verifying("payload", {
    clause: "RFC 7519 7.3",
    why:
      "RFC 7519 7.3: strings are compared unescaped, code point by code point.",
  }, [
    ["iss escaped", forge('{"\\u0069ss":"\\u0061"}'), "accept", {
      policy: { issuer: "a" },
    }],
    ["aud escaped", forge('{"\\u0061ud":"\\u0062"}'), "accept", {
      policy: { audience: "b" },
    }],
    ["solidus escaped", forge('{"iss":"http:\\/\\/a"}'), "accept", {
      policy: { issuer: "http://a" },
    }],
    ["composed", forge('{"iss":"\u00e9"}'), "accept", {
      policy: { issuer: "\u00e9" },
    }],
    ["decomposed for composed", forge('{"iss":"e\u0301"}'), "issuer", {
      policy: { issuer: "\u00e9" },
    }],
    ["ligature for letters", forge('{"iss":"\ufb01"}'), "issuer", {
      policy: { issuer: "fi" },
    }],
  ]),
  ...verifying("nested", {
    clause: "RFC 7519 7.2f",
    attack: "nested token",
    why:
      "RFC 7519 7.2 step 8: cty of JWT means a nested JWT; nesting is optional, refused by name.",
  }, [
    ["a token", forge(inner, '{"alg":"HS256","cty":"JWT"}'), "nested"],
    [
      "a token as a text",
      forge(`"${inner}"`, '{"alg":"HS256","cty":"JWT"}'),
      "nested",
    ],
    [
      "a claims set",
      forge('{"sub":"1"}', '{"alg":"HS256","cty":"JWT"}'),
      "nested",
    ],
  ]),
  ...verifying("nested", {
    clause: "RFC 7519 7.2g",
    attack: "nested token",
    why:
      "RFC 7519 7.2 step 10: a payload that is a token, unannounced, is no JSON object.",
  }, [
    ["unannounced", forge(inner), "claims_set"],
    ["unannounced as a text", forge(JSON.stringify(inner)), "claims_set"],
    ["unannounced in an array", forge(JSON.stringify([inner])), "claims_set"],
  ]),
];
