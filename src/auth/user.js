/**
 * Users: who somebody is. Refused: an e-mail address that is not printable ASCII with exactly one
 * "@", or longer than 254 bytes; an id that is no positive integer.
 */
/** Reads a user's id; null for anything but a positive integer. */
export function parseUserId(value) {
  const isId = typeof value === "number" && Number.isSafeInteger(value) &&
    value > 0;
  return isId ? value : null;
}
/** Reads an e-mail address, in whatever case; null for what is none here. */
export function parseEmail(text) {
  const isAddress = text.length <= 254 && /^[!-?A-~]+@[!-?A-~]+$/.test(text); // "@" lies between
  return isAddress ? text.toLowerCase() : null;
}
/** The line that the tutorial shows of a user. */
export function describeUser({ id, email, isAdmin }) {
  return `User id=${id}: <${email}, is_admin=${isAdmin ? "True" : "False"}>`;
}
