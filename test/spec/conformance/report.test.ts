/**
 * The order of a report, and what it says of a run that was stopped.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOf } from "./judge.ts";
import { jsonReport, textReport } from "./report.ts";
import { notAsked, type Result } from "./run.ts";
import { makeCase } from "./suite_process.ts";

test("a report has the levels as they rank, and the clauses by their numbers", () => {
  const levels = ["hardening", "MAY", "MUST NOT", "SHOULD", "MUST"] as const;
  const clauses = [
    "RFC 7519 7.2",
    "RFC 7515 4.1.10",
    "RFC 7515 4.1.2",
    "RFC 7515 10",
    "RFC 4648 3",
  ];
  const results = levels.map((level, index): Result => {
    const asked = makeCase(level, { level, clause: clauses[index] ?? "" });
    return {
      check: checkOf(asked, false),
      outcome: "passed",
      answer: null,
      came: "",
    };
  });
  const { levels: ranked, clauses: sorted } = JSON.parse(
    jsonReport({ results, stopped: null }),
  );
  assert.deepEqual(Object.keys(ranked), [
    "MUST",
    "MUST NOT",
    "SHOULD",
    "MAY",
    "hardening",
  ]);
  assert.deepEqual(Object.keys(sorted), [
    "RFC 4648 3",
    "RFC 7515 4.1.2",
    "RFC 7515 4.1.10",
    "RFC 7515 10",
    "RFC 7519 7.2",
  ]);
});

test("a report of a run that was stopped shows the failures before, and why it was stopped", () => {
  const results = ["one", "two"].map((id): Result => {
    const came = id === "one" ? "no answer" : notAsked;
    return {
      check: checkOf(makeCase(id), false),
      outcome: "failed",
      answer: null,
      came,
    };
  });
  const text = textReport({ results, stopped: "The program hangs." });
  assert.match(text, /^ {2}one$/m);
  assert.doesNotMatch(text, /^ {2}two$/m);
  assert.match(
    text,
    /\n\nStopped before everything was asked\. The program hangs\.\n\n0 passed, 2 failed$/,
  );
});
