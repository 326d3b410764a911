/**
 * Mutations of what holds other values: each property, element and spread left
 * out, each default value and initial value left out, nothing to take apart,
 * nothing to go through.
 */

import ts from "typescript";
import { removeFromList, replace, type Rule } from "./walk.ts";

/** `{ a, b }` as `{ b }` and `{}`, `[a, ...b]` as `[a]` and `[]`. */
export const mutateLiteral: Rule = function* (node, source) {
  if (ts.isObjectLiteralExpression(node)) {
    yield replace(node, "{}", source);
    for (const property of node.properties) {
      yield removeFromList(property, source);
    }
  }
  if (ts.isArrayLiteralExpression(node)) {
    yield replace(node, "[]", source);
    for (const element of node.elements) yield removeFromList(element, source);
  }
};

/**
 * `(a = 1)` and `{ a = 1 }` without the 1; a class's field without its value.
 */
export const mutateDefault: Rule = function* (node) {
  const hasDefault = ts.isParameter(node) || ts.isBindingElement(node) ||
    ts.isPropertyDeclaration(node);
  if (!hasDefault || node.initializer === undefined) return;
  const type = ts.isBindingElement(node) ? undefined : node.type;
  yield { start: (type ?? node.name).end, end: node.initializer.end, text: "" };
};

/** `const { a } = b` as `= {}`, `const [a] = b` as `= []`. */
export const mutateTakingApart: Rule = function* (node, source) {
  if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return;
  if (ts.isObjectBindingPattern(node.name)) {
    yield replace(node.initializer, "{}", source);
  }
  if (ts.isArrayBindingPattern(node.name)) {
    yield replace(node.initializer, "[]", source);
  }
};

/** `for (const a of b)` over `[]`. */
export const mutateIteration: Rule = function* (node, source) {
  if (ts.isForOfStatement(node)) yield replace(node.expression, "[]", source);
};
