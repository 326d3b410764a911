/**
 * The walk through the code leads somewhere: each function that a document
 * below src names is declared in the file that is named last before it, and
 * each folder imports no more than the table says.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { documentAt, documents, proseOf, root, rowsOf } from "./documents.ts";

test("each function that a document names is declared in the file named before it", () => {
  const missing: string[] = [];
  let count = 0;
  for (const document of documents) {
    let file: string | null = null;
    const marks = /\]\((?<file>[^)\s#]+\.ts)\)|`(?<name>\w+)\(\)`/g;
    for (const { groups } of proseOf(document).matchAll(marks)) {
      const { file: link, name } = groups ?? {};
      if (link !== undefined) file = join(dirname(document.path), link);
      if (name === undefined) continue;
      count++;
      if (file !== null && isDeclared(name, file)) continue;
      missing.push(`${document.path}: ${name} in ${file}`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(count > 15);
});

test("the walk's first table has each folder of src, and what it imports", () => {
  const rows = rowsOf(documentAt("src/README.md"), "folder");
  const listed = rows.map(([link = "", , imports = ""]) => {
    const place = /\((.*)\)/.exec(link)?.[1] ?? "";
    const folders = imports.replace(", types alone", "").split(", ");
    return { place, folders };
  });
  const places = readdirSync(`${root}src`).filter((name) =>
    !name.endsWith(".md")
  );
  assert.deepEqual(listed.map(({ place }) => place).sort(), places.sort());
  for (const { place, folders } of listed) {
    const strangers = importsOf(place).filter((name) =>
      name !== place && !folders.includes(name)
    );
    assert.deepEqual(strangers, [], place);
  }
});

test("the walk says what a refresh token's row in the map is called", () => {
  const promise = /the row "([^"]+)" of/.exec(
    proseOf(documentAt("src/README.md")).replaceAll(/\s+/g, " "),
  );
  const map = documentAt("test/README.md").text;
  assert.ok(promise !== null && map.includes(`| ${promise[1]}`));
});

function isDeclared(name: string, file: string): boolean {
  const text = readFileSync(root + file, "utf8");
  const declaration = new RegExp(
    `\\b(?:function|const|class) ${name}\\b|^ +(?:async )?${name}\\(`,
    "m",
  );
  return declaration.test(text);
}

/** The folders of src that a folder's files, or a file, import from. */
function importsOf(place: string): readonly string[] {
  const files = place.endsWith(".ts")
    ? [place]
    : readdirSync(`${root}src/${place}`)
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${place}/${name}`);
  const imported = files.flatMap((file) => {
    const text = readFileSync(`${root}src/${file}`, "utf8");
    const specifiers = text.matchAll(
      /^(?:import|export)\b[^;]*? from "(\.[^"]+)"/gm,
    );
    return [...specifiers].map(([, path = ""]) => {
      return join(dirname(file), path).split("/")[0] ?? "";
    });
  });
  return [...new Set(imported)];
}
