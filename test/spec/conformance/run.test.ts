/**
 * The run over all questions, with a stand-in for the program: when it goes on,
 * and when it stops.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOf } from "./judge.ts";
import type { Reply } from "./program.ts";
import { runChecks } from "./run.ts";
import { makeCase } from "./suite_process.ts";

const refused: Reply = { kind: "answer", answer: { refused: "no" } };
const hang: Reply = { kind: "hang", what: "no answer" };
const broken: Reply = { kind: "broken", what: "it ended" };
const dead: Reply = { kind: "dead", what: "it does not start" };

test("every question is asked twice, and the numbers of done and failed are shown", async () => {
  const { run, asked, shown } = await runReplies([
    refused,
    refused,
    refused,
    hang,
    refused,
    refused,
  ]);
  assert.equal(run.stopped, null);
  assert.deepEqual(asked, ["0", "0", "1", "1", "2", "2"]);
  assert.deepEqual(shown, [[1, 0], [2, 1], [3, 1]]);
  assert.deepEqual(run.results.map(({ outcome }) => outcome), [
    "passed",
    "failed",
    "passed",
  ]);
});

test("after a fault and after a changed answer the process is ended", async () => {
  const fault: Reply = {
    kind: "answer",
    answer: { fault: "it fetched something" },
  };
  const claims: Reply = { kind: "answer", answer: { claims: {} } };
  const { asked } = await runReplies([
    fault,
    refused,
    claims,
    refused,
    refused,
  ]);
  assert.deepEqual(asked, ["0", "end", "1", "1", "end", "2", "2"]);
});

test("twenty hangs in a row stop the run, and nineteen do not", async () => {
  const stopped = await runReplies([refused, refused, ...Array(25).fill(hang)]);
  assert.equal(
    stopped.run.stopped,
    "The program hangs: 20 questions in a row had no answer.",
  );
  assert.equal(stopped.run.results.length, 26);
  assert.deepEqual(
    stopped.run.results.map(({ outcome, came }) => [outcome, came]),
    [
      ["passed", '{"refused":"no"}'],
      ...Array(20).fill(["failed", "no answer"]),
      ...Array(5).fill(["failed", "it was not asked"]),
    ],
  );
  const nineteen = Array(19).fill(hang);
  const on = await runReplies([
    ...nineteen,
    refused,
    refused,
    ...nineteen,
    broken,
    ...nineteen,
  ]);
  assert.equal(on.run.stopped, null);
});

test("crashes alone do not stop the run, however many there are", async () => {
  const { run } = await runReplies(Array(50).fill(broken));
  assert.equal(run.stopped, null);
  assert.ok(run.results.every(({ outcome }) => outcome === "failed"));
});

test("a program that does not start again stops the run, and the rest has failed", async () => {
  const { run } = await runReplies([
    refused,
    refused,
    broken,
    dead,
    hang,
    hang,
  ]);
  assert.equal(
    run.stopped,
    "The program does not answer a plain question: it does not start.",
  );
  assert.deepEqual(run.results.map(({ outcome }) => outcome), [
    "passed",
    ...Array(4).fill("failed"),
  ]);
});

/** Runs as many checks as there are replies for, which come in this order. */
async function runReplies(replies: readonly Reply[]) {
  const checks = Array.from({ length: countChecks(replies) }, (_, index) => {
    return checkOf(makeCase(String(index)), false);
  });
  const asked: string[] = [];
  const shown: number[][] = [];
  const left = [...replies];
  const program = {
    ask: (question: Readonly<Record<string, unknown>>): Promise<Reply> => {
      asked.push(String(question["verify"]));
      return Promise.resolve(left.shift() ?? dead);
    },
    end: () => void asked.push("end"),
  };
  const run = await runChecks(
    checks,
    program,
    (...numbers) => shown.push(numbers),
  );
  assert.equal(asked.pop(), "end"); // whatever happens
  return { run, asked, shown };
}

/** A check takes two replies, or one that ends it. */
function countChecks(replies: readonly Reply[]): number {
  let count = 0;
  for (let index = 0; index < replies.length; index++) {
    const reply = replies[index];
    if (reply?.kind === "answer" && !("fault" in reply.answer)) index++;
    count++;
  }
  return count;
}
