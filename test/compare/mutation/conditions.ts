/**
 * Mutations of conditions: whatever is true or false, and whatever stands where
 * a condition stands, is forced to either, each operand of `&&` and `||` by
 * itself; so is a predicate passed by its name.
 */

import ts from "typescript";
import { replace, type Rule, type Source } from "./walk.ts";

const literals = [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword];

/** A boolean expression or a condition as `true` and as `false`. */
export const mutateCondition: Rule = function* (node, source) {
  if (
    !ts.isExpression(node) || ts.isParenthesizedExpression(node) ||
    isAssigned(node)
  ) return;
  if (literals.includes(node.kind)) return; // they are flipped as constants
  if (!isCondition(node) && !isBoolean(node, source)) return;
  yield replace(node, "true", source);
  yield replace(node, "false", source);
};

/**
 * `Number.isFinite`, where it is passed and not called, as a function that
 * always says the same.
 */
export const mutatePredicate: Rule = function* (node, source) {
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return;
  if (ts.isCallExpression(node.parent) && node.parent.expression === node) {
    return;
  }
  const signatures = source.checker.getTypeAtLocation(node).getCallSignatures();
  if (
    !signatures.some((signature) => isBooleanType(signature.getReturnType()))
  ) return;
  yield replace(node, "() => true", source);
  yield replace(node, "() => false", source);
};

/**
 * Whether the value of this expression, wherever it stands, is true or false
 * and nothing else.
 */
export function isBoolean(node: ts.Node, { checker }: Source): boolean {
  return isBooleanType(checker.getTypeAtLocation(node));
}

function isBooleanType({ flags }: ts.Type): boolean {
  return (flags & ts.TypeFlags.BooleanLike) !== 0;
}

function isCondition(node: ts.Expression): boolean {
  const { parent } = node;
  if (ts.isForStatement(parent) || ts.isConditionalExpression(parent)) {
    return parent.condition === node;
  }
  const isTest = ts.isIfStatement(parent) || ts.isWhileStatement(parent) ||
    ts.isDoStatement(parent);
  return isTest && parent.expression === node;
}

function isAssigned(node: ts.Expression): boolean {
  const { parent } = node;
  return ts.isBinaryExpression(parent) && parent.left === node &&
    parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment;
}
