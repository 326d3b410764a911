/**
 * The documents hang together: each block of code in them is one that a test
 * runs, each link leads to a file and a heading that are there, and each path
 * that stands in backticks is one. What the tables say is tested in the files
 * beside this one, document by document.
 */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { codeSpansOf, documents, proseOf, root } from "./documents.ts";

/**
 * The blocks of each document: the language and the first word, which a test
 * of that document runs.
 */
const blocks: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ".github/CHANGELOG.md": [],
  ".github/CONTRIBUTING.md": [],
  ".github/SECURITY.md": [],
  "README.md": [
    ["sh", "TOKEN"], // the trial
    ["json", "{"], // its answer
    ["sh", "export"], // production with Bun
    ["sh", "export"], // production with Deno
    ["ts", "import"], // the library
    ["ts", "import"], // paths, refusals, a router in another
    ["ts", "import"], // the app in a program
    ["ts", "import"], // a WebSocket on Bun
  ],
  "src/README.md": [],
  "src/cli/README.md": [
    ["sh", "bun"], // in a folder of others
    ["sh", "bun"], // accounts
    ["sh", "export"], // tokens
    ["text", "Well-formed"], // and what they print
  ],
  "src/jwt/README.md": [
    ["sh", "bun"], // the conformance suite
  ],
  "src/server/README.md": [
    ["json", "{"], // what a login answers
    ["sh", "docker"], // the image, in test/system/image
    ["json", "{"], // a line of the access log
    ["json", "{"], // a line of what happens to accounts
  ],
  "test/README.md": [],
  "test/compare/bench/README.md": [],
  "test/compare/peers/README.md": [],
  "test/spec/vectors/README.md": [],
};

test("each block of each document is one that a test runs", () => {
  const present = documents.map(({ path, blocks }) => [
    path,
    blocks.map(({ language, text }) => [language, text.split(/[ =\n]/, 1)[0]]),
  ]);
  assert.deepEqual(Object.fromEntries(present), blocks);
});

test("each link of a document leads to a file, and to a heading in it", () => {
  const broken: string[] = [];
  for (const document of documents) {
    for (const { target, anchor } of linksOf(document.path)) {
      if (!existsSync(root + target)) {
        broken.push(`${document.path}: ${target}`);
      } else if (anchor !== null && !anchorsOf(target).includes(anchor)) {
        broken.push(`${document.path}: ${target}#${anchor}`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test("documents below src link to what is in the package, and to nothing else", () => {
  const { files } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  assert.deepEqual(files, ["src", "dist"]);
  for (const { path } of documents.filter(({ path }) => isInSrc(path))) {
    const outside = linksOf(path).filter(({ target }) =>
      target !== "README.md" && !isInSrc(target)
    );
    assert.deepEqual(outside, [], path);
  }
});

test("each path of the project that a document names in code is there", () => {
  const missing: string[] = [];
  for (const document of documents) {
    for (const code of codeSpansOf(proseOf(document))) {
      const isPath = /^(?:src|test|\.github)\/[\w./-]+$/.test(code);
      const isGone = isPath && !existsSync(root + code);
      if (isGone) missing.push(`${document.path}: ${code}`);
    }
  }
  assert.deepEqual(missing, []);
});

interface Link {
  /** A path below the root. */
  readonly target: string;
  /** What stands behind "#", or null. */
  readonly anchor: string | null;
}

/** Where a document leads to within the project. */
function linksOf(path: string): readonly Link[] {
  const document = documents.find((document) => document.path === path);
  if (document === undefined) return [];
  const links: Link[] = [];
  for (const [, link = ""] of proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(link)) continue;
    const [file = "", anchor = null] = link.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    links.push({ target, anchor });
  }
  return links;
}

/**
 * The anchors of a document's headings, as the sites that show Markdown make
 * them.
 */
function anchorsOf(path: string): readonly string[] {
  const document = documents.find((document) => document.path === path);
  if (document === undefined) return [];
  const headings = proseOf(document).matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = ""]) => {
    const words = heading.toLowerCase().replaceAll(/[^\p{L}\d _-]/gu, "");
    return words.replaceAll(" ", "-");
  });
}

function isInSrc(path: string): boolean {
  return path === "src" || path.startsWith("src/");
}
