/**
 * A mutant: a file's text with one change in it. It is known by the
 * declarations around the change, by what is changed, and by how many of the
 * same changes come before it in there: by no line and no line number, so that
 * it is still the same mutant when lines come, go, or are broken elsewhere.
 */

import ts from "typescript";
import type { Edit, Source } from "./walk.ts";

export interface Mutant {
  /** The file's name, such as `claims.ts`. */
  readonly file: string;
  /** The whole text of the file with the change in it. */
  readonly text: string;
  /**
   * The names of the declarations that hold the change, the outermost first.
   */
  readonly within: string;
  /** The number of the line on which the change begins, for people. */
  readonly lineNumber: number;
  /** Where in the file the change begins. */
  readonly start: number;
  /**
   * Old text, arrow, new text; and from the second such change in there on,
   * which one it is.
   */
  readonly change: string;
}

/** What a mutant is known by. */
export type Identity = Pick<Mutant, "file" | "within" | "change">;

/** What a mutant is known by, as one text. */
export function keyOf({ file, within, change }: Identity): string {
  return `${file} ${within}: ${change}`;
}

/** Where a mutant is and what it changes, for people. */
export function place({ file, lineNumber, within, change }: Mutant): string {
  return `src/jwt/${file}:${lineNumber} ${within}: ${change}`;
}

/** The mutant that this edit, found at this node, makes of the file. */
export function mutantOf(
  edit: Edit,
  node: ts.Node,
  text: string,
  { file }: Source,
): Mutant {
  const before = oneLine(file.text.slice(edit.start, edit.end));
  return {
    file: file.fileName.slice(file.fileName.lastIndexOf("/") + 1),
    text,
    within: declarationsAround(node),
    lineNumber: lineNumberAt(edit.start, file),
    start: edit.start,
    change: `${before} → ${oneLine(edit.text)}`,
  };
}

/**
 * Tells mutants with the same change in one declaration apart: the second is "
 * (2)".
 */
export function numbered(mutants: readonly Mutant[]): Mutant[] {
  const counts = new Map<string, number>();
  return mutants.map((mutant) => {
    const count = (counts.get(keyOf(mutant)) ?? 0) + 1;
    counts.set(keyOf(mutant), count);
    return count === 1
      ? mutant
      : { ...mutant, change: `${mutant.change} (${count})` };
  });
}

export function lineNumberAt(position: number, file: ts.SourceFile): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

/**
 * Text as it would stand on one line: how the formatter has broken it does not
 * matter.
 */
function oneLine(text: string): string {
  const words = text.replace(/ \/\/ .*$/gm, "").trim()
    .replace(/([(\[])\s*\n\s*/g, "$1")
    .replace(/,?\s*\n\s*([)\]])/g, "$1")
    .replace(/\s*\n\s*/g, " ");
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
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) {
    return node.name;
  }
  const isAtTop = ts.isVariableDeclaration(node) &&
    ts.isVariableStatement(node.parent.parent) &&
    ts.isSourceFile(node.parent.parent.parent);
  return isAtTop ? node.name : undefined;
}
