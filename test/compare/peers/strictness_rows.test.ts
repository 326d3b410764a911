/**
 * The table of strictness counts each case where its reason is, and what is
 * written in README.md is of today's corpus. What the libraries make of it,
 * strictness.ts asks them.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { documentAt, root, rowsOf } from "../../project/documents.ts";
import { type Case, readCorpus } from "../../spec/conformance/corpus.ts";
import { parts, type Row, rowOf } from "./strictness_rows.ts";

const page = documentAt("test/compare/peers/README.md");
const corpus = readCorpus(`${root}test/spec/vectors`);

test("each row of the strictness table has cases, and each case that an RFC demands a row", () => {
  for (const row of parts.flatMap(({ rows }) => rows)) {
    assert.ok(casesOf(row).length > 0, row.title);
  }
  const demanded = corpus.filter(({ level }) => level.startsWith("MUST"));
  assert.deepEqual(demanded.filter((asked) => rowOf(asked) === null), []);
});

test("the strictness table that is written counts the cases of today's corpus", () => {
  for (const { title, rows } of parts) {
    const written = rowsOf(page, title).map(([row, onejot]) => [row, onejot]);
    const counted = rows.map((row) => {
      const count = casesOf(row).length;
      const held = row.countsRefusals === true ? 0 : count;
      return [row.title, `${held} / ${count}`];
    });
    assert.deepEqual(written, counted, `${title}: run strictness.ts`);
  }
  const count = corpus.length.toLocaleString("en");
  assert.ok(page.text.includes(`the ${count} cases of the corpus`));
});

test("the row of long tokens has what is refused for its length and nothing else", () => {
  const cases = casesOf(rowNamed("a good token of more than 8,192 characters"));
  assert.ok(cases.length >= 4);
  for (const { id, token, code, secret } of cases) {
    assert.equal(code, "too_long", id);
    const [header = "", payload = "", mac = "", ...more] = String(token).split(
      ".",
    );
    assert.deepEqual(more, [], id);
    const key = Buffer.from(String(secret), "base64url");
    const input = `${header}.${payload}`;
    const hmac = createHmac("sha256", key).update(input).digest("base64url");
    assert.equal(mac, hmac, id);
    assert.ok(String(token).length > 8192, id);
    for (const part of [header, payload]) {
      JSON.parse(Buffer.from(part, "base64url").toString());
    }
  }
});

test("what is handed to a signer is counted among no verifier's rows", () => {
  const [verifiers] = parts;
  const counted = verifiers?.rows.flatMap(casesOf) ?? [];
  const refused = counted.filter((asked) =>
    "sign" in asked && asked.expect !== "accept"
  );
  assert.deepEqual(refused, []);
});

function casesOf(row: Row): readonly Case[] {
  return corpus.filter((asked) => rowOf(asked) === row);
}

function rowNamed(title: string): Row {
  const row = parts.flatMap(({ rows }) => rows).find((row) =>
    row.title === title
  );
  assert.ok(row !== undefined, title);
  return row;
}
