/**
 * What a verifier asks of a token beyond the RFC's own rules; a policy can only ask for more.
 * Refused, as misuse and never taken for "no check": a member that is unknown, inherited, empty,
 * undefined, null, out of its range or of a wrong type.
 */
export const longestToken = 8192; // characters
const members = new Map([
  ["issuer", (value) => isTexts([value].flat())],
  ["audience", (value) => isTexts([value].flat())],
  ["typ", (value) => isTexts([value])],
  ["requiredClaims", isTexts],
  ["maxAgeSeconds", (value) => isUpTo(value, Number.MAX_VALUE)],
  ["maxLength", (value) => isUpTo(value, longestToken)],
  ["leewaySeconds", (value) => isUpTo(value, 300)],
  ["clock", (value) => typeof value === "function"],
]);
/** Reads a policy into a copy that inherits nothing. A TypeError for a member that is wrong. */
export function readPolicy(policy) {
  const checked = Object.create(null);
  for (const name of Reflect.ownKeys(requirePlainObject(policy, "policy"))) {
    const given = Reflect.get(policy, name); // read once: a getter may change
    const value = Array.isArray(given) ? [...given] : given;
    const isRight = members.get(name);
    if (isRight === undefined) {
      throw new TypeError("Cannot verify: no policy has such a member.");
    }
    if (!isRight(value)) {
      throw new TypeError(`Cannot verify: ${String(name)} is empty or wrong.`);
    }
    Reflect.set(checked, name, value);
  }
  return checked;
}
/** Passes plain objects alone: what a class or a prototype holds could be overlooked. */
export function requirePlainObject(value, what) {
  const prototype = Object.getPrototypeOf(value ?? 0);
  if (prototype === Object.prototype || prototype === null) {
    return value;
  }
  throw new TypeError(`Cannot use this ${what}: it must be a plain object.`);
}
function isTexts(value) {
  if (!Array.isArray(value)) {
    return false;
  }
  return value.length > 0 &&
    value.every((text) => typeof text === "string" && text !== "");
}
function isUpTo(value, greatest) {
  return typeof value === "number" && value >= 0 && value <= greatest; // never so for NaN
}
