/**
 * Compiles programs with one version of TypeScript, in one process: what comes
 * with the compiler and with the types of a runtime is read once, and only the
 * programs and the package are checked, its declarations too, as without
 * skipLibCheck. test/system/pack/type_matrix.ts starts it.
 *
 *   bun test/system/pack/compile_programs.ts TYPESCRIPT FOLDER < COMPILATIONS
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import {
  type Compilation,
  type Errors,
  withoutFolders,
} from "./type_matrix.ts";

/** What is used of a compiler before version 7. */
interface Compiler {
  convertCompilerOptionsFromJson(
    options: object,
    folder: string,
  ): { readonly options: object; readonly errors: readonly Diagnostic[] };
  createCompilerHost(options: object): CompilerHost;
  createProgram(
    files: readonly string[],
    options: object,
    host: CompilerHost,
  ): Program;
  flattenDiagnosticMessageText(text: unknown, newLine: string): string;
}

interface CompilerHost {
  getSourceFile(path: string, how: unknown): SourceFile | undefined;
}

interface Program {
  getSourceFiles(): readonly SourceFile[];
  getOptionsDiagnostics(): readonly Diagnostic[];
  getGlobalDiagnostics(): readonly Diagnostic[];
  getSyntacticDiagnostics(file: SourceFile): readonly Diagnostic[];
  getSemanticDiagnostics(file: SourceFile): readonly Diagnostic[];
  getDeclarationDiagnostics(file: SourceFile): readonly Diagnostic[];
}

interface SourceFile {
  readonly fileName: string;
}

interface Diagnostic {
  readonly code: number;
  readonly messageText: unknown;
  readonly file?: SourceFile;
}

const [typescript = "", folder = ""] = process.argv.slice(2);
const { default: compiler }: { readonly default: Compiler } = await import(
  pathToFileURL(`${typescript}/lib/typescript.js`).href
);
const compilations: readonly Compilation[] = JSON.parse(
  readFileSync(0, "utf8"),
);
const shared = new Map<string, SourceFile | undefined>();
const errors: Errors = Object.fromEntries(
  compilations.map((compilation) => [compilation.name, errorsOf(compilation)]),
);
console.log(JSON.stringify(errors));

/** The errors of one compilation. */
function errorsOf({ files, options }: Compilation): readonly string[] {
  const read = compiler.convertCompilerOptionsFromJson(options, folder);
  const host = compiler.createCompilerHost(read.options);
  const { getSourceFile } = host;
  host.getSourceFile = (path, how) => {
    if (isChecked(path)) return getSourceFile(path, how);
    // A file is another one where it is taken for another kind of module.
    const name = JSON.stringify([path, how]);
    if (!shared.has(name)) shared.set(name, getSourceFile(path, how));
    return shared.get(name);
  };
  const paths = files.map((file) => `${folder}/${file}`);
  const program = compiler.createProgram(paths, read.options, host);
  const checked = program.getSourceFiles()
    .filter(({ fileName }) => isChecked(fileName));
  const found = [
    read.errors,
    program.getOptionsDiagnostics(),
    program.getGlobalDiagnostics(),
    ...checked.map((file) => program.getSyntacticDiagnostics(file)),
    ...checked.map((file) => program.getSemanticDiagnostics(file)),
    ...checked.map((file) => program.getDeclarationDiagnostics(file)),
  ];
  return found.flat().map(({ code, messageText, file }) => {
    const text = compiler.flattenDiagnosticMessageText(messageText, " ");
    const name = basename(file?.fileName ?? "");
    return `${name}: TS${code}: ${withoutFolders(text)}`;
  });
}

/** Says whether a file is one of the programs, or of the package. */
function isChecked(path: string): boolean {
  return path.startsWith(`${folder}/`) && !path.includes("/@types/");
}
