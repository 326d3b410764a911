/**
 * The declarations of the package as programs meet them: each version of
 * TypeScript, with each library of types, resolved as Node.js does and as a
 * bundler does, strictly and without skipLibCheck. What Node.js cannot run must
 * not compile for it.
 */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { run } from "../../support/process.ts";
import { bunTypes, compiler, packageFolder, root } from "./programs.ts";
import { sampleFiles } from "./samples.ts";
import type { Project } from "./scratch.ts";
import type { Trial } from "./tarball.ts";

/** Programs, the options that they are compiled with, and what comes of it. */
export interface Compilation {
  readonly name: string;
  readonly files: readonly string[];
  /** As in tsconfig.json. */
  readonly options: object;
  readonly errors: readonly string[];
}

/** The errors of each compilation, by its name. */
export type Errors = Readonly<Record<string, readonly string[]>>;

/** Those that a program can call. The repository's own is a later one. */
const versions = ["5.4", "5.5", "5.6", "5.7", "5.9", "6.0"];

/** Types in addition to those of ES2022. */
interface Library {
  readonly name: string;
  readonly lib?: string;
  /** A package of types, under the name that it has in @types. */
  readonly types?: readonly [name: string, folder: string];
}

/** Each of these has what onejot/http needs: Request and Response. */
const libraries: readonly Library[] = [
  { name: "dom", lib: "dom" },
  { name: "node_20", types: ["node", packageFolder("types-node-20")] },
  { name: "node_24", types: ["node", packageFolder("types-node-24")] },
  { name: "bun", types: ["bun", bunTypes] },
];

const asNode = { module: "nodenext", moduleResolution: "nodenext" };
const asBundler = { module: "preserve", moduleResolution: "bundler" };
const asNodeForBun = { ...asNode, customConditions: ["bun"] };

const forNode = ["jwt", "http"];
const notForNode = ["auth", "app", "sqlite", "postgres"];

const files = {
  ...sampleFiles,
  "all.ts": exportsOf([...forNode, ...notForNode]),
  "for_node.ts": exportsOf(forNode),
  "not_for_node.ts": exportsOf(notForNode),
};

const nodePrograms = ["jwt.ts", "http.ts", "example.ts", "for_node.ts"];
const allPrograms = [...nodePrograms, "server.ts", "all.ts", "results.ts"];

/** Checks which programs compile, and which do not. */
export async function checkTypes(
  { checks, scratch, tarball }: Trial,
): Promise<void> {
  const project = scratch.project("types", {
    ...files,
    "results.ts": await resultsOf([...forNode, ...notForNode]),
  });
  const installed = join(project.folder, "node_modules/onejot");
  mkdirSync(installed, { recursive: true });
  const into = ["--directory", installed, "--strip-components", "1"];
  await project.run(["tar", "--extract", "--file", tarball.path, ...into]);
  const compilations = allCompilations(project.folder);
  const expected = Object.fromEntries(
    compilations.map(({ name, errors }) => [name, errors]),
  );
  const checkVersion = (version: string, compile: () => Promise<Errors>) =>
    checks.check(
      `TypeScript ${version}: a program compiles where it can run, and nowhere else`,
      async (note) => {
        assert.deepEqual(await compile(), expected);
        note(`${compilations.length} compilations`);
      },
    );

  for (const version of versions) {
    const typescript = packageFolder(`typescript-${version}`);
    await checkVersion(
      version,
      () => compileAll(project.folder, { typescript, compilations }),
    );
  }
  await checkVersion("7", () => compileOneByOne(project, compilations));
}

/**
 * What compiles, by the types that there are and the way to resolve. For
 * nodenext alone, each import of another export is an error.
 *
 * | types                   | nodenext  | bundler | nodenext, Bun's condition |
 * | ----------------------- | --------- | ------- | ------------------------- |
 * | ES2022 alone            | jwt       | jwt     |                           |
 * | dom, @types/node 20, 24 | jwt, http | all     |                           |
 * | @types/bun              | jwt, http | all     | all                       |
 */
