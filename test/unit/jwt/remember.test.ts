/**
 * The verifier with a memory: what it remembers is that a token's MAC held, and
 * nothing else. Whether a token is remembered shows in whether its answer is a
 * promise.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  importKey,
  keyRing,
  type Policy,
  type RememberOptions,
  rememberVerified,
  verify,
} from "../../../src/jwt/jwt.ts";
import type { Verifier } from "../../../src/jwt/jwt.ts";
import { run } from "../../support/process.ts";
import { slowTest } from "../../support/slow_test.ts";
import {
  asIf,
  encoded,
  forge,
  misuse,
  otherSecret,
  outcome,
  plainHeader,
  secret,
} from "../../support/forge.ts";

/** Asks once, and says whether the token was known before. */
async function isKnown(verifier: Verifier, token: string): Promise<boolean> {
  const answer = verifier(token);
  if (!(answer instanceof Promise)) return true;
  await answer;
  return false;
}

test("a remembered token is answered without a promise, with the same claims", async () => {
  const verifier = rememberVerified(await importKey(secret));
  const token = forge('{"sub":"1"}');
  const first = verifier(token);
  assert.ok(first instanceof Promise);
  assert.deepEqual(await first, { sub: "1" });
  assert.deepEqual(verifier(token), { sub: "1" });
});

test("verify and a verifier with a memory answer alike, the first time and the second", async () => {
  const keys = keyRing([
    await importKey(secret),
    await importKey(otherSecret, "a"),
  ]);
  const policy: Policy = {
    issuer: "a",
    audience: ["b"],
    maxAgeSeconds: 60,
    maxLength: 500,
    clock: () => 100,
  };
  const good = '"iss":"a","aud":"b","iat":90';
  const named = (kid: string) => `{"alg":"HS256","kid":${kid}}`;
  const table: readonly (readonly [unknown, string])[] = [
    [forge(`{${good}}`), "accepted"],
    [forge(`{${good}}`, named('"a"'), otherSecret), "accepted"],
    [forge(`{${good}}`, named('"a"')), "signature"],
    [forge(`{${good}}`, named('"b"')), "unknown_key"],
    [forge(`{${good}}`, named("5")), "malformed"],
    [forge(`{${good}}`, plainHeader, otherSecret), "signature"],
    [forge(`{${good}}`, '{"alg":"none"}'), "algorithm"],
    [forge(`{${good}}`, '{"alg":"HS256","crit":[]}'), "critical"],
    [forge(`{${good}}`, '{"alg":"HS256","cty":"JWT"}'), "nested"],
    [forge(`{${good},"exp":100}`), "expired"],
    [forge(`{${good},"nbf":101}`), "not_yet_valid"],
    [forge(`{${good},"sub":5}`), "claim_type"],
    [forge('{"iss":"a","aud":"b","iat":101}'), "issued_in_future"],
    [forge('{"iss":"a","aud":"b","iat":39}'), "too_old"],
    [forge('{"iss":"a","aud":"b"}'), "missing_claim"],
    [forge('{"iss":"b","aud":"b","iat":90}'), "issuer"],
    [forge('{"iss":"a","aud":"c","iat":90}'), "audience"],
    [forge("[]"), "claims_set"],
    [forge(`{${good},"x":"${"x".repeat(400)}"}`), "too_long"],
    ["a.b.c.d.e", "encrypted"],
    ["", "malformed"],
    [undefined, "malformed"],
    [null, "malformed"],
    [Object(forge(`{${good}}`)), "malformed"],
  ];
  const verifier = rememberVerified(keys, policy);
  for (const [value, expected] of table) {
    const token = asIf<string>(value);
    assert.equal(
      await outcome(() => verify(token, keys, policy)),
      expected,
      String(token),
    );
    assert.equal(await outcome(() => verifier(token)), expected, String(token));
    assert.equal(await outcome(() => verifier(token)), expected, String(token));
  }
});

test("a remembered token is refused once the clock has moved on, and accepted if it moves back", async () => {
  let now = 99;
  const verifier = rememberVerified(await importKey(secret), {
    clock: () => now,
  });
  const token = forge('{"exp":100,"nbf":50}');
  assert.equal(await isKnown(verifier, token), false);
  now = 99.999;
  assert.equal(await isKnown(verifier, token), true);
  for (
    const [later, code] of [[100, "expired"], [49, "not_yet_valid"]] as const
  ) {
    now = later;
    assert.throws(() => verifier(token), { name: "JwtError", code });
  }
  now = 99;
  assert.equal(await isKnown(verifier, token), true);
});

