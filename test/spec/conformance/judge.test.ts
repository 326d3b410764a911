/**
 * The verdicts, one answer at a time: what a case that expects this makes of
 * that answer.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import type { Message } from "./answer.ts";
import type { Case } from "./corpus.ts";
import { checkOf, isSameJson } from "./judge.ts";
import { encoded, makeCase, makeToken, withMac } from "./suite_process.ts";

const refusing = makeCase("refusing", { code: "malformed" });
const misusing = makeCase("misusing", { expect: "misuse", code: "TypeError" });
const accepting = makeCase("accepting", { expect: "accept" });
const returning = makeCase("returning", {
  expect: "accept",
  claims: { sub: "ada", n: [1] },
});
const signing = makeCase("signing", { expect: "accept", sign: { sub: "ada" } });
const special = makeCase("special", {
  expect: "accept",
  sign: { sub: "ada", jti: { $: "undefined" } },
  claims: { sub: "ada" },
});
const notSigning = makeCase("not signing", {
  expect: "misuse",
  sign: { exp: "soon" },
});

const replacing = makeCase("replacing", {
  expect: "accept",
  sign: { sub: "\ufffd" },
});

const header = encoded('{"alg":"HS256","typ":"JWT"}');
const payload = encoded('{"sub":"ada"}');
const token = makeToken('{"sub":"ada"}');

const verdicts: readonly (readonly [Case, Message, string | null])[] = [
  [refusing, { refused: "malformed" }, null],
  [refusing, { refused: "anything" }, null],
  [refusing, { misuse: "TypeError" }, "that is no refusal"],
  [refusing, { claims: {} }, "not refused"],
  [misusing, { misuse: "RangeError" }, null],
  [misusing, { refused: "malformed" }, null],
  [misusing, { claims: {} }, "not turned away"],
  [accepting, { claims: { any: 1 } }, null],
  [accepting, { claims: null }, "that is no claims set"],
  [accepting, { claims: [] }, "that is no claims set"],
  [accepting, { claims: "text" }, "that is no claims set"],
  [accepting, { refused: "expired" }, "not accepted"],
  [accepting, { misuse: "TypeError" }, "not accepted"],
  [returning, { claims: { n: [1], sub: "ada" } }, null],
  [returning, { claims: { n: [2], sub: "ada" } }, "other claims"],
  [returning, { claims: { n: [1], sub: "ada", more: null } }, "other claims"],
  [returning, { claims: { sub: "ada" } }, "other claims"],
  [notSigning, { misuse: "TypeError" }, null],
  [notSigning, { token }, "not turned away"],
  [signing, { token }, null],
  [signing, {
    token: makeToken(' { "sub" : "ada" } ', '{"kid":"a","alg":"HS256"}'),
  }, null],
  [special, { token }, null],
  [signing, { refused: "no" }, "not signed"],
  [signing, { token: `${header}.${payload}` }, "the token has not three parts"],
  [
    signing,
    { token: withMac(`${header}.${payload}.`) },
    "the token has not three parts",
  ],
  [signing, { token: token.replace(/.$/, "=") }, notCanonical()],
  [signing, { token: withMac(`${header}.${payload}=`) }, notCanonical()],
  [signing, { token: withMac(`${header} .${payload}`) }, notCanonical()],
  [
    signing,
    { token: makeToken('{"sub":"ada"}', '{"alg":"none"}') },
    "the token's alg is not HS256",
  ],
  [
    signing,
    { token: makeToken('{"sub":"ada"}', '{"alg":["HS256"]}') },
    "the token's alg is not HS256",
  ],
  [
    signing,
    { token: makeToken('{"sub":"ada"}', "null") },
    "the token's alg is not HS256",
  ],
  [
    signing,
    { token: makeToken('{"sub":"ada"}', "no JSON") },
    "the token's alg is not HS256",
  ],
  [
    signing,
    { token: `${header}.${payload}.${encoded("x".repeat(32))}` },
    "the token's MAC is wrong",
  ],
  [signing, { token: `${header}.${payload}.` }, "the token's MAC is wrong"],
  [
    signing,
    { token: makeToken('{"sub":"eve"}') },
    "the token says something else",
  ],
  [
    signing,
    { token: makeToken('{"sub":"ada","iat":1}') },
    "the token says something else",
  ],
  [signing, { token: makeToken("no JSON") }, "the token says something else"],
  [replacing, { token: makeToken('{"sub":"\ufffd"}') }, null],
  [replacing, { token: brokenText() }, "the token says something else"],
  [
    signing,
    { token: makeToken('\ufeff{"sub":"ada"}') },
    "the token says something else",
  ],
];

test("an answer is judged by what its case expects", () => {
  for (const [asked, answer, complaint] of verdicts) {
    const text = `${asked.id}: ${JSON.stringify(answer)}`;
    assert.equal(checkOf(asked, false).judge(answer), complaint, text);
  }
});

test("with codes, a refusal must have the code and a misuse the error's name", () => {
  const coded: readonly (readonly [Case, Message, string | null])[] = [
    [refusing, { refused: "malformed" }, null],
    [refusing, { refused: "too_long" }, "another code"],
    [misusing, { misuse: "TypeError" }, null],
    [misusing, { misuse: "RangeError" }, "another error"],
    [misusing, { refused: "malformed" }, "another error"],
    [makeCase("without a code"), { refused: "anything" }, null],
    [accepting, { claims: {} }, null],
  ];
  for (const [asked, answer, complaint] of coded) {
    assert.equal(
      checkOf(asked, true).judge(answer),
      complaint,
      JSON.stringify(answer),
    );
  }
});

test("a check asks what its case says: to verify with a policy, or to sign", () => {
  const policy = { issuer: "https://example.com" };
  const { secret } = refusing;
  assert.deepEqual(checkOf(refusing, false).question, {
    verify: "refusing",
    secret,
    policy: {},
  });
  const demanding = makeCase("demanding", { policy });
  assert.deepEqual(checkOf(demanding, false).question, {
    verify: "demanding",
    secret,
    policy,
  });
  assert.deepEqual(checkOf(signing, false).question, {
    sign: { sub: "ada" },
    secret,
  });
});

test("two JSON values are the same whatever the order of members, and never by their prototypes", () => {
  const deep = (depth: number) =>
    JSON.parse("[".repeat(depth) + "]".repeat(depth));
  const same: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 }],
    [0, -0],
    [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    [deep(1500), deep(1500)],
  ];
  const different: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1 }, { a: "1" }],
    [{ a: 1 }, { b: 1 }],
    [[], {}],
    [["a"], { 0: "a" }],
    [{}, null],
    [null, {}],
    [[1, 2], [2, 1]],
    [[1], [1, 1]],
    [{ toString: null }, {}],
    [JSON.parse('{"__proto__":{"a":1}}'), {}],
    [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')],
  ];
  for (const [one, other] of same) assert.ok(isSameJson(one, other));
  for (const [one, other] of different) {
    assert.ok(
      !isSameJson(one, other) && !isSameJson(other, one),
      JSON.stringify([one, other]),
    );
  }
});

/**
 * A token whose payload is no UTF-8, and would be the one of "replacing" if
 * that were let pass.
 */
function brokenText(): string {
  const payload = Buffer.from('{"sub":"\xff"}', "latin1").toString("base64url");
  return withMac(`${header}.${payload}`);
}

function notCanonical(): string {
  return "a part of the token is not in base64url, or not canonical";
}
