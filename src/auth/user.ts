/**
 * Users: who somebody is.
 * Refused: an e-mail address that is not printable ASCII with exactly one "@",
 * or longer than 254 bytes; an id that is no positive integer.
 */

/** @internal */
declare const isUserId: unique symbol;
/** @internal */
declare const isEmail: unique symbol;

/**
 * The number of a user; only {@link parseUserId} makes one. An id is never used
 * again.
 */
export type UserId = number & { readonly [isUserId]: true };

/** An e-mail address in lower case; only {@link parseEmail} makes one. */
export type Email = string & { readonly [isEmail]: true };

/** A user, as handlers see one. */
export interface User {
  /** The number of the account. */
  readonly id: UserId;
  /** What the user logs in with. */
  readonly email: Email;
  /** May administer the others. */
  readonly isAdmin: boolean;
}

/** Reads a user's id; null for anything but a positive integer. */
export function parseUserId(value: unknown): UserId | null {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) return null;
  if (value < 1) return null;
  return value as UserId;
}

/** Reads an e-mail address, in whatever case; null for any other text. */
export function parseEmail(text: string): Email | null {
  // Printable ASCII without spaces: a character is a byte.
  if (text.length > 254 || !/^[!-~]+$/.test(text)) return null;
  const at = text.indexOf("@");
  if (at !== text.lastIndexOf("@")) return null;
  if (at < 1 || at === text.length - 1) return null;
  return text.toLowerCase() as Email;
}

/** The line that the tutorial shows of a user. */
export function describeUser({ id, email, isAdmin }: User): string {
  return `User id=${id}: <${email}, is_admin=${isAdmin ? "True" : "False"}>`;
}
