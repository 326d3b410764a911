/**
 * A strict reader of the Prometheus text format 0.0.4, as far as we write it:
 * one HELP and one TYPE line before a metric's samples, one space between
 * tokens, no time stamps, no empty lines, no series twice, histograms that add
 * up. It throws at everything else.
 */

import assert from "node:assert/strict";

/** One line with a value. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all its lines. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly ReadSample[];
}

type MutableFamily = Family & { readonly samples: ReadSample[] };

const helpLine =
  /^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<help>(?:[^\\]|\\[\\n])*)$/;
const typeLine = /^# TYPE (?<name>\S+) (?<type>counter|gauge|histogram)$/;

const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\]|\\\\[\\\\"n])*"';
const number = "NaN|[+-]Inf|-?\\d+(?:\\.\\d+)?(?:e[+-]\\d+)?";
const sampleLine = new RegExp(
  "^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)" +
    `(?:\\{(?<labels>${label}(?:,${label})*)\\})? (?<value>${number})$`,
);

/** Reads a whole text. */
export function readExposition(text: string): readonly Family[] {
  if (text === "") return [];
  assert.ok(text.endsWith("\n"), "the last line must end with a line feed");
  const families: MutableFamily[] = [];
  const seen = new Set<string>();
  const lines = text.slice(0, -1).split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const start = helpLine.exec(line)?.groups;
    if (start !== undefined) {
      const { name = "", help = "" } = start;
      index++;
      const type = typeLine.exec(lines[index] ?? "")?.groups;
      assert.equal(
        type?.["name"],
        name,
        `HELP of ${name} and TYPE belong together`,
      );
      assert.ok(
        families.every((family) => family.name !== name),
        `${name} is there twice`,
      );
      families.push({
        name,
        help: unescape(help),
        type: type?.["type"] ?? "",
        samples: [],
      });
      continue;
    }
    const sample = readSample(line);
    const family = families.at(-1);
    assert.ok(family !== undefined, line);
    const suffix = sample.name.slice(family.name.length);
    const suffixes = family.type === "histogram"
      ? ["_bucket", "_sum", "_count"]
      : [""];
    assert.ok(
      sample.name.startsWith(family.name) && suffixes.includes(suffix),
      line,
    );
    const series = JSON.stringify([
      sample.name,
      Object.entries(sample.labels).sort(),
    ]);
    assert.ok(!seen.has(series), `${line} is there twice`);
    seen.add(series);
    family.samples.push(sample);
  }
  for (const family of families) {
    if (family.type === "histogram") checkHistogram(family);
  }
  return families;
}

function readSample(line: string): ReadSample {
  const groups = sampleLine.exec(line)?.groups;
  if (groups === undefined) assert.fail(`no sample: ${line}`);
  const { name = "", labels: labelText = "", value = "" } = groups;
  const labels: Record<string, string> = {};
  const pairs = labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  for (const [, key = "", text = ""] of pairs) {
    assert.ok(!Object.hasOwn(labels, key), `${key} twice: ${line}`);
    labels[key] = unescape(text);
  }
  return { name, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function unescape(text: string): string {
  return text.replace(
    /\\(.)/g,
    (_all, character: string) => character === "n" ? "\n" : character,
  );
}

/**
 * For each set of labels: bounds that rise to +Inf, counts that never fall,
 * then sum and count.
 */
function checkHistogram({ name, samples }: Family): void {
  let bound = -Infinity;
  let count = 0;
  let others = "";
  let previous: string | null = null;
  for (const { name: line, labels: { le, ...labels }, value } of samples) {
    if (previous === null || previous === `${name}_count`) {
      bound = -Infinity;
      count = 0;
      others = JSON.stringify(labels);
    }
    assert.equal(JSON.stringify(labels), others, "one series after the other");
    if (line === `${name}_bucket`) {
      const next = le === "+Inf" ? Infinity : Number(le);
      assert.ok(next > bound && value >= count, `${le} ${value}`);
      bound = next;
      count = value;
    } else if (line === `${name}_sum`) {
      assert.equal(bound, Infinity);
      assert.equal(le, undefined);
      assert.equal(previous, `${name}_bucket`);
    } else {
      assert.equal(bound, Infinity);
      assert.equal(le, undefined);
      assert.equal(previous, `${name}_sum`);
      assert.equal(value, count);
    }
    previous = line;
  }
  assert.ok(samples.length === 0 || samples.at(-1)?.name === `${name}_count`);
}
