/**
 * Regular expressions that are weaker or narrower by one thing: an anchor, a
 * flag, a lookahead, an alternative, a character, a member of a class, the end
 * of a range, a quantifier. What is no valid regular expression is left out.
 * Read are patterns without the v flag.
 */

import type { Edit } from "./walk.ts";

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The whole pattern, or what stands in one pair of parentheses; `bars` part its
 * alternatives.
 */
interface Group {
  readonly start: number;
  readonly innerStart: number;
  innerEnd: number;
  end: number;
  readonly bars: Token[];
}

const tokens =
  /\(\?(?:[:=!]|<[=!]|<\w+>)|[()|^$]|\[(?:\\.|[^\]\\])*\]|\\.|[*+?]|\{\d+(?:,\d*)?\}|[^]/g;
const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const classMember = /(?:\\.|[^\\])-(?:\\.|[^\\])|\\.|[^\\]/g;

/**
 * The changes of this literal, slashes and flags included, that leave it one.
 */
export function patternEdits(literal: string): Edit[] {
  const close = literal.lastIndexOf("/");
  const [pattern, flags] = [literal.slice(1, close), literal.slice(close + 1)];
  const edits = [...tokenEdits(pattern), ...groupEdits(pattern)]
    .filter(({ start, end, text }) =>
      isValid(pattern.slice(0, start) + text + pattern.slice(end), flags)
    )
    .map(({ start, end, text }) => ({ start: start + 1, end: end + 1, text }));
  const fewerFlags = [...flags].map((_, index) => {
    const start = close + 1 + index;
    return { start, end: start + 1, text: "" };
  });
  return [...edits, ...fewerFlags];
}

function tokensOf(pattern: string): Token[] {
  return [...pattern.matchAll(tokens)].map(({ index, 0: text }) => {
    return { start: index, end: index + text.length, text };
  });
}

/** Changes of single tokens: quantifiers, classes, characters and anchors. */
function tokenEdits(pattern: string): Edit[] {
  return tokensOf(pattern).flatMap((token) => {
    if (/^(?:\(.*|[)|])$/.test(token.text)) return []; // groups follow
    if (quantifier.test(token.text)) return quantifierEdits(token);
    const left = withQuantifier(pattern, token.start, token.end);
    return token.text.startsWith("[") ? [left, ...classEdits(token)] : [left];
  });
}

function quantifierEdits({ start, end, text }: Token): Edit[] {
  const others: Record<string, readonly string[]> = {
    "*": ["", "+", "?"],
    "+": ["", "*"],
  };
  const count = Number(/\d+/.exec(text)?.[0]);
  const counts = ["", `{${count - 1}}`, `{${count + 1}}`, "*"];
  const texts = text.startsWith("{") ? counts : others[text] ?? [""];
  return texts.map((other) => ({ start, end, text: other }));
}

/**
 * A class without each of its members, with narrower ranges, the other way
 * round, open to all.
 */
function classEdits({ start, end, text }: Token): Edit[] {
  const opening = text.startsWith("[^") ? "[^" : "[";
  const members = [...text.slice(opening.length, -1).matchAll(classMember)];
  const fewer = members.flatMap(({ index, 0: member }) => {
    const from = start + opening.length + index;
    const narrower = /^\w-\w$/.test(member)
      ? [moved(member, 0, 1), moved(member, 2, -1)]
      : [];
    return ["", ...narrower].map((other) => {
      return { start: from, end: from + member.length, text: other };
    });
  });
  const inverted = (opening === "[" ? "[^" : "[") + text.slice(opening.length);
  return [
    ...fewer,
    ...[inverted, "[^]"].map((other) => ({ start, end, text: other })),
  ];
}

/** The range with the character at this place moved. */
function moved(range: string, place: number, by: number): string {
  const character = String.fromCharCode(range.charCodeAt(place) + by);
  return range.slice(0, place) + character + range.slice(place + 1);
}

/**
 * Changes of groups: left out, without one alternative, a lookaround turned
 * round.
 */
function groupEdits(pattern: string): Edit[] {
  const turned: Record<string, string> = {
    "(?=": "(?!",
    "(?!": "(?=",
    "(?<=": "(?<!",
  };
  return groupsOf(pattern).flatMap(
    ({ start, end, innerStart, innerEnd, bars }) => {
      const edits = bars.slice(0, 1).map((bar) => ({
        start: innerStart,
        end: bar.end,
        text: "",
      }));
      for (const [index, bar] of bars.entries()) {
        edits.push({
          start: bar.start,
          end: bars[index + 1]?.start ?? innerEnd,
          text: "",
        });
      }
      if (innerStart === 0) return edits; // the whole pattern
      const lookaround = turned[pattern.slice(start, innerStart)];
      if (lookaround !== undefined) {
        edits.push({ start, end: innerStart, text: lookaround });
      }
      return [...edits, withQuantifier(pattern, start, end)];
    },
  );
}

function groupsOf(pattern: string): Group[] {
  const whole = groupFrom(0, 0);
  const groups = [whole];
  const open = [whole];
  for (const token of tokensOf(pattern)) {
    if (token.text === "|") open.at(-1)?.bars.push(token);
    if (token.text.startsWith("(")) {
      const group = groupFrom(token.start, token.end);
      groups.push(group);
      open.push(group);
    }
    if (token.text === ")") {
      const group = open.pop() ?? whole;
      [group.innerEnd, group.end] = [token.start, token.end];
    }
  }
  [whole.innerEnd, whole.end] = [pattern.length, pattern.length];
  return groups;
}

function groupFrom(start: number, innerStart: number): Group {
  return { start, innerStart, innerEnd: innerStart, end: innerStart, bars: [] };
}

/** What stands here left out, together with the quantifier behind it. */
function withQuantifier(pattern: string, start: number, end: number): Edit {
  const [repeated = ""] = quantifier.exec(pattern.slice(end)) ?? [];
  return { start, end: end + repeated.length, text: "" };
}

function isValid(pattern: string, flags: string): boolean {
  try {
    // `//` is a comment.
    return pattern !== "" && new RegExp(pattern, flags).flags === flags;
  } catch {
    return false; // such as `[z-a]`
  }
}
