/**
 * A module that misbehaves on one token each time, under the real suite: each
 * misbehaviour fails its own case, and the case after it is answered all the
 * same.
 */

import assert from "node:assert/strict";
import { slowTest } from "../../support/slow_test.ts";
import {
  type FinishedSuite,
  makeCase,
  runSuite,
  withCorpus,
} from "./suite_process.ts";

const module = `
import { writeSync } from "node:fs";
import process from "node:process";
const keptFetch = fetch;
let calls = 0;
const circular = {};
circular.self = circular;
export function sign() { throw new Error("not signed"); }
export function verify(token) {
  const behaviours = {
    "hangs in a loop": () => { while (true); },
    "waits for ever": () => new Promise(() => {}),
    "exits": () => process.exit(0),
    "crashes": () => {
      setTimeout(() => { throw new Error("crashed on purpose"); });
      return new Promise(() => {});
    },
    "rejects what nobody awaits": () => { Promise.reject(new Error("rejected on purpose")); },
    "prints a line of its own": () => writeSync(1, "here I am\\n"),
    "prints a refusal of its own": () => writeSync(1, '{"refused":"own"}\\n'),
    "prints before a line": () => writeSync(1, "here I am"),
    "fetches": () => { fetch("http://127.0.0.1:9/").catch(() => {}); },
    "fetches with what it kept": () => { keptFetch("http://127.0.0.1:9/").catch(() => {}); },
    "pollutes Object.prototype": () => { Object.prototype.isAdmin = true; },
    "replaces a member of a prototype": () => { Object.prototype.toString = () => "mine"; },
    "throws what is no Error": () => { throw "refused"; },
    "changes from refused to accepted": () => ++calls % 2 === 0 ? { claims: {} } : undefined,
    "changes from accepted to refused": () => ++calls % 2 === 1 ? { claims: {} } : undefined,
    "changes the claims": () => ({ claims: { calls: ++calls } }),
    "exits when asked again": () => ++calls % 2 === 0 ? process.exit(3) : undefined,
    "accepts": () => ({ claims: { sub: "mallory" } }),
    "accepts with nothing": () => ({ claims: undefined }),
    "accepts with what is no JSON": () => ({ claims: circular }),
    "prints on the console": () => { console.log("here I am"); process.stdout.write("and here\\n"); },
  };
  const behave = Object.hasOwn(behaviours, token) ? behaviours[token] : () => {};
  const answered = behave();
  if (answered instanceof Promise) return answered;
  if (typeof answered === "object") return answered.claims;
  throw new Error("refused");
}
`;

const misbehaviours: readonly (readonly [string, RegExp])[] = [
  ["hangs in a loop", /^no answer within 1000 ms$/],
  ["waits for ever", /^no answer within 1000 ms$/],
  ["exits", /^the process ended with exit code 0$/],
  ["crashes", /^the process ended with exit code 1$/],
  ["rejects what nobody awaits", /the process ended with exit code 1$/],
  [
    "prints a line of its own",
    /^it wrote more than one line$|^a line that is no JSON: here I am$/,
  ],
  [
    "prints a refusal of its own",
    /it wrote (?:more than one|a) line$|^\{"refused":"own"\}, asked again/,
  ],
  [
    "prints before a line",
    /^a line that is no JSON: here I am\{"refused":"Error"\}$/,
  ],
  ["fetches", /^\{"fault":"it fetched something"\}$/],
  ["fetches with what it kept", /^\{"fault":"it fetched something"\}$/],
  ["pollutes Object.prototype", /^\{"fault":"it polluted a prototype"\}$/],
  [
    "replaces a member of a prototype",
    /^\{"fault":"it polluted a prototype"\}$/,
  ],
  ["throws what is no Error", /^\{"fault":"what was thrown is no Error"\}$/],
  [
    "changes from refused to accepted",
    /^\{"refused":"Error"\}, asked again: \{"claims":\{\}\}$/,
  ],
  [
    "changes from accepted to refused",
    /^\{"claims":\{\}\}, asked again: \{"refused":"Error"\}$/,
  ],
  [
    "changes the claims",
    /^\{"claims":\{"calls":\d\}\}, asked again: \{"claims":\{"calls":\d\}\}$/,
  ],
  [
    "exits when asked again",
    /^\{"refused":"Error"\}, asked again: the process ended with exit code 3$/,
  ],
  ["accepts", /^\{"claims":\{"sub":"mallory"\}\} \(not refused\)$/],
  ["accepts with nothing", /^an answer of no known form: \{\}$/],
  [
    "accepts with what is no JSON",
    /^\{"fault":"what it returned cannot be written as JSON"\}$/,
  ],
];
const harmless = ["prints on the console", "refuses"];

for (const [id, came] of misbehaviours) {
  slowTest(
    `an implementation that ${id} has failed that case, and no other`,
    async () => {
      const { cases } = await misbehave();
      const found = cases.find((result) => result.id === id);
      assert.equal(found?.outcome, "failed");
      assert.match(found?.came ?? "", came);
      assert.equal(
        cases.find((result) => result.id === `after: ${id}`)?.outcome,
        "passed",
      );
    },
  );
}

slowTest(
  "an implementation that prints on the console has passed, and its print is shown",
  async () => {
    const { cases, finished } = await misbehave();
    for (const id of harmless) {
      assert.equal(
        cases.find((result) => result.id === id)?.outcome,
        "passed",
        id,
      );
    }
    assert.match(finished.stderr, /here I am\nand here\n/);
    assert.match(finished.stderr, /crashed on purpose/); // and why it crashed
  },
);

slowTest(
  "a run with failures ends with exit code 1 and with their number",
  async () => {
    const { finished, totals } = await misbehave();
    const passed = misbehaviours.length + harmless.length;
    assert.equal(finished.code, 1);
    assert.deepEqual(totals, {
      passed,
      failed: misbehaviours.length,
      skipped: 0,
      disputed: 0,
    });
  },
);

interface Misbehaved {
  readonly finished: FinishedSuite;
  readonly totals: unknown;
  readonly cases: readonly {
    readonly id: string;
    readonly outcome: string;
    readonly came: string;
  }[];
}

let misbehaved: Promise<Misbehaved> | undefined;

/** One run for all tests. */
function misbehave(): Promise<Misbehaved> {
  return misbehaved ??= runMisbehaviours();
}

function runMisbehaviours(): Promise<Misbehaved> {
  const pairs = misbehaviours.flatMap((
    [id],
  ) => [makeCase(id), makeCase(`after: ${id}`)]);
  const cases = [...pairs, ...harmless.map((id) => makeCase(id))];
  return withCorpus(cases, module, async ({ vectors, implementation }) => {
    const finished = await runSuite(
      ...vectors,
      ...implementation,
      "--json",
      "--deadline",
      "1000",
    );
    return { finished, ...JSON.parse(finished.stdout) };
  });
}
