/**
 * Mutations of calls whose value is used: the call left out, so that its object
 * or an argument stands in its place where the type allows, or undefined; its
 * last argument, its `await` left out.
 */

import ts from "typescript";
import { isBoolean } from "./conditions.ts";
import {
  type Edit,
  operand,
  removeFromList,
  replace,
  type Rule,
  type Source,
} from "./walk.ts";

type Call = ts.CallExpression | ts.NewExpression;

export const mutateCall: Rule = function* (node, source) {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) return;
  yield* withoutLastArgument(node, source);
  if (ts.isExpressionStatement(node.parent)) return; // removed as a statement
  // So is this.
  if (ts.isNewExpression(node) && ts.isThrowStatement(node.parent)) return;
  for (const text of insteadOf(node, source)) yield replace(node, text, source);
};

/**
 * `await f(x)` as `f(x)`: a promise where its value was meant, a failure that
 * nobody sees.
 */
export const mutateAwait: Rule = function* (node, source) {
  if (!ts.isAwaitExpression(node)) return;
  yield replace(node, operand(node.expression, source), source);
};

/** The last of two or more arguments left out, and the only one of `new`. */
function* withoutLastArgument(node: Call, source: Source): Generator<Edit> {
  const given = node.arguments ?? [];
  const last = given[given.length - 1];
  const least = ts.isNewExpression(node) ? 1 : 2;
  if (
    last === undefined || given.length < least ||
    ts.isThrowStatement(node.parent)
  ) return;
  yield removeFromList(last, source);
}

/** What can stand where the call stood. */
function insteadOf(node: Call, source: Source): string[] {
  const { checker } = source;
  const wanted = checker.getTypeAtLocation(node);
  const candidates: ts.Expression[] = [...node.arguments ?? []];
  const called = node.expression;
  if (ts.isPropertyAccessExpression(called)) candidates.push(called.expression);
  const fitting = candidates.filter((candidate) =>
    !ts.isSpreadElement(candidate) && !isNamespace(candidate) &&
    checker.isTypeAssignableTo(checker.getTypeAtLocation(candidate), wanted)
  );
  const texts = fitting.map((candidate) => operand(candidate, source));
  // Booleans are forced.
  return isBoolean(node, source) ? texts : [...texts, "undefined"];
}

/** `JSON` in `JSON.parse(text)`, which would pass where any value does. */
function isNamespace(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && /^[A-Z]/.test(node.text);
}