test("a token that is refused is not remembered, whatever the reason", async () => {
  let now = 49;
  const verifier = rememberVerified(await importKey(secret), {
    clock: () => now,
  });
  const early = forge('{"nbf":50}');
  const forged = forge("{}", plainHeader, otherSecret);
  for (
    const [token, code] of [[early, "not_yet_valid"], [
      forged,
      "signature",
    ]] as const
  ) {
    for (let round = 0; round < 3; round++) {
      const answer = verifier(token);
      assert.ok(answer instanceof Promise);
      assert.equal(await outcome(() => answer), code);
    }
  }
  now = 50;
  assert.equal(await isKnown(verifier, early), false);
  assert.equal(await isKnown(verifier, early), true);
});

test("each remembered answer is a claims set of its own, and changing one changes no other", async () => {
  const verifier = rememberVerified(await importKey(secret));
  const token = forge('{"sub":"1","roles":["user"]}');
  const expected = { sub: "1", roles: ["user"] };
  for (let round = 0; round < 3; round++) {
    const claims = asIf<{ sub: string; roles: string[]; exp?: number }>(
      await verifier(token),
    );
    assert.deepEqual(claims, expected);
    claims.sub = "2";
    claims.roles.push("admin");
    claims.exp = 1;
  }
});

test("a text that differs from a remembered one in case or in one character is not remembered", async () => {
  const verifier = rememberVerified(await importKey(secret));
  const token = forge('{"sub":"1"}');
  await verifier(token);
  const others = [
    token.toLowerCase(),
    token.toUpperCase(),
    `${token} `,
    ` ${token}`,
    `${token}=`,
  ];
  for (let index = 0; index < token.length; index++) {
    const other = token[index] === "A" ? "B" : "A";
    others.push(token.slice(0, index) + other + token.slice(index + 1));
  }
  for (const text of others) {
    const answer = verifier(text);
    assert.ok(answer instanceof Promise, text);
    assert.notEqual(await outcome(() => answer), "accepted", text);
  }
  assert.equal(await isKnown(verifier, token), true);
});

test("the same claims under another header or key are remembered for themselves alone", async () => {
  const ring = keyRing([
    await importKey(secret),
    await importKey(otherSecret, "a"),
  ]);
  const verifier = rememberVerified(ring);
  const [plain, named] = [
    forge("{}"),
    forge("{}", '{"alg":"HS256","kid":"a"}', otherSecret),
  ];
  assert.equal(await isKnown(verifier, plain), false);
  assert.equal(await isKnown(verifier, named), false);
  const another = rememberVerified(await importKey(otherSecret));
  assert.equal(await outcome(() => another(plain)), "signature");
});

test("the least recently used token is forgotten first, and a use counts", async () => {
  const [a, b, c] = ["1", "2", "3"].map((sub) => forge(`{"sub":"${sub}"}`));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const verifier = rememberVerified(await importKey(secret), {}, {
    maxCharacters: a.length * 2,
  });
  assert.equal(await isKnown(verifier, a), false);
  assert.equal(await isKnown(verifier, b), false);
  assert.equal(await isKnown(verifier, a), true); // b is now the older one
  assert.equal(await isKnown(verifier, c), false); // in place of b
  assert.equal(await isKnown(verifier, a), true);
  assert.equal(await isKnown(verifier, c), true);
  assert.equal(await isKnown(verifier, b), false); // in place of a
  assert.equal(await isKnown(verifier, c), true);
  assert.equal(await isKnown(verifier, a), false);
});

test("each half of the memory is bounded by the lengths of its tokens, to the character", async () => {
  const tokens = ["1", "2", "3"].map((sub) => forge(`{"sub":"${sub}"}`));
  const [a = "", b = "", c = ""] = tokens;
  const exact = rememberVerified(await importKey(secret), {}, {
    maxCharacters: 4 * a.length,
  });
  const short = rememberVerified(await importKey(secret), {}, {
    maxCharacters: 4 * a.length - 2,
  });
  for (const verifier of [exact, short]) {
    for (const token of tokens) await verifier(token);
    assert.equal(await isKnown(verifier, c), true);
    assert.equal(await isKnown(verifier, b), true);
  }
  // Exactly, a and b were one half, and c began the other.
  assert.equal(await isKnown(exact, a), true);
  assert.equal(await isKnown(short, a), false);
});