function allCompilations(folder: string): readonly Compilation[] {
  const compilations: Compilation[] = [];
  for (const resolution of [asNode, asBundler]) {
    const alone = { lib: ["es2022"], types: [] };
    compilations.push({
      name: `es2022 alone, ${resolution.moduleResolution}`,
      files: ["jwt.ts"],
      options: optionsOf(alone, resolution),
      errors: [],
    });
  }
  for (const { name, lib, types } of libraries) {
    const typeRoots = join(folder, "types", name);
    mkdirSync(typeRoots, { recursive: true });
    if (types !== undefined) symlinkSync(types[1], join(typeRoots, types[0]));
    const library = {
      lib: lib === undefined ? ["es2022"] : ["es2022", lib],
      typeRoots: [typeRoots],
      types: types === undefined ? [] : [types[0]],
    };
    compilations.push({
      name: `${name}, nodenext`,
      files: [...nodePrograms, "not_for_node.ts"],
      options: optionsOf(library, asNode),
      errors: notForNode.map(() =>
        "not_for_node.ts: TS2306: File 'needs_bun_or_deno.d.ts' is not a module."
      ),
    }, {
      name: `${name}, bundler`,
      files: allPrograms,
      options: optionsOf(library, asBundler),
      errors: [],
    });
    if (name !== "bun") continue;
    compilations.push({
      name: `${name}, nodenext with Bun's condition`,
      files: allPrograms,
      options: optionsOf(library, asNodeForBun),
      errors: [],
    });
  }
  return compilations;
}

function optionsOf(library: object, resolution: object): object {
  return {
    ...library,
    ...resolution,
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    declaration: true,
    noEmit: true,
  };
}

/** Compiles by a version that compile_programs.ts can call. */
async function compileAll(
  folder: string,
  { typescript, compilations }: {
    readonly typescript: string;
    readonly compilations: readonly Compilation[];
  },
): Promise<Errors> {
  const program = fileURLToPath(
    new URL("compile_programs.ts", import.meta.url),
  );
  const command = [process.execPath, program, typescript, folder];
  const input = JSON.stringify(compilations);
  const { code, stdout, stderr } = await run(command, { input });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Compiles by the repository's own compiler. */
async function compileOneByOne(
  project: Project,
  compilations: readonly Compilation[],
): Promise<Errors> {
  const found: Record<string, readonly string[]> = {};
  for (const [index, { name, files, options }] of compilations.entries()) {
    const config = join(project.folder, `tsconfig.${index}.json`);
    writeFileSync(config, JSON.stringify({ files, compilerOptions: options }));
    const command = ["node", compiler, "--pretty", "false", "-p", config];
    const { code, stdout } = await run(command, { cwd: project.folder });
    const errors = [...stdout.matchAll(/^(\S+)\(.*?\): error (TS\d+: .*)$/gm)];
    if (code !== 0 && errors.length === 0) throw new Error(stdout);
    found[name] = errors.map(([, file, text = ""]) => {
      return `${file}: ${withoutFolders(text)}`;
    });
  }
  return found;
}

/** An error's text with the names of files alone. */
export function withoutFolders(text: string): string {
  return text.replace(/'\/[^']*\/([^/']+)'/g, "'$1'");
}

/** A program of nothing but all that these exports hold. */
function exportsOf(names: readonly string[]): string {
  return names.map((name) => `export * as ${name} from "onejot/${name}";\n`)
    .join("");
}

/**
 * A library that hands on what each exported function returns. Its declarations
 * cannot be made where one of the types has no name outside.
 */
async function resultsOf(names: readonly string[]): Promise<string> {
  const { exports } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
  const lines: string[] = [];
  for (const name of names) {
    lines.push(`import * as ${name} from "onejot/${name}";`);
    const module: object = await import(`${root}${exports[`./${name}`]}`);
    for (const [member, value] of Object.entries(module)) {
      const path = `${name}.${member}`;
      lines.push(`export const ${name}_${member} = ${path};`);
      // A class begins with a capital.
      if (typeof value !== "function" || /^[A-Z]/.test(member)) continue;
      const call =
        `${path}(...(null as unknown as Parameters<typeof ${path}>))`;
      lines.push(`export const ${name}_${member}_result = ${call};`);
    }
  }
  return `${lines.join("\n")}\n`;
}
