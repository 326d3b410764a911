/**
 * The mutants of a program: every rule asked about every node that runs. Two
 * changes that give one text are one mutant, a text that does not parse is
 * none.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { mutateAwait, mutateCall } from "./calls.ts";
import {
  mutateDefault,
  mutateIteration,
  mutateLiteral,
  mutateTakingApart,
} from "./collections.ts";
import { mutateCondition, mutatePredicate } from "./conditions.ts";
import { mutateConstant } from "./constants.ts";
import { lineNumberAt, type Mutant, mutantOf, numbered } from "./mutant.ts";
import {
  mutateArithmetic,
  mutateComparison,
  mutateLogic,
} from "./operators.ts";
import { mutateOptionalChain, mutateUnaryOrAssignment } from "./operators.ts";
import {
  mutateBody,
  mutateReturn,
  mutateStatement,
  mutateTry,
} from "./statements.ts";
import { nodesThatRun, type Rule, type Source } from "./walk.ts";

const rules: readonly Rule[] = [
  mutateCondition,
  mutatePredicate,
  mutateConstant,
  mutateCall,
  mutateAwait,
  mutateLiteral,
  mutateDefault,
  mutateTakingApart,
  mutateIteration,
  mutateStatement,
  mutateReturn,
  mutateBody,
  mutateTry,
  mutateComparison,
  mutateArithmetic,
  mutateLogic,
  mutateUnaryOrAssignment,
  mutateOptionalChain,
];

/**
 * Reads the files of a folder together, so that each knows the others' types.
 */
export function readSources(folder: string): Source[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".ts"))
    .sort();
  const program = ts.createProgram(names.map((name) => join(folder, name)), {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.Preserve,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  });
  const checker = program.getTypeChecker();
  return names.map((name) => {
    const file = program.getSourceFile(join(folder, name));
    if (file === undefined) throw new Error(`Cannot read ${name}.`);
    return { file, checker };
  });
}

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(source: Source): Mutant[] {
  const { text } = source.file;
  const seen = new Set([text]);
  const mutants: Mutant[] = [];
  for (const node of nodesThatRun(source.file)) {
    for (const edit of rules.flatMap((rule) => [...rule(node, source)])) {
      const changed = text.slice(0, edit.start) + edit.text +
        text.slice(edit.end);
      if (seen.has(changed)) continue;
      seen.add(changed);
      if (parses(changed)) mutants.push(mutantOf(edit, node, changed, source));
    }
  }
  return numbered(mutants.sort((one, other) => one.start - other.start));
}

/** Lines of code on which no mutant begins. There should be none. */
export function linesWithoutMutant(
  { file }: Source,
  mutants: readonly Mutant[],
): number[] {
  const lines = new Set<number>();
  for (const node of nodesThatRun(file)) {
    const { parent } = node;
    const isInList = ts.isObjectLiteralExpression(parent) ||
      ts.isArrayLiteralExpression(parent);
    const isValue = ts.isVariableDeclaration(parent) &&
      parent.initializer === node && !isEmptyList(node);
    if (isInList || isValue || isStep(node)) {
      lines.add(lineNumberAt(node.getStart(file), file));
    }
  }
  for (const { lineNumber } of mutants) lines.delete(lineNumber);
  return [...lines];
}

/** An empty list: there is nothing in it to change. */
function isEmptyList(node: ts.Node): boolean {
  return ts.isArrayLiteralExpression(node) && node.elements.length === 0;
}

/**
 * A statement that does something itself: no block, and nothing that only gives
 * a name.
 */
function isStep(node: ts.Node): boolean {
  if (!ts.isStatement(node) || ts.isBlock(node)) return false;
  if (ts.isTryStatement(node)) return false; // its blocks have the steps
  return !ts.isDeclarationStatement(node) && !ts.isVariableStatement(node);
}

function parses(text: string): boolean {
  const file = ts.createSourceFile("mutant.ts", text, ts.ScriptTarget.ESNext);
  // In no type, in every version.
  const faults: unknown = Reflect.get(file, "parseDiagnostics");
  if (!Array.isArray(faults)) {
    throw new Error("Cannot tell whether a mutant parses.");
  }
  return faults.length === 0;
}
