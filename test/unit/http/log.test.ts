/**
 * The log: lines that parse back, no control character in any format, and
 * batches that neither lose nor repeat a line.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, type LogRecord } from "../../../src/http/http.ts";
import { pause } from "../../support/wait.ts";

/** A log, and what it has printed. */
function makeLog(format: "json" | "readable" = "json") {
  const printed: string[] = [];
  return { log: createLog((lines) => printed.push(lines), format), printed };
}

/** What one record is printed as. */
function line(record: LogRecord, format: "json" | "readable"): string {
  const { log, printed } = makeLog(format);
  log.write(record);
  log.flush();
  assert.equal(printed.length, 1);
  return printed[0] ?? "";
}

const controls = [
  ..."\0\x07\b\t\n\v\f\r\x1b\x1f\x7f\x80\x85\x9b\x9f\u2028\u2029",
];

test("a JSON line parses back to its record, with its members in order", () => {
  const text = `a "b" \\ c \\u0041 é 😀 ${controls.join("x")}\ud800`;
  const record = { z: text, a: -1.5, none: null, [`"\n${text}`]: "" };
  const parsed = JSON.parse(line(record, "json"));
  assert.deepEqual(parsed, record);
  assert.deepEqual(Object.keys(parsed), Object.keys(record));
  assert.equal(
    line({ a: "b", c: 1, d: null }, "json"),
    '{"a":"b","c":1,"d":null}',
  );
});

test("a readable line has the values that are there, apart by two spaces", () => {
  const record = {
    a: "GET",
    b: 200,
    none: null,
    zero: 0,
    empty: "",
    path: '/x"\\é',
  };
  assert.equal(line(record, "readable"), 'GET  200  0    /x"\\é');
});

test("no control character and no line end reaches the output, in either format", () => {
  for (const control of controls) {
    const code = (control.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    assert.equal(
      line({ a: `<${control}${control}>` }, "readable"),
      `<\\u${code}\\u${code}>`,
    );
    const json = line({ [control]: control }, "json");
    assert.equal(/[\p{Cc}\u2028\u2029]/u.test(json), false);
    assert.deepEqual(JSON.parse(json), { [control]: control });
  }
  assert.equal(
    line({ a: "\u007f\u0085\u2028" }, "json"),
    '{"a":"\\u007f\\u0085\\u2028"}',
  );
});

test("every other character reaches the output as it is", () => {
  const text = " ~\u00a0é\u200b\u2027\u202a\uffff😀";
  assert.equal(line({ a: text }, "readable"), text);
  assert.equal(line({ a: text }, "json"), `{"a":"${text}"}`);
});

test("nothing is printed at once, and all is printed in order after a flush, once", async () => {
  const { log, printed } = makeLog("readable");
  log.flush();
  for (const a of [1, 2, 3]) log.write({ a });
  await Promise.resolve();
  assert.deepEqual(printed, []);
  log.flush();
  assert.deepEqual(printed, ["1\n2\n3"]);
  log.flush();
  await pause(80);
  assert.deepEqual(printed, ["1\n2\n3"]);
  log.write({ a: 4 });
  log.flush();
  assert.deepEqual(printed, ["1\n2\n3", "4"]);
});

test("lines print themselves after a moment, and so do those that come later", async () => {
  const { log, printed } = makeLog("readable");
  log.write({ a: 1 });
  log.write({ a: 2 });
  await pause(10);
  assert.deepEqual(printed, []);
  await pause(110);
  assert.deepEqual(printed, ["1\n2"]);
  log.write({ a: 3 });
  await pause(120);
  assert.deepEqual(printed, ["1\n2", "3"]);
});

test("a thousand lines print themselves without waiting", () => {
  const { log, printed } = makeLog("readable");
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  for (const a of numbers.slice(0, 999)) log.write({ a });
  assert.deepEqual(printed, []);
  log.write({ a: 999 });
  assert.deepEqual(printed, [numbers.join("\n")]);
  log.write({ a: "next" });
  assert.equal(printed.length, 1);
  log.flush();
  assert.equal(printed[1], "next");
});

test("a line that is written while lines are printed is not lost", () => {
  const printed: string[] = [];
  const log = createLog((lines) => {
    printed.push(lines);
    if (printed.length === 1) log.write({ a: "later" });
  }, "readable");
  log.write({ a: "first" });
  log.flush();
  log.flush();
  assert.deepEqual(printed, ["first", "later"]);
});

/** A log whose lines are written when they are told to be. */
function makeSlowLog() {
  const printed: string[] = [];
  const ends: (() => void)[] = [];
  const log = createLog((lines) => {
    printed.push(lines);
    return new Promise<void>((resolve) => ends.push(resolve));
  }, "json");
  return { log, printed, ends };
}

test("while lines are being written the next ones wait, and then go together", async () => {
  const { log, printed, ends } = makeSlowLog();
  log.write({ a: 1 });
  const flushed = log.flush();
  log.write({ a: 2 });
  log.flush();
  log.write({ a: 3 });
  await pause(80);
  assert.deepEqual(printed, ['{"a":1}']);
  ends[0]?.();
  await pause(1);
  assert.deepEqual(printed, ['{"a":1}', '{"a":2}\n{"a":3}']);
  ends[1]?.();
  await flushed;
  assert.equal(printed.length, 2);
});

test("a flush is over when all is written that was there, and not before", async () => {
  const { log, ends } = makeSlowLog();
  log.write({ a: 1 });
  let isOver = false;
  const flushed = log.flush().then(() => isOver = true);
  await pause(20);
  assert.equal(isOver, false);
  ends[0]?.();
  await flushed;
});

test("what cannot be written is lost, and what comes later is written", async () => {
  for (const fail of [() => Promise.reject(new Error("full")), throwFull]) {
    const printed: string[] = [];
    const log = createLog((lines) => {
      printed.push(lines);
      return printed.length === 1 ? fail() : undefined;
    }, "json");
    log.write({ a: 1 });
    await log.flush();
    log.write({ a: 2 });
    await log.flush();
    assert.deepEqual(printed, ['{"a":1}', '{"a":2}']);
  }
});

function throwFull(): never {
  throw new Error("full");
}

test("lines for which there is no room are dropped, counted and told of once", async () => {
  const { log, printed, ends } = makeSlowLog();
  log.write({ a: 1 });
  log.flush();
  const long = { text: "x".repeat(1_000_000) };
  for (let count = 0; count < 10; count++) log.write(long);
  // The fifth one goes beyond 4,194,304 characters.
  assert.equal(log.droppedLines, 5);
  ends[0]?.();
  await pause(1);
  log.write({ a: 2 });
  ends[1]?.();
  await pause(1);
  const lines = printed.join("\n").split("\n").map((text) => JSON.parse(text));
  const [first, ...others] = lines;
  const { time, ...told } = others.splice(5, 1)[0];
  assert.deepEqual(first, { a: 1 });
  assert.deepEqual(others, [long, long, long, long, long, { a: 2 }]);
  assert.match(time, /^\d{4}-/);
  assert.deepEqual(told, {
    level: "warning",
    message: "Lines of the log were dropped: nothing reads it fast enough",
    lines: 5,
  });
  assert.equal(log.droppedLines, 5);
});
