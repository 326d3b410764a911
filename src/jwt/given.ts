/**
 * What a caller hands over: bytes, and things by name, such as claims, a policy
 * or options. Plain objects alone are taken by name, because what a class or a
 * prototype holds could be overlooked, by this code or by whoever reads the
 * call.
 *
 * Each realm of a process (an iframe, Node.js' `vm`, Jest's tests) has an
 * `Object` and a `Uint8Array` of its own, so that `instanceof` would refuse
 * what comes from another one.
 */

/**
 * Passes a plain object: one made by `{}`, or one without a prototype.
 *
 * @param value what the caller gave
 * @param what what it should be, for the error: "claims set", "policy"
 * @returns the same object
 * @throws {TypeError} it is another object, or none
 */
export function requirePlainObject<T extends object>(
  value: T,
  what: string,
): T {
  if (isPlainObject(value)) return value;
  throw new TypeError(`Cannot use this ${what}: it must be a plain object.`);
}

/** Says whether a value is an object made by `{}`, or without a prototype. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ||
    isObjectPrototype(prototype);
}

/**
 * Says whether a prototype is `Object.prototype`, of this realm or another: it
 * has no prototype, has what only that one is born with, and nothing that
 * somebody has put there and that a plain object would inherit.
 */
function isObjectPrototype(prototype: unknown): boolean {
  return typeof prototype === "object" && prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf") &&
    Object.keys(prototype).length === 0;
}

/**
 * Says whether a value is a Uint8Array, of this realm or another. Asked is what
 * no object can pretend to be, in whatever way it was made: each typed array
 * says by a getter that they all share of which type it is, and the getter
 * gives undefined for everything else.
 */
export function isBytes(value: unknown): value is Uint8Array {
  return typeOfArray?.call(value) === "Uint8Array";
}

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
const typeOfArray = Object.getOwnPropertyDescriptor(
  typedArray,
  Symbol.toStringTag,
)?.get;