test("a token longer than half of the memory is not remembered, and pushes nothing out", async () => {
  const [a, long] = [forge('{"sub":"1"}'), forge('{"sub":"1234567890"}')];
  const verifier = rememberVerified(await importKey(secret), {}, {
    maxCharacters: 2 * a.length,
  });
  await verifier(a);
  assert.equal(await isKnown(verifier, long), false);
  assert.equal(await isKnown(verifier, long), false);
  assert.equal(await isKnown(verifier, a), true);
  const short = rememberVerified(await importKey(secret), {}, {
    maxCharacters: 2 * a.length - 2,
  });
  for (let round = 0; round < 2; round++) {
    assert.equal(await isKnown(short, a), false);
  }
});

test("a forgotten token leaves its room to others, over and over", async () => {
  const tokens = Array.from(
    { length: 30 },
    (_, index) => forge(`{"sub":"${index + 10}"}`),
  );
  const room = 6 * (tokens[0] ?? "").length;
  const verifier = rememberVerified(await importKey(secret), {}, {
    maxCharacters: room,
  });
  for (const token of tokens) await verifier(token);
  for (const token of tokens.slice(-3)) {
    assert.equal(await isKnown(verifier, token), true);
  }
  for (const token of tokens.slice(0, 24)) {
    assert.equal(await isKnown(verifier, token), false);
  }
});

test("whatever comes, tokens of no more than the limit are remembered", async () => {
  const tokens = Array.from(
    { length: 200 },
    (_, index) => forge(`{"sub":"${2 ** (index % 40)}"}`),
  );
  const limit = 1000;
  const verifier = rememberVerified(await importKey(secret), {}, {
    maxCharacters: limit,
  });
  for (const [index] of tokens.entries()) {
    const token = tokens[index * 7 % tokens.length] ?? "";
    await verifier(token);
    const known = new Set(
      tokens.filter((each) => !(verifier(each) instanceof Promise)),
    );
    const characters = [...known].reduce((sum, { length }) => sum + length, 0);
    assert.ok(characters <= limit, String(characters));
  }
});

slowTest(
  "a token that is remembered does not keep the text that it was cut out of",
  async () => {
    const url = new URL("../../support/remember_slices.ts", import.meta.url);
    const runtime = "Bun" in globalThis
      ? []
      : ["run", "--allow-all", "--node-modules-dir=none"];
    const command = [process.execPath, ...runtime, fileURLToPath(url)];
    const { code, stdout, stderr } = await run(command);
    assert.equal(code, 0, stderr);
    // The texts have 225 million characters, the tokens 1.3 million.
    const megabytes = Number(stdout);
    assert.ok(megabytes < 100, `${megabytes} MB`);
  },
);

test("a hot token stays known while others come and go", async () => {
  const hot = forge('{"sub":"hot"}');
  const verifier = rememberVerified(
    await importKey(secret),
    {},
    { maxCharacters: 6 * hot.length },
  );
  await verifier(hot);
  for (let index = 100; index < 200; index++) {
    await verifier(forge(`{"sub":"${index}"}`));
    assert.equal(await isKnown(verifier, hot), true);
  }
});

test("without a limit given, each half of the memory has room for 2,097,152 characters", async () => {
  const ofLength = (header: number, payload: number, sub: number) =>
    forge(`{"sub":"${sub}"}`.padEnd(payload), '{"alg":"HS256"}'.padEnd(header));
  const longest = Array.from(
    { length: 255 },
    (_, index) => ofLength(17, 6093, index),
  );
  const others = Array.from(
    { length: 256 },
    (_, index) => ofLength(17, 6093, index + 1000),
  );
  const [half, fitting] = [ofLength(15, 3023, 511), ofLength(15, 3023, 512)];
  const [first, longer] = [longest[0] ?? "", ofLength(15, 3024, 513)];
  const lengths = [first, half, fitting, longer].map(({ length }) => length);
  assert.deepEqual(lengths, [8192, 4096, 4096, 4097]);
  for (
    const [last, isFirstKept] of [[fitting, true], [longer, false]] as const
  ) {
    const verifier = rememberVerified(await importKey(secret));
    for (const token of [...longest, half, last, ...others]) {
      await verifier(
        token,
      );
    }
    assert.equal(await isKnown(verifier, first), isFirstKept);
  }
});

