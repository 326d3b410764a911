/**
 * Numbers as their digits stand in a token: which of them a double keeps, and
 * that JSON which is read and written again has the same digits, wherever they
 * stand.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, readParts } from "../../../src/inspect/inspect.ts";
import {
  hintOnNumbers,
  numbersIn,
  parseAsWritten,
  WrittenNumber,
} from "../../../src/inspect/written_number.ts";
import { encoded, forge } from "../../support/forge.ts";

const zeros = (count: number) => "0".repeat(count);

/** Numbers that a double keeps, if with other digits. */
const kept: readonly string[] = [
  // zero, in each spelling
  "0",
  "-0",
  "0.0",
  "-0.000",
  "0e5",
  "0E-5",
  "0e400",
  `0e${"9".repeat(400)}`,
  // whole numbers, up to 2^53 and those beyond it that are doubles
  "1",
  "-1",
  "100",
  "9007199254740991",
  "9007199254740992",
  "9007199254740994",
  "-9007199254740992",
  "18446744073709552000",
  // such as is written for the nearest double
  "738529527931269400",
  "1000000000000000000000",
  "100000000000000000000000",
  `1${zeros(308)}`,
  // other spellings of the same number
  "1.0",
  "1.10",
  "1.50000",
  "100e-2",
  "1e2",
  "1E2",
  "1e+2",
  "1E+02",
  "1e-0",
  `1e${zeros(50)}3`,
  `1${zeros(400)}e-400`,
  `0.${zeros(400)}1e401`,
  // fractions with up to 15 digits, and 17 where they are those of a double
  "0.1",
  "0.2",
  "-0.75",
  "1764567890.123456",
  "0.30000000000000004",
  "123456789.012345",
  // the least and the greatest
  "5e-324",
  `0.${zeros(323)}5`,
  "2.2250738585072014e-308",
  "1.7976931348623157e308",
];

/** Numbers that a double changes, and the one that is read instead. */
const changed: readonly (readonly [text: string, read: string])[] = [
  // whole numbers beyond 2^53
  ["738529527931269425", "738529527931269400"],
  ["-738529527931269425", "-738529527931269400"],
  ["9007199254740993", "9007199254740992"],
  ["9007199254740995", "9007199254740996"],
  ["18446744073709551615", "18446744073709552000"],
  ["100000000000000000000001", "1.0000000000000001e+23"],
  ["9007199254740993.0", "9007199254740992"],
  ["9007199254740993e0", "9007199254740992"],
  ["900719925474099.3e1", "9007199254740992"],
  [`1${zeros(60_000)}1e-60001`, "1"],
  // more digits than there are in a double
  ["0.1000000000000000055511151231257827", "0.1"],
  ["3.14159265358979323846", "3.141592653589793"],
  ["1764567890.1234567891", "1764567890.1234567"],
  ["0.99999999999999999999", "1"],
  [`1.${zeros(8000)}1`, "1"],
  // too great
  ["1e309", "infinity"],
  ["1e400", "infinity"],
  ["-1e400", "minus infinity"],
  ["1.7976931348623159e308", "infinity"],
  ["9".repeat(8000), "infinity"],
  [`1e${"9".repeat(400)}`, "infinity"],
  // too small
  ["1e-400", "0"],
  ["-1e-400", "0"],
  [`1e-${"9".repeat(400)}`, "0"],
  [`0.${zeros(8000)}1`, "0"],
  ["4e-324", "5e-324"],
];

/** The one number of a JSON text. */
function numberOf(text: string): WrittenNumber {
  const number = parseAsWritten(text);
  assert.ok(number instanceof WrittenNumber, text);
  return number;
}

test("a double keeps a number if it is the same when it is written again", () => {
  for (const text of kept) {
    assert.equal(numberOf(text).isKept, true, text);
    assert.equal(hintOnNumbers(numberOf(text)), "", text);
  }
});

