/**
 * The grammar of a route's path: the root alone, or segments, each of them
 * text, a parameter such as `:id`, or at the end a rest such as `:path*`.
 * Refused: what other routers take and this one does not, each with a word on
 * what to write instead; and what no path that is sent can match.
 */

/** A segment of a pattern. */
export type PatternSegment =
  /** Text, which is matched as it stands. */
  | { readonly text: string }
  /** Stands for one segment with some text. */
  | { readonly parameter: string }
  /** Stands for all that is left, also for nothing. */
  | { readonly rest: string };

/**
 * Text is what RFC 3986 §3.3 allows in a segment, without escapes, which are
 * never decoded to match, without colons, which mark parameters, and without
 * what marks something else in the patterns of others.
 */
const text = /^[\w.~!$&',;=@+-]+$/;
const parameter = /^:(?<name>[A-Za-z]\w*)$/;
const rest = /^:(?<name>[A-Za-z]\w*)\*$/;

/**
 * Reads a pattern; its first segment, in front of its first slash, is empty.
 *
 * @throws {TypeError} it is none, and what to write instead
 */
export function readPattern(path: string): readonly PatternSegment[] {
  const [first, ...others] = path.split("/");
  const isRoot = path === "/";
  const segments = isRoot ? [{ text: "" }] : others.map(readSegment);
  const isPattern = first === "" && segments.length > 0 &&
    segments.every((segment) => segment !== null) &&
    segments.slice(0, -1).every((segment) => !("rest" in segment));
  if (isPattern) return [{ text: "" }, ...segments];
  throw new TypeError(`Cannot add the route ${path}: ${adviceOn(path)}.`);
}

/** Says whether a path is text alone, as a prefix must be: `/a/b`. */
export function isFixedPath(path: string): boolean {
  const [first, ...others] = path.split("/");
  return first === "" && others.length > 0 && others.every(isText);
}

function readSegment(segment: string): PatternSegment | null {
  if (isText(segment)) return { text: segment };
  const { name } = parameter.exec(segment)?.groups ?? {};
  if (name !== undefined) return { parameter: name };
  const { name: restName } = rest.exec(segment)?.groups ?? {};
  return restName === undefined ? null : { rest: restName };
}

/** RFC 3986 §5.2.4: clients resolve dot segments before they send a path. */
function isText(segment: string): boolean {
  return text.test(segment) && segment !== "." && segment !== "..";
}

/**
 * What people write by the habits of other routers, and what to write here. The
 * first that fits is told.
 */
const advice: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^$/, "write / for the root"],
  [/:\/\//, "write the path alone, from its first slash on"],
  [
    /:[A-Za-z]\w*\*./,
    "a parameter with * stands for all that is left, so it is the last segment",
  ],
  [
    /\*/,
    "write a name for what * stands for, at the end, such as /files/:path*",
  ],
  [/^[^/]/, "write a slash before it"],
  [
    /:\w+\?/,
    "no parameter is optional: add one route with it and one without it",
  ],
  [
    /:\w+\+/,
    "write :path* at the end, and refuse an empty path in the handler",
  ],
  [
    /:\w+[({]/,
    "write the name of the parameter alone, and check its value in the handler",
  ],
  [/[()]/, "there are no groups and no expressions: add a route for each path"],
  [/[{}[\]<>]/, "write a parameter as a colon and a name, such as /users/:id"],
  [/\?/, "a query is no part of a path: read it from the context's query"],
  [/#/, "a fragment is never sent, and is no part of a path"],
  [
    /\/\/|.\/$/,
    "leave out the slash before nothing, because each segment has some text",
  ],
  [
    /\/\.\.?(?:\/|$)/,
    "clients resolve the segments . and .. before they send a path",
  ],
  [
    /:/,
    "a parameter is a whole segment: a colon, a letter, and letters, digits or _",
  ],
  [
    /%/,
    "a path is matched as it was sent: write a parameter, which is decoded",
  ],
];

function adviceOn(path: string): string {
  const [, words] = advice.find(([pattern]) => pattern.test(path)) ?? [];
  return words ??
    "no path that is sent has these characters: write a parameter, which is " +
      "decoded";
}
