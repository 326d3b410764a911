/**
 * The parts of a source file that run. Passed over is what leaves no trace in
 * the program: types, interfaces, imports, re-exports, modifiers, and names
 * where they are declared or looked up.
 */

import ts from "typescript";

/** A file of the program with what the compiler knows about its types. */
export interface Source {
  readonly file: ts.SourceFile;
  readonly checker: ts.TypeChecker;
}

/** One place of a file with another text in it. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * A rule looks at one node and names the changes that it knows for such a node.
 */
export type Rule = (node: ts.Node, source: Source) => Iterable<Edit>;

/** All that runs below this node, from the outside in. */
export function* nodesThatRun(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    if (isRunning(child, node)) children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* nodesThatRun(child);
  }
}

/** This node with another text in its place. */
export function replace(node: ts.Node, text: string, { file }: Source): Edit {
  return { start: node.getStart(file), end: node.end, text };
}

/**
 * An element of a list taken out, with the comma behind it; comments around it
 * stay.
 */
export function removeFromList(element: ts.Node, { file }: Source): Edit {
  const comma = /^\s*,/.exec(file.text.slice(element.end))?.[0] ?? "";
  return {
    start: element.getStart(file),
    end: element.end + comma.length,
    text: "",
  };
}

/**
 * The text of an expression, in parentheses where another operator could tear
 * it apart.
 */
export function operand(node: ts.Node, { file }: Source): string {
  const isLoose = ts.isBinaryExpression(node) ||
    ts.isConditionalExpression(node) ||
    ts.isAwaitExpression(node) || ts.isArrowFunction(node) ||
    ts.isAsExpression(node);
  return isLoose ? `(${node.getText(file)})` : node.getText(file);
}

function isRunning(node: ts.Node, parent: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return false;
  }
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
    return false;
  }
  if (ts.isTypeNode(node) || ts.isTypeParameterDeclaration(node)) return false;
  if (ts.isModifier(node) || ts.isHeritageClause(node) || isAmbient(node)) {
    return false;
  }
  return !isNameOf(node, parent);
}

function isAmbient(node: ts.Node): boolean {
  if (!ts.isVariableStatement(node)) return false;
  return (node.modifiers ?? []).some(({ kind }) =>
    kind === ts.SyntaxKind.DeclareKeyword
  );
}

/**
 * A name is passed over, a pattern in its place is not: it may hold default
 * values.
 */
function isNameOf(node: ts.Node, parent: ts.Node): boolean {
  if (ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node)) {
    return false;
  }
  const names = ["name", "propertyName"].map((member) =>
    Reflect.get(parent, member)
  );
  return names.includes(node);
}
