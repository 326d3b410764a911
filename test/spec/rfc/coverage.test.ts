/**
 * The coverage table, held: rows against tests, tests against rows, both
 * against the comments in src/jwt, and the number of rows against the keywords
 * in the RFCs' own texts, and against lists of requirements, where they are at
 * hand (RFC_TEXTS names the folder that holds them).
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readCorpus } from "../conformance/corpus.ts";
import { citations } from "./citations.ts";
import { type Clause, coverage } from "./coverage.ts";
import { countKeywords, listedRequirements, outOfScope } from "./keywords.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const corpus = readCorpus(`${root}test/spec/vectors`);
const idPattern = /^(RFC \d{4}) (\d+(?:\.\d+)*|[A-Z](?:\.\d+)?)([a-z]?)$/;
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
    const [, document, section, letter = ""] = idPattern.exec(id) ?? [];
    assert.ok(document !== undefined && section !== undefined, id);
    letters.set(
      `${document} ${section}`,
      (letters.get(`${document} ${section}`) ?? "") + letter,
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
    assert.ok(
      citations(source).includes(sectionOf(clause)),
      `${met} does not name ${id}`,
    );
  }
});

const { RFC_TEXTS: texts } = process.env;
if (texts !== undefined) {
  for (const document of ["RFC 4648", "RFC 7515", "RFC 7518"]) {
    test(`the rows of ${document} count the keywords that each section of its text has`, () => {
      const text = readFileSync(
        `${texts}/${document.toLowerCase().replace(" ", "")}.txt`,
        "utf8",
      );
      const counted = countKeywords(text);
      const rows: Record<string, number> = {};
      for (
        const clause of coverage.filter(({ id }) => id.startsWith(document))
      ) {
        const section = sectionOf(clause).slice(document.length + 1);
        rows[section] = (rows[section] ?? 0) + clause.keywords;
      }
      assert.ok(Object.keys(counted).length > 4);
      for (
        const section of new Set([
          ...Object.keys(counted),
          ...Object.keys(rows),
        ])
      ) {
        const excepted = outOfScope(document, section);
        const found = counted[section] ?? 0;
        assert.equal(
          rows[section] ?? 0,
          excepted ? 0 : found,
          `${document} ${section}`,
        );
      }
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

/** The ids with which the names of the tests in test/spec/rfc begin. */
function clauseTests(): string[] {
  return readdirSync(`${root}test/spec/rfc`).filter((name) =>
    name.endsWith(".test.ts")
  )
    .flatMap((name) => {
      const names = readFileSync(`${root}test/spec/rfc/${name}`, "utf8")
        .matchAll(
          /^ *(?:test|slowTest)\(\s*"((?:RFC|OWASP) [^:"]+): /gm,
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