test("one token asked for several times at once takes its room once", async () => {
  const [a, b] = [forge('{"sub":"1"}'), forge('{"sub":"2"}')];
  const verifier = rememberVerified(
    await importKey(secret),
    {},
    { maxCharacters: a.length + b.length },
  );
  await Promise.all([verifier(a), verifier(a), verifier(a)]);
  await verifier(b);
  assert.equal(await isKnown(verifier, b), true);
  assert.equal(await isKnown(verifier, a), true);
});

test("a memory without room remembers nothing and answers all the same", async () => {
  const verifier = rememberVerified(await importKey(secret), {}, {
    maxCharacters: 0,
  });
  const token = forge("{}");
  for (let round = 0; round < 3; round++) {
    assert.equal(await isKnown(verifier, token), false);
  }
});

test("a verifier with a memory reports its clock's fault each time", async () => {
  let now = 1;
  const verifier = rememberVerified(await importKey(secret), {
    clock: () => now,
  });
  await verifier(forge("{}"));
  now = NaN;
  assert.equal(await misuse(() => verifier(forge("{}"))), "RangeError");
  assert.equal(await misuse(() => verifier(forge('{"a":1}'))), "RangeError");
});

test("an unsecured token is not remembered by a verifier", async () => {
  const verifier = rememberVerified(await importKey(secret));
  const token = `${encoded('{"alg":"none"}')}.${encoded("{}")}.`;
  for (let round = 0; round < 2; round++) {
    assert.equal(await outcome(() => verifier(token)), "algorithm");
  }
});

test("a token that is asked for many times at once takes its room once", async () => {
  const [first, second] = [forge('{"sub":"1"}'), forge('{"sub":"2"}')];
  const verifier = rememberVerified(
    await importKey(secret),
    {},
    { maxCharacters: 2 * (first.length + second.length) },
  );
  await verifier(first);
  await Promise.all(Array.from({ length: 20 }, () => verifier(second)));
  assert.equal(await isKnown(verifier, first), true);
  assert.equal(await isKnown(verifier, second), true);
});

test("the options of a verifier with a memory are a plain object with a size and no more", async () => {
  const key = await importKey(secret);
  const table: readonly (readonly [unknown, string])[] = [
    [1000, "use this options: it must be a plain object."],
    [null, "use this options: it must be a plain object."],
    ["1000", "use this options: it must be a plain object."],
    [[1000], "use this options: it must be a plain object."],
    [
      Object.create({ maxCharacters: 1000 }),
      "use this options: it must be a plain object.",
    ],
    [{ maxSize: 1000 }, "verify: rememberVerified has no such option."],
    [{ maxSize: undefined }, "verify: rememberVerified has no such option."],
    [
      { maxCharacters: 1000, [Symbol("maxCharacters")]: 1 },
      "verify: rememberVerified has no such option.",
    ],
    [
      { maxCharacters: undefined },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: null },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: "1000" },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: 1000n },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: -1 },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: NaN },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
    [
      { maxCharacters: Infinity },
      "verify: maxCharacters must be a finite number, 0 or more.",
    ],
  ];
  for (const [options, told] of table) {
    assert.throws(
      () => rememberVerified(key, {}, asIf<RememberOptions>(options)),
      { name: "TypeError", message: `Cannot ${told}` },
    );
  }
});

test("options without a size, and with a hidden one, are read as they are", async () => {
  const key = await importKey(secret);
  const token = forge("{}");
  const usual = rememberVerified(key, {}, {});
  await usual(token);
  assert.equal(await isKnown(usual, token), true);
  const hidden = Object.defineProperty({}, "maxCharacters", { value: 0 });
  const forgetful = rememberVerified(key, {}, hidden);
  await forgetful(token);
  assert.equal(await isKnown(forgetful, token), false);
});
