/**
 * What is taken away around a value of a header field: spaces and tabs, and
 * nothing that some language also takes for white space.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { trimOptionalWhitespace } from "../../../src/http/http.ts";

test("at the ends of a text spaces and tabs are taken away, and none within", () => {
  const rows: Readonly<Record<string, string>> = {
    "": "",
    " ": "",
    " \t \t": "",
    "a": "a",
    " a": "a",
    "a\t": "a",
    "\t a \t b\t ": "a \t b",
  };
  for (const [text, expected] of Object.entries(rows)) {
    assert.equal(trimOptionalWhitespace(text), expected, JSON.stringify(text));
  }
});

test("of all 65,536 characters no other one is taken away", () => {
  for (let code = 0; code < 65_536; code++) {
    const character = String.fromCharCode(code);
    if (" \t".includes(character)) continue;
    const text = `${character}a${character}`;
    assert.equal(trimOptionalWhitespace(` ${text}\t`), text, String(code));
  }
});

test("a text with many spaces within is looked at once", () => {
  const text = `a${" ".repeat(1_000_000)}a`;
  const start = performance.now();
  assert.equal(trimOptionalWhitespace(text), text);
  assert.equal(trimOptionalWhitespace(text.slice(1, -1)), "");
  // /[ \t]+$/ looks at them half a billion times.
  assert.ok(performance.now() - start < 1000);
});
