/**
 * Mutations of statements: calls, assignments, throws, returns, continues and
 * breaks left out, what is returned replaced, loops without a body, an `else`
 * left out, a `catch` or `finally` emptied, a `try` without what catches.
 */

import ts from "typescript";
import { isBoolean } from "./conditions.ts";
import { replace, type Rule, type Source } from "./walk.ts";

/** The statement left out. */
export const mutateStatement: Rule = function* (node, source) {
  const isJump = ts.isThrowStatement(node) || ts.isReturnStatement(node) ||
    ts.isContinueStatement(node) || ts.isBreakStatement(node);
  if (isJump || ts.isExpressionStatement(node)) {
    yield replace(node, ";", source);
  }
};

/**
 * `return a` and `=> a` with nothing, and with what else the function may
 * return.
 */
export const mutateReturn: Rule = function* (node, source) {
  const value = returnedBy(node);
  // Booleans are forced.
  if (value === undefined || isBoolean(value, source)) return;
  const type = returnType(value, source);
  yield replace(value, "undefined", source);
  if (includes(type, ts.TypeFlags.Null)) yield replace(value, "null", source);
  if (includes(type, ts.TypeFlags.StringLike)) {
    yield replace(value, '""', source);
  }
  if (includes(type, ts.TypeFlags.NumberLike)) {
    yield replace(value, "0", source);
  }
};

/** Loops that do nothing, an `if` without its `else`. */
export const mutateBody: Rule = function* (node, source) {
  if (ts.isIterationStatement(node, false)) {
    yield replace(node.statement, "{}", source);
  }
  if (ts.isIfStatement(node) && node.elseStatement !== undefined) {
    yield {
      start: node.thenStatement.end,
      end: node.elseStatement.end,
      text: "",
    };
  }
};

/** What was caught passes; what was done with it is not done. */
export const mutateTry: Rule = function* (node, source) {
  if (!ts.isTryStatement(node)) return;
  const { tryBlock, catchClause, finallyBlock } = node;
  if (catchClause !== undefined) {
    const unguarded = tryBlock.getText(source.file);
    const rest = finallyBlock?.getText(source.file);
    yield replace(
      node,
      rest === undefined ? unguarded : `try ${unguarded} finally ${rest}`,
      source,
    );
    if (catchClause.block.statements.length > 0) {
      yield replace(catchClause.block, "{}", source);
    }
  }
  if (finallyBlock !== undefined) yield replace(finallyBlock, "{}", source);
};

function returnedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isReturnStatement(node)) return node.expression;
  return ts.isArrowFunction(node) && !ts.isBlock(node.body)
    ? node.body
    : undefined;
}

/** What the function around this expression returns, or promises to. */
function returnType(node: ts.Node, { checker }: Source): ts.Type | undefined {
  const around = ts.findAncestor(node.parent, ts.isFunctionLike);
  const signature = around && checker.getSignatureFromDeclaration(around);
  const type = signature && checker.getReturnTypeOfSignature(signature);
  return type && (checker.getAwaitedType(type) ?? type);
}

function includes(type: ts.Type | undefined, flags: ts.TypeFlags): boolean {
  if (type === undefined) return false;
  const members = type.isUnion() ? type.types : [type];
  return members.some((member) => (member.flags & flags) !== 0);
}
