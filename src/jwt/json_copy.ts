/**
 * What is signed is what was meant: a copy of claims, of data alone, that JSON
 * gives back as it is.
 *
 * Refused: what JSON would change or lose, at any depth. What is checked is the
 * copy that is signed, so that a getter that changes cannot come between.
 */

import { isPlainObject } from "./given.ts";
import { longestToken, tooLong } from "./jws.ts";

/** The copy of an object. */
type Members = Record<string, unknown>;

/** A copy, and whether JSON keeps all of it. */
export interface JsonCopy {
  /** It has undefined where there was something that JSON would change. */
  readonly copy: Members;
  readonly isKept: boolean;
}

/** Each object and each array takes two characters, and more in base64url. */
const mostContainers = longestToken * 3 / 4 / 2;

/**
 * Copies a plain object and all that is in it.
 *
 * The copies wait in a list: a function that calls itself for each level would
 * run out of stack before a token is full. A list without a limit would never
 * end where an object is within itself.
 *
 * @throws {RangeError} there are more objects and arrays than a token has room
 *   for
 */
export function copyForJson(claims: object): JsonCopy {
  const copy = copyObject(claims);
  if (copy === null) return { copy: {}, isKept: false };
  let isKept = true;
  const copies: (Members | unknown[])[] = [copy];

  /** What goes in place of a value; a copy of it waits for its own turn. */
  function replaced(value: unknown): unknown {
    if (isKeptByJson(value)) return value;
    const inner = Array.isArray(value) ? copyArray(value) : copyObject(value);
    if (inner === null) {
      isKept = false;
      return undefined;
    }
    copies.push(inner);
    return inner;
  }

  for (const container of copies) {
    if (copies.length > mostContainers) throw tooLong();
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index++) {
        container[index] = replaced(container[index]);
      }
    } else {
      for (const name of Object.keys(container)) {
        // It is there already: a member called __proto__ is one like others.
        container[name] = replaced(container[name]);
      }
    }
  }
  return { copy, isKept };
}

/**
 * Says whether JSON gives a value that is no object back as it is. It leaves
 * out undefined, functions and symbols, and writes NaN and the infinities as
 * null, -0 as 0. It does keep a lone surrogate, but that has no UTF-8, so that
 * others would read another text.
 */
function isKeptByJson(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0);
  }
  return typeof value === "boolean" || value === null;
}

/**
 * A copy of an array, whose elements stay as they are. Null for one with holes,
 * or with members that are no elements.
 */
function copyArray(array: readonly unknown[]): unknown[] | null {
  // One of the keys is the length.
  if (Reflect.ownKeys(array).length !== array.length + 1) return null;
  const copy = [...array];
  return hasToJson(copy) ? null : copy;
}

/**
 * A copy of a plain object, whose members stay as they are. Null for a Date, a
 * Map and what else has a class, and where a member would be lost: one that has
 * a symbol for a name, or cannot be enumerated.
 */
function copyObject(value: unknown): Members | null {
  if (!isPlainObject(value)) return null;
  const copy: Members = { ...value };
  const names = Object.keys(copy);
  if (Reflect.ownKeys(value).length !== names.length) return null;
  if (!names.every((name) => name.isWellFormed())) return null;
  return hasToJson(copy) ? null : copy;
}

/** A `toJSON` of its own, or of a prototype that somebody has changed. */
function hasToJson(copy: object): boolean {
  return typeof Reflect.get(copy, "toJSON") === "function";
}
