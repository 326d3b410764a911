/**
 * A corpus that is not of the form that test/spec/vectors/README.md defines is
 * refused as a whole.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readCorpus } from "./corpus.ts";
import { makeCase, secret, withCorpus } from "./suite_process.ts";

const good = makeCase("a case");
const { token: _, ...withoutToken } = good;

test("cases are read from every JSON file, in the order of the files' names", async () => {
  const whole = makeCase("whole", {
    clause: "RFC 7519 7.2",
    level: "SHOULD",
    secret: [{ kid: null, secret }, { kid: "a", secret: "" }],
    policy: { now: 1 },
    expect: "accept",
    claims: {},
    code: "malformed",
  });
  const oddToken = {
    ...withoutToken,
    id: "odd token",
    token: { $: "undefined" },
  };
  const signing = { ...withoutToken, id: "signing", sign: {} };
  await withCorpus([whole], "", ({ vectors: [, directory] }) => {
    writeFileSync(
      join(directory, "another.json"),
      JSON.stringify([oddToken, signing]),
    );
    writeFileSync(join(directory, "README.md"), "no case");
    assert.deepEqual(readCorpus(directory), [oddToken, signing, whole]);
    return Promise.resolve();
  });
});

test("a corpus with a case of a wrong form is refused, and the case is named", async () => {
  const { why: _why, ...withoutWhy } = good;
  const { attack: _attack, ...withoutAttack } = good;
  const { id: _id, ...withoutId } = good;
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{}, /cases\.json holds no array of cases/],
    [["text"], /the case number 1 has no good form: it is no object/],
    [[good, null], /the case number 2 has no good form: it is no object/],
    [
      [withoutId],
      /the case number 1 has no good form: its member id is missing or wrong/,
    ],
    [
      [{ ...good, clauses: "x" }],
      /the case a case has no good form: its member clauses is unknown/,
    ],
    [[{ ...good, toString: "x" }], /its member toString is unknown/],
    [[{ ...good, id: "" }], /its member id /],
    [[{ ...good, id: 1 }], /its member id /],
    [[{ ...good, clause: "" }], /its member clause /],
    [[{ ...good, attack: 1 }], /its member attack /],
    [[{ ...good, level: "must" }], /its member level /],
    [[{ ...good, secret: 5 }], /its member secret /],
    [[{ ...good, secret: "=" }], /its member secret /],
    [[{ ...good, secret: "AB" }], /its member secret /],
    [[{ ...good, secret: [{ secret }] }], /its member secret /],
    [[{ ...good, secret: [{ kid: null, secret: "=" }] }], /its member secret /],
    [
      [{ ...good, secret: [{ kid: null, secret, alg: "HS256" }] }],
      /its member secret /,
    ],
    [[{ ...good, policy: null }], /its member policy /],
    [[{ ...good, expect: "reject" }], /its member expect /],
    [[{ ...good, claims: [] }], /its member claims /],
    [[{ ...good, code: null }], /its member code /],
    [[withoutWhy], /its member why /],
    [[withoutAttack], /it has neither clause nor attack/],
    [[withoutToken], /it needs either token or sign/],
    [[{ ...good, sign: {} }], /it needs either token or sign/],
    [[{ ...withoutToken, sign: {}, policy: {} }], /it has policy beside sign/],
    [[{ ...withoutToken, sign: {}, secret: [] }], /it signs with several keys/],
    [[good, good], /The id a case stands twice/],
  ];
  for (const [cases, message] of wrong) {
    await withCorpus(cases, "", ({ vectors: [, directory] }) => {
      assert.throws(() => readCorpus(directory), {
        name: "UsageError",
        message,
      });
      return Promise.resolve();
    });
  }
});

test("a file that is no JSON is refused, and named", async () => {
  await withCorpus([good], "", ({ vectors: [, directory] }) => {
    writeFileSync(join(directory, "broken.json"), "[");
    assert.throws(() => readCorpus(directory), {
      name: "UsageError",
      message: /broken\.json is no JSON/,
    });
    return Promise.resolve();
  });
});
