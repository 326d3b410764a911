/**
 * The documents of the project as its tests read them: text, blocks of code,
 * rows of tables, sections. Nothing here is run; that is shell.ts.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the project, with "/" at its end. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** A block of code between fences. */
export interface Block {
  /** What stands behind the opening fence, such as `sh`. */
  readonly language: string;
  readonly text: string;
}

/** A Markdown file of the project. */
export interface Document {
  /** Its path below the root, such as `src/jwt/README.md`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Every Markdown file of the project, by path. */
export const documents: readonly Document[] = listDocuments();

/** The document at a path below the root. */
export function documentAt(path: string): Document {
  const document = documents.find((document) => document.path === path);
  assert.ok(document !== undefined, `there is no ${path}`);
  return document;
}

/**
 * The text of one block of a document: the first of its language, or a later
 * one.
 */
export function blockOf(
  { path, blocks }: Document,
  language: string,
  index = 0,
): string {
  const block = blocks.filter((block) => block.language === language)[index];
  assert.ok(block !== undefined, `${path} has no ${language} ${index}`);
  return block.text;
}

/**
 * The cells of each row of the one table whose first heading is this, without
 * the headings.
 */
export function rowsOf(
  { path, text }: Document,
  heading: string,
): readonly (readonly string[])[] {
  const tables = text.split(/\n(?!\|)/)
    .map((lines) => lines.split("\n").filter((line) => line.startsWith("|")))
    .filter(([head]) => head !== undefined && cellsOf(head)[0] === heading);
  assert.equal(tables.length, 1, `${path}: tables that begin with ${heading}`);
  const [rows = []] = tables;
  return rows.slice(2).map(cellsOf);
}

/**
 * The part of a document below a heading, up to the next heading of any level.
 */
export function sectionOf({ path, text }: Document, heading: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) =>
    line.startsWith("#") && line.replace(/^#+ /, "") === heading
  );
  assert.ok(start >= 0, `${path} has no heading ${heading}`);
  const length = lines.slice(start + 1).findIndex((line) => /^##+ /.test(line));
  const end = length < 0 ? lines.length : start + 1 + length;
  return lines.slice(start + 1, end).join("\n");
}

/**
 * A document's text without its blocks, in which no line of code looks like
 * Markdown.
 */
export function proseOf({ text }: Document): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

/** What stands in backticks, without them. */
export function codeSpansOf(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

function cellsOf(line: string): readonly string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

function listDocuments(): readonly Document[] {
  const folders = ["", ".github/", "src/", "test/"];
  return folders.flatMap((folder) => {
    const recursive = folder !== "";
    return readdirSync(root + folder, { recursive }).map(String)
      .filter((path) => path.endsWith(".md"))
      .filter((path) => !path.includes("node_modules"))
      .map((path) => readDocument(folder + path));
  }).sort((one, other) => one.path < other.path ? -1 : 1);
}

function readDocument(path: string): Document {
  const text = readFileSync(root + path, "utf8");
  const fences = text.matchAll(/^```(?<language>\w+)\n(?<text>[^]*?)^```$/gm);
  const blocks = [...fences].map(({ groups }) => ({
    language: groups?.["language"] ?? "",
    text: groups?.["text"] ?? "",
  }));
  return { path, text, blocks };
}
