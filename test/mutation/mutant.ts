/**
 * A mutant: a file's text with one change in it. It is known by the declarations around the change,
 * by the line and by what is changed there, and by no line number, so that it is still the same
 * mutant when other lines come or go.
 */

import ts from "typescript";
import type { Edit, Source } from "./walk.ts";

export interface Mutant {
  /** The file's name, such as `claims.ts`. */
  readonly file: string;
  /** The whole text of the file with the change in it. */
  readonly text: string;
  /** The names of the declarations that hold the change, the outermost first. */
  readonly within: string;
  /** The line on which the change begins, without the white space and the comment around it. */
  readonly line: string;
  /** The number of that line, for people. */
  readonly lineNumber: number;
  /** Old text, arrow, new text; as much of the line as it takes to occur there once. */
  readonly change: string;
}

/** What a mutant is known by. */
export type Identity = Pick<Mutant, "file" | "within" | "line" | "change">;

/** What a mutant is known by, as one text. */
export function keyOf({ file, within, line, change }: Identity): string {
  return `${file} ${within}: ${line}: ${change}`;
}

/** Where a mutant is and what it changes, for people. */
export function place({ file, lineNumber, within, change }: Mutant): string {
  return `src/jwt/${file}:${lineNumber} ${within}: ${change}`;
}

/** The mutant that this edit, found at this node, makes of the file. */
export function mutantOf(edit: Edit, node: ts.Node, text: string, { file }: Source): Mutant {
  const lineNumber = lineNumberAt(edit.start, file);
  const line = file.text.split("\n")[lineNumber - 1]?.replace(/ \/\/ .*/, "").trim() ?? "";
  return {
    file: file.fileName.slice(file.fileName.lastIndexOf("/") + 1),
    text,
    within: declarationsAround(node),
    line,
    lineNumber,
    change: shortestChange(edit, line, file.text),
  };
}

export function lineNumberAt(position: number, file: ts.SourceFile): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

/** The change with as many words or signs around it as make its old text occur in the line once. */
function shortestChange({ start, end, text }: Edit, line: string, whole: string): string {
  let [before, after] = [whole.slice(start, end), text];
  let [left, right] = [start, end];
  while (!before.includes("\n") && line.split(before).length !== 2) {
    const [wider = ""] = /(?:\w+|\W)$/.exec(whole.slice(0, left)) ?? [];
    const [further = ""] = /^(?:\w+|[^\w\n])/.exec(whole.slice(right)) ?? [];
    [before, after] = [wider + before + further, wider + after + further];
    [left, right] = [left - wider.length, right + further.length];
  }
  return `${oneLine(before)} → ${oneLine(after)}`;
}

function oneLine(text: string): string {
  const words = text.replace(/ \/\/ .*$/gm, "").trim().replace(/\s*\n\s*/g, " ");
  return words === "" ? "nothing" : words;
}

/** The names of what is declared around this node, the outermost first. */
function declarationsAround(node: ts.Node): string {
  const names: string[] = [];
  for (let around = node; !ts.isSourceFile(around); around = around.parent) {
    const name = declaredName(around);
    if (name !== undefined) names.unshift(name.getText());
  }
  return names.length === 0 ? "the top level" : names.join(".");
}

/** The name of a function, of a class, or of a variable at the top level. */
function declaredName(node: ts.Node): ts.Node | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) return node.name;
  const isAtTop = ts.isVariableDeclaration(node) && ts.isVariableStatement(node.parent.parent) &&
    ts.isSourceFile(node.parent.parent.parent);
  return isAtTop ? node.name : undefined;
}