test("a number that a double changes is told with the one that is read instead", () => {
  for (const [text, read] of changed) {
    const shown = text.slice(0, 40);
    assert.equal(numberOf(text).isKept, false, shown);
    const hint = hintOnNumbers(numberOf(text));
    assert.equal(hint, `Many programs read ${read}.`, shown);
  }
});

test("which numbers a double keeps is what arithmetic on whole numbers says", () => {
  const random = randomDigits(26);
  let keptCount = 0;
  for (let count = 0; count < 5000; count++) {
    const digits = random(1 + count % 20);
    const fraction = count % 3 === 0 ? `.${random(1 + count % 7)}` : "";
    const exponent = count % 4 === 0 ? `e${count % 50 - 25}` : "";
    const text = `${BigInt(digits)}${fraction}${exponent}`;
    const isSame = isSameNumber(text, JSON.stringify(Number(text)));
    if (isSame) keptCount++;
    assert.equal(numberOf(text).isKept, isSame, text);
  }
  assert.ok(keptCount > 1000 && keptCount < 4900, String(keptCount));
});

/** Decimal digits that are the same in each run. */
function randomDigits(seed: number): (length: number) => string {
  let state = seed;
  return (length) => {
    let digits = "";
    while (digits.length < length) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      digits += String(state >> 12 & 0xffff);
    }
    return digits.slice(0, length);
  };
}

/** Compares two numbers as fractions of whole numbers. */
function isSameNumber(one: string, other: string): boolean {
  const [above, below] = fractionOf(one);
  const [otherAbove, otherBelow] = fractionOf(other);
  return above * otherBelow === otherAbove * below;
}

function fractionOf(text: string): readonly [above: bigint, below: bigint] {
  const [mantissa = "", exponent = "0"] = text.split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const power = Number(exponent) - fraction.length;
  const above = BigInt(whole + fraction);
  if (power >= 0) return [above * 10n ** BigInt(power), 1n];
  return [above, 10n ** BigInt(-power)];
}

/** JSON, and what it is when it is written again; null for the same text. */
const texts: readonly (readonly [json: string, again: string | null])[] = [
  ...[...kept, ...changed.map(([text]) => text)].map((text) =>
    [`{"a":${text}}`, null] as const
  ),
  // a root that is no object
  ["1.0", null],
  ["[1.0,1e2,-0]", null],
  // at any depth, and more than one
  ['{"a":{"b":[{"c":1.0},[1e2,[-0]]]},"d":1e400}', null],
  // white space goes, digits stay
  [' {\n"a" : 1.0 ,\t"b":[ 1e2 ] } ', '{"a":1.0,"b":[1e2]}'],
  // what looks like a number and is a text, or a name
  ['{"a":"1.0","1.0":1.00,"b":"\\"2.0","c":"\\\\"}', null],
  ['{"":1.0}', null],
  // members that objects have by birth
  ['{"__proto__":1.0}', null],
  ['{"__proto__":{"a":1.0,"__proto__":[1e2]}}', null],
  ['{"constructor":1.0,"toString":1e2,"valueOf":-0,"length":1.0}', null],
  ['{"toJSON":1.0,"a":{"toJSON":1e2}}', null],
  ['{"text":1.0,"value":2.0,"isKept":3.0}', null],
  ['{"rawJSON":1.0,"a":{"rawJSON":"1.0"},"source":1e2}', null],
  // of members with the same name the last one, in the place of the first
  ['{"a":1.0,"b":2,"a":1e0}', '{"a":1e0,"b":2}'],
  ['{"a":1,"a":738529527931269425}', '{"a":738529527931269425}'],
  ['{"a":738529527931269425,"a":1.0}', '{"a":1.0}'],
  ['{"a":1.0,"\\u0061":1e0}', '{"a":1e0}'],
  ['{"a":[1.0],"a":{"b":1e0}}', '{"a":{"b":1e0}}'],
  ['{"a":{"b":1.0},"a":[1e0]}', '{"a":[1e0]}'],
  ['{"a":1.0,"a":"1.0"}', '{"a":"1.0"}'],
  ['{"__proto__":1.0,"__proto__":1e0}', '{"__proto__":1e0}'],
  // names that are whole numbers come first, as in each object
  ['{"b":1.0,"1":2.0,"0":3.0}', '{"0":3.0,"1":2.0,"b":1.0}'],
  // nothing but numbers is another value
  ['{"a":null,"b":true,"c":[],"d":{},"e":"x"}', null],
];

