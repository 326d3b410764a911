/**
 * What a caller hands over by name: claims, a policy, options. Plain objects
 * alone are taken, because what a class or a prototype holds could be
 * overlooked, by this code or by whoever reads the call.
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
  if (value !== null && value !== undefined) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return value;
  }
  throw new TypeError(`Cannot use this ${what}: it must be a plain object.`);
}
