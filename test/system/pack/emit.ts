/**
 * Writes `dist`, for whoever cannot run TypeScript: the JavaScript and the
 * declarations of what package.json exports and of what that imports, and of no
 * other file; beside them, what Node.js finds in the place of what is not for
 * it. npm runs it before it packs.
 *
 *   bun test/system/pack/emit.ts
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { compiler, requireDevelopmentPackages, root } from "./programs.ts";

/** The files of one export in package.json. */
interface Targets {
  readonly bun: string | { readonly default: string };
}

const output = join(root, "dist");

/**
 * Compilers show a program for Node.js this in the place of declarations. Its
 * name is in their error, "File '…' is not a module", and it must not be one.
 * Versions before 6 pass over a null in package.json and take the next
 * condition.
 */
const needsBunOrDeno = `/**
 * This export of onejot needs Bun or Deno. Node.js has onejot/jwt and
 * onejot/http.
 *
 * A program for Bun is compiled with "moduleResolution": "bundler", or with
 * "customConditions": ["bun"].
 */
`;

// deno-fmt-ignore: an option a line
const options = [
  "--ignoreConfig",
  "--rootDir", "src",
  "--outDir", "dist",
  "--declaration",
  "--types", "",
  "--module", "nodenext",
  "--rewriteRelativeImportExtensions",
  "--verbatimModuleSyntax",
  "--target", "es2023", // what Node.js 20 knows
  // The types are checked elsewhere, with the project's own options.
  "--noCheck",
  "--noResolve",
];

requireDevelopmentPackages();
rmSync(output, { recursive: true, force: true });
const { exports } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const sources = Object.values<Targets>(exports).map(({ bun }) => {
  return join(typeof bun === "string" ? bun : bun.default);
});
const command = [compiler, ...options, ...withImports(sources)];
const { status } = spawnSync(process.execPath, command, {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) throw new Error("TypeScript's compiler failed.");
for (const path of readdirSync(output, { recursive: true }).map(String)) {
  if (path.endsWith(".d.ts")) nameJavaScript(join(output, path));
  if (path.endsWith(".js")) nameTypeScript(join(output, path));
}
writeFileSync(join(output, "needs_bun_or_deno.d.ts"), needsBunOrDeno);

/** These files and all that they import as code. */
function withImports(files: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const text = readFileSync(join(root, file), "utf8");
    const imports = text.matchAll(
      /^(?:import|export)\b[^;]*? from "(\.[^"]+)";/gm,
    );
    for (const [, path = ""] of imports) visit(join(dirname(file), path));
  };
  for (const file of files) visit(file);
  return [...found];
}

/**
 * Makes what is imported as text lead to src again: the page has the modules as
 * they stand there, and tsc takes their names for those of code.
 */
function nameTypeScript(script: string): void {
  const text = readFileSync(script, "utf8");
  const imports =
    /(import\("[./]+\/src\/[^"]+)\.js"(?=, \{ with: \{ type: "text")/g;
  writeFileSync(script, text.replace(imports, '$1.ts"'));
}

/**
 * Makes the imports of a declaration lead to .js, as tsc does in the JavaScript
 * beside it alone.
 */
function nameJavaScript(declaration: string): void {
  const text = readFileSync(declaration, "utf8");
  writeFileSync(
    declaration,
    text.replace(/( from "\.[^"]+)\.ts";/g, '$1.js";'),
  );
}