test("JSON that is read and written again has the digits that it had", () => {
  for (const [json, again] of texts) {
    const read = parseAsWritten(json);
    assert.equal(JSON.stringify(read), again ?? json, json.slice(0, 80));
  }
});

test("what is read with its digits is what JSON.parse reads", () => {
  for (const [json] of texts) {
    const read = parseAsWritten(json);
    assert.deepEqual(withDoubles(read), JSON.parse(json), json.slice(0, 80));
  }
  for (const text of ["", "{", '{"a":01}', '{"a":1.}', "NaN", '{"a":+1}']) {
    assert.throws(() => parseAsWritten(text), SyntaxError, text);
  }
});

/** A copy with a double for each number. */
function withDoubles(value: unknown): unknown {
  if (value instanceof WrittenNumber) return value.value;
  if (Array.isArray(value)) return value.map(withDoubles);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [name, withDoubles(member)]),
  );
}

test("the digits of header and claims stay, also in the deepest token", async () => {
  for (const [json, again] of texts) {
    if (!json.trimStart().startsWith("{") || json.length > 6000) continue;
    const claims = readParts(forge(json)).claims;
    assert.equal(JSON.stringify(claims), again ?? json);
    const { header } = readParts(`${encoded(json)}.${encoded("{}")}.`);
    assert.equal(JSON.stringify(header), again ?? json);
  }
  for (const [open, close, depth] of [["[", "]", 3059], ['{"":', "}", 1223]]) {
    const levels = Number(depth);
    const json = `{"a":${String(open).repeat(levels)}1.0${
      String(close).repeat(levels)
    }}`;
    const token = `${encoded('{"alg":"HS256"}')}.${encoded(json)}.`;
    assert.ok(token.length > 8180 && token.length <= 8192, `${token.length}`);
    const { parts } = await inspect(token, null);
    assert.equal(JSON.stringify(parts?.claims), json);
  }
});

test("what is nested deeper than a token can be is parsed all the same", () => {
  const json = `${"[".repeat(20_000)}1.0${"]".repeat(20_000)}`;
  assert.ok(Array.isArray(parseAsWritten(json)));
  assert.ok(numbersIn(parseAsWritten(json)).length <= 1);
});

test("a hint on what holds numbers counts those that a double changes", () => {
  const rows: readonly (readonly [json: string, hint: string])[] = [
    ['{"a":[1.0,0.1,-0]}', ""],
    ['"738529527931269425"', ""],
    ["null", ""],
    ["[738529527931269425]", "Many programs read 738529527931269400 in it."],
    [
      '{"a":{"b":[1,{"c":1e400}]}}',
      "Many programs read infinity in it.",
    ],
    [
      '{"a":{"b":[1,{"c":1e400}]},"d":9007199254740993,"e":1e-400}',
      "Many programs read 3 other numbers in it, such as 9007199254740992.",
    ],
  ];
  for (const [json, hint] of rows) {
    assert.equal(hintOnNumbers(parseAsWritten(json)), hint, json);
  }
});

test("the digits of the longest number are told to be kept or not at once", () => {
  const start = performance.now();
  for (const middle of ["0", "9"]) {
    const digits = `1${middle.repeat(60_000)}1`;
    for (const text of [digits, `0.${digits}`, `${digits}e-60001`]) {
      assert.equal(numberOf(text).isKept, false);
    }
  }
  assert.ok(performance.now() - start < 1000);
});
