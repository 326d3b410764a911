/**
 * The corpus: its files are what the generator makes, and onejot answers each
 * case as it expects, code for code, twice. One test for each clause and for
 * each attack, so that the runner's output reads as the conformance report.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { answer } from "../conformance/answer.ts";
import { type Case, readCorpus } from "../conformance/corpus.ts";
import { checkOf } from "../conformance/judge.ts";
import * as onejot from "../conformance/onejot.ts";
import { coverage } from "../rfc/coverage.ts";
import { makeCorpus } from "./generate.ts";
import { slowTest } from "../../support/slow_test.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const corpus = readCorpus(folder);

test("the corpus's files are what the generator makes", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const made = makeCorpus();
  assert.deepEqual(files.sort(), Object.keys(made).sort());
  for (const name of files) {
    assert.ok(
      readFileSync(folder + name, "utf8") === made[name],
      `${name}: run generate.ts`,
    );
  }
});

test("nothing that the generator imports, directly or not, lies in src", () => {
  const reached = new Set<string>();
  const waiting = [new URL("generate.ts", import.meta.url).href];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const imported = readFileSync(fileURLToPath(file), "utf8").matchAll(
      / from "(\.[^"]+)";/g,
    );
    for (const [, path = ""] of imported) {
      waiting.push(new URL(path, file).href);
    }
  }
  // With the coverage table, from which cases take their levels.
  assert.ok(reached.size > 15);
  assert.deepEqual([...reached].filter((file) => file.includes("/src/")), []);
});

test("the corpus has cases that are accepted, refused and misused, and each gives its reason", () => {
  const counts = Object.groupBy(corpus, ({ expect }) => expect);
  assert.ok((counts.accept?.length ?? 0) > 200);
  assert.ok((counts.refuse?.length ?? 0) > 600);
  assert.ok((counts.misuse?.length ?? 0) > 100);
  for (const { id, level, why, clause } of corpus) {
    assert.match(why, /^(?:RFC \d{4} [\dA-Z]|No sentence )/, id);
    if (why.startsWith("No sentence ")) assert.equal(level, "hardening", id);
    if (clause === undefined) assert.equal(level, "hardening", id);
  }
});

for (const { id, says } of coverage) {
  const cases = corpus.filter(({ clause }) => clause === id);
  if (cases.length === 0) continue;
  slowTest(`${id}: ${says} ${counted(cases)}`, () => judgeAll(cases));
}

const attacks = new Set(corpus.flatMap(({ attack }) => attack ?? []));
for (const attack of attacks) {
  const cases = corpus.filter((found) => found.attack === attack);
  slowTest(`attack ${attack}: ${counted(cases)}`, () => judgeAll(cases));
}

async function judgeAll(cases: readonly Case[]): Promise<void> {
  for (const found of cases) {
    const { question, expected, judge } = checkOf(found, true);
    const [first, second] = [
      await answer(onejot, question),
      await answer(onejot, question),
    ];
    const label = `${found.id}: expected ${expected}, came ${
      JSON.stringify(first)
    }`;
    assert.equal(judge(first), null, label.slice(0, 1000));
    assert.deepEqual(second, first, label.slice(0, 1000));
  }
}

function counted({ length }: readonly Case[]): string {
  return length === 1 ? "(1 case)" : `(${length} cases)`;
}
