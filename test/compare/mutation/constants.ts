/**
 * Mutations of constants: a number one more and one less, a text emptied and
 * changed, a boolean flipped, null for undefined and the reverse, a regular
 * expression weakened (regex.ts).
 */

import ts from "typescript";
import { patternEdits } from "./regex.ts";
import { type Edit, replace, type Rule, type Source } from "./walk.ts";

const otherText = "another text";

export const mutateConstant: Rule = function* (node, source) {
  for (const text of otherConstants(node)) yield replace(node, text, source);
  if (ts.isRegularExpressionLiteral(node)) {
    yield* regularExpressionEdits(node, source);
  }
  if (ts.isTemplateExpression(node)) yield* templateEdits(node, source);
};

function otherConstants(node: ts.Node): readonly string[] {
  if (ts.isNumericLiteral(node)) {
    return [`${Number(node.text) + 1}`, `${Number(node.text) - 1}`];
  }
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
    return node.text === "" ? [`"${otherText}"`] : ['""', `"${otherText}"`];
  }
  if (ts.isIdentifier(node)) return otherGlobals[node.text] ?? [];
  switch (node.kind) {
    case ts.SyntaxKind.TrueKeyword:
      return ["false"];
    case ts.SyntaxKind.FalseKeyword:
      return ["true"];
    case ts.SyntaxKind.NullKeyword:
      return ["undefined"];
  }
  return [];
}

const otherGlobals: Readonly<Record<string, readonly string[]>> = Object.assign(
  Object.create(null),
  { undefined: ["null"], NaN: ["0", "1"], Infinity: ["0", "1"] },
);

function* regularExpressionEdits(
  node: ts.Node,
  { file }: Source,
): Generator<Edit> {
  const offset = node.getStart(file);
  for (const { start, end, text } of patternEdits(node.getText(file))) {
    yield { start: start + offset, end: end + offset, text };
  }
}

/** Each fixed piece of a template left out and changed. */
function* templateEdits(
  node: ts.TemplateExpression,
  { file }: Source,
): Generator<Edit> {
  const pieces = [
    node.head,
    ...node.templateSpans.map(({ literal }) => literal),
  ];
  for (const piece of pieces) {
    const start = piece.getStart(file) + 1; // behind ` or }
    // Before ` or ${.
    const end = piece.end - (ts.isTemplateTail(piece) ? 1 : 2);
    if (start === end) continue;
    for (const text of ["", otherText]) yield { start, end, text };
  }
}
