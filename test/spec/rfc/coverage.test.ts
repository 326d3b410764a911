/**
 * The coverage table, held: rows against tests, tests against rows, both
 * against the comments in src/jwt, and the keywords of the rows against those
 * of the documents, as they were counted. Where RFC_TEXTS names a folder with
 * the texts, the counts are held against these, and where it has lists of
 * requirements, the rows against the lists.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readCorpus } from "../conformance/corpus.ts";
import { citations } from "./citations.ts";
import { type Clause, coverage } from "./coverage.ts";
import {
  countedKeywords,
  countKeywords,
  listedRequirements,
  outOfScope,
} from "./keywords.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const corpus = readCorpus(`${root}test/spec/vectors`);
const idPattern =
  /^(RFC \d{4}|8725-bis) (\d+(?:\.\d+)*|[A-Z](?:\.\d+)?)([a-z]?)$/;
const rowsById = new Map(coverage.map((clause) => [clause.id, clause]));

/**
 * Worked examples: no single line enforces them, so none names their section.
 */
const examples = [
  "RFC 4648 10",
  "RFC 7515 3.3",
  ..."RFC 7515 A.1,RFC 7515 A.2,RFC 7515 A.3,RFC 7515 A.4,RFC 7515 A.5".split(
    ",",
  ),
  ..."RFC 7515 A.6,RFC 7515 A.7,RFC 7515 C,RFC 7515 E,RFC 7515 F".split(","),
  ..."RFC 7519 3.1,RFC 7519 6.1,RFC 7519 A.1,RFC 7519 A.2".split(","),
];

test("each row of the coverage table has an id of its own, made of a document and a section", () => {
  assert.equal(rowsById.size, coverage.length);
  const letters = new Map<string, string>();
  for (const { id, says } of coverage) {
    assert.ok(says.endsWith("."), id);
    if (id.startsWith("OWASP ")) continue;
    const [, document, section, letter] = idPattern.exec(id) ?? [];
    assert.ok(document !== undefined && section !== undefined, id);
    letters.set(
      `${document} ${section}`,
      (letters.get(`${document} ${section}`) ?? "") + (letter || "a"),
    );
  }
  for (const [section, found] of letters) {
    assert.ok(
      "abcdefghijklmnopqrstuvwxyz".startsWith(found),
      `${section}: ${found}`,
    );
  }
});

test("each row that is tested has a test or a case whose name begins with its id", () => {
  const cases = corpus.filter(({ level }) => level !== "hardening");
  const tested = new Set([
    ...clauseTests(),
    ...cases.flatMap(({ clause }) => clause ?? []),
  ]);
  const missing = coverage.filter(({ id, met }) =>
    typeof met === "string" && !tested.has(id)
  );
  assert.deepEqual(missing.map(({ id }) => id), []);
});

test("each clause test and each clause in the corpus has its row", () => {
  const found = [
    ...clauseTests(),
    ...corpus.flatMap(({ clause }) => clause ?? []),
  ];
  assert.ok(found.length > 150);
  assert.deepEqual(found.filter((id) => !rowsById.has(id)), []);
});

test("each case of the corpus has its row's level, or is hardening", () => {
  for (const { id, clause, level } of corpus) {
    const expected = clause === undefined
      ? undefined
      : rowsById.get(clause)?.level;
    assert.ok(
      level === "hardening" || level === expected,
      `${id}: ${level}, ${expected}`,
    );
  }
});

test("each row that is not tested gives its reason", () => {
  for (const { id, met } of coverage) {
    if (typeof met !== "string") assert.ok(met.why.length > 10, id);
  }
});

test("each section that a comment in src/jwt names has a row", () => {
  const sections = new Set(coverage.map(sectionOf));
  const files = readdirSync(`${root}src/jwt`)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `jwt/${name}`);
  const cited = files.flatMap((file) =>
    citations(sourceOf(file)).map((found) => [file, found])
  );
  assert.ok(cited.length > 60);
  assert.deepEqual(cited.filter(([, found = ""]) => !sections.has(found)), []);
});

test("each row that is tested names the file that enforces it, and that file names the section", () => {
  for (const clause of coverage) {
    const { id, met } = clause;
    if (typeof met !== "string") continue;
    const source = sourceOf(met);
    if (id.startsWith("OWASP ") || examples.includes(id)) continue;
    if (id.startsWith("8725-bis ")) continue; // src names what is published
    assert.ok(
      citations(source).includes(sectionOf(clause)),
      `${met} does not name ${id}`,
    );
  }
});

for (const [document, counted] of Object.entries(countedKeywords)) {
  test(`the rows of ${document} have the keywords that each section of it has`, () => {
    const rows = keywordsOfRows(document);
    const sections = new Set([...Object.keys(counted), ...Object.keys(rows)]);
    assert.ok(sections.size > 4);
    for (const section of sections) {
      const isExcepted = outOfScope(document, section) !== null;
      const expected = isExcepted ? 0 : counted[section] ?? 0;
      assert.equal(rows[section] ?? 0, expected, `${document} ${section}`);
    }
  });
}

const { RFC_TEXTS: texts } = process.env;
if (texts !== undefined) {
  for (const [document, counted] of Object.entries(countedKeywords)) {
    const file = `${texts}/${document.toLowerCase().replace(" ", "")}.txt`;
    if (!existsSync(file)) continue;
    test(`the keywords of ${document} are those that its text has`, () => {
      assert.deepEqual(countKeywords(readFileSync(file, "utf8")), counted);
    });
  }
}

if (texts !== undefined && existsSync(`${texts}/README.md`)) {
  test("each requirement in the lists for RFC 7519, RFC 8725 and HTTP has a row of its own", () => {
    const listed = listedRequirements(
      readFileSync(`${texts}/README.md`, "utf8"),
    );
    // 60 rows, and one of them stands for the seven registered claims.
    assert.equal(listed.length, 66);
    const ids = coverage.map(({ id }) => id);
    for (
      const [section, count] of Object.entries(
        Object.groupBy(listed, (name) => name),
      )
    ) {
      const rows = ids.filter((id) =>
        id === section || id.replace(/ ?[a-z]$/, "") === section
      );
      assert.ok(
        rows.length >= (count?.length ?? 0),
        `${section}: ${rows.length} rows`,
      );
    }
  });
}

/** How many keywords the rows of each section of a document have. */
function keywordsOfRows(document: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const clause of coverage) {
    if (!clause.id.startsWith(`${document} `)) continue;
    const section = sectionOf(clause).slice(document.length + 1);
    counts[section] = (counts[section] ?? 0) + clause.keywords;
  }
  return counts;
}

/** The ids with which the names of the tests in test/spec/rfc begin. */
function clauseTests(): string[] {
  return readdirSync(`${root}test/spec/rfc`).filter((name) =>
    name.endsWith(".test.ts")
  )
    .flatMap((name) => {
      const names = readFileSync(`${root}test/spec/rfc/${name}`, "utf8")
        .matchAll(
          /^ *(?:test|slowTest)\(\s*"((?:RFC|OWASP|8725-bis) [^:"]+): /gm,
        );
      return [...names].map(([, id = ""]) => id);
    });
}

/** A row's document and section, without its letter. */
function sectionOf({ id }: Clause): string {
  return id.replace(/(?<=\d|[A-Z])[a-z]$/, "");
}

function sourceOf(path: string): string {
  return readFileSync(`${root}src/${path}`, "utf8");
}
