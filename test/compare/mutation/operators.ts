/**
 * Mutations of operators: a comparison flipped or shifted by one, arithmetic
 * and bits the other way round or with one operand alone, an assignment without
 * its operation, a negation dropped.
 */

import ts from "typescript";
import { type Edit, operand, replace, type Rule, type Source } from "./walk.ts";

const kinds = ts.SyntaxKind;

const flips = new Map<ts.SyntaxKind, readonly string[]>([
  [kinds.EqualsEqualsEqualsToken, ["!=="]],
  [kinds.ExclamationEqualsEqualsToken, ["==="]],
  [kinds.LessThanToken, ["<=", ">", ">="]],
  [kinds.LessThanEqualsToken, ["<", ">", ">="]],
  [kinds.GreaterThanToken, [">=", "<", "<="]],
  [kinds.GreaterThanEqualsToken, [">", "<", "<="]],
]);

const swaps = new Map<ts.SyntaxKind, string>([
  [kinds.PlusToken, "-"],
  [kinds.MinusToken, "+"],
  [kinds.AsteriskToken, "/"],
  [kinds.SlashToken, "*"],
  [kinds.PercentToken, "*"],
  [kinds.LessThanLessThanToken, ">>"],
  [kinds.GreaterThanGreaterThanToken, "<<"],
  [kinds.GreaterThanGreaterThanGreaterThanToken, "<<"],
  [kinds.AmpersandToken, "|"],
  [kinds.BarToken, "&"],
  [kinds.CaretToken, "&"],
]);

const assignments = new Map<ts.SyntaxKind, readonly string[]>([
  [kinds.PlusEqualsToken, ["-=", "="]],
  [kinds.MinusEqualsToken, ["+=", "="]],
  [kinds.AsteriskEqualsToken, ["/=", "="]],
  [kinds.SlashEqualsToken, ["*=", "="]],
  [kinds.LessThanLessThanEqualsToken, [">>=", "="]],
  [kinds.GreaterThanGreaterThanEqualsToken, ["<<=", "="]],
  [kinds.AmpersandEqualsToken, ["|=", "="]],
  [kinds.BarEqualsToken, ["&=", "="]],
]);

/** `a < b` as `a <= b` and so on, and with `b + 1` and `b - 1` for `b`. */
export const mutateComparison: Rule = function* (node, source) {
  if (!ts.isBinaryExpression(node)) return;
  const operators = flips.get(node.operatorToken.kind) ?? [];
  for (const operator of operators) {
    yield replace(node.operatorToken, operator, source);
  }
  if (operators.length === 0 || !isNumber(node.right, source)) return;
  if (ts.isNumericLiteral(node.right)) return; // it is shifted as a constant
  yield replace(node.right, `(${operand(node.right, source)} + 1)`, source);
  yield replace(node.right, `(${operand(node.right, source)} - 1)`, source);
};

/** `a + b` as `a - b`, as `a` and as `b`. */
export const mutateArithmetic: Rule = function* (node, source) {
  if (!ts.isBinaryExpression(node)) return;
  const operator = swaps.get(node.operatorToken.kind);
  if (operator === undefined) return;
  const [left, right] = [
    operand(node.left, source),
    operand(node.right, source),
  ];
  yield replace(node, `(${left} ${operator} ${right})`, source);
  yield* eachAlone(node, source);
};

/**
 * `a && b` as `a || b` and the reverse; `a ?? b` as `a` and as `b`. Operands
 * are forced elsewhere.
 */
export const mutateLogic: Rule = function* (node, source) {
  if (!ts.isBinaryExpression(node)) return;
  const [left, right] = [
    operand(node.left, source),
    operand(node.right, source),
  ];
  switch (node.operatorToken.kind) {
    case kinds.AmpersandAmpersandToken:
      yield replace(node, `(${left} || ${right})`, source);
      break;
    case kinds.BarBarToken:
      yield replace(node, `(${left} && ${right})`, source);
      break;
    case kinds.QuestionQuestionToken:
      yield* eachAlone(node, source);
      break;
  }
};

/**
 * `a += b` as `a -= b` and as `a = b`; `a++` as `a--`; `!a` and `-a` as `a`.
 */
export const mutateUnaryOrAssignment: Rule = function* (node, source) {
  if (ts.isBinaryExpression(node)) {
    for (const operator of assignments.get(node.operatorToken.kind) ?? []) {
      yield replace(node.operatorToken, operator, source);
    }
  }
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) {
    return;
  }
  const inner = operand(node.operand, source);
  const steps = new Map([[kinds.PlusPlusToken, "--"], [
    kinds.MinusMinusToken,
    "++",
  ]]);
  const step = steps.get(node.operator) ?? "";
  yield replace(
    node,
    ts.isPrefixUnaryExpression(node) ? step + inner : inner + step,
    source,
  );
};

/** `a?.b` as `a.b`. */
export const mutateOptionalChain: Rule = function* (node, source) {
  const isChain = ts.isPropertyAccessChain(node) ||
    ts.isElementAccessChain(node) ||
    ts.isCallChain(node);
  if (!isChain || node.questionDotToken === undefined) return;
  yield replace(
    node.questionDotToken,
    ts.isPropertyAccessChain(node) ? "." : "",
    source,
  );
};

function* eachAlone(
  node: ts.BinaryExpression,
  source: Source,
): Generator<Edit> {
  yield replace(node, operand(node.left, source), source);
  yield replace(node, operand(node.right, source), source);
}

function isNumber(node: ts.Node, { checker }: Source): boolean {
  return (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !==
    0;
}
