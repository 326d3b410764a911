/**
 * The rule of new passwords, by NIST SP 800-63B-4 §3.1.1.2: a length and no
 * composition, and none that is guessed first. Who has an older password that
 * this rule refuses still logs in by it.
 * Refused: too few characters, one of the commonest passwords, the user's own
 * e-mail address or a part of it; and whatever can be nobody's password
 * (password_text.ts).
 */

import { isCommonPassword } from "./common_passwords.ts";
import { faultOfText, normalizePassword } from "./password_text.ts";
import type { Email } from "./user.ts";

/** The least length of a password, unless more is asked for. */
export const leastPasswordLength = 8;

/** Whose password it is to be, and what is asked of it. */
export interface NewPasswordRule {
  /** The e-mail address of the account. */
  readonly email: Email;
  /** The least length in characters (Unicode code points); 8 by default. */
  readonly minLength?: number | undefined;
}

/**
 * Says why a text cannot become a password, as a sentence for its user; null
 * where it can.
 */
export function faultOfPassword(
  text: string,
  { email, minLength = leastPasswordLength }: NewPasswordRule,
): string | null {
  const fault = faultOfText(text) ?? faultOfLength(text, minLength);
  if (fault !== null) return fault;
  const lower = normalizePassword(text).toLowerCase();
  if (isCommonPassword(lower)) {
    return "The password is one of the commonest: choose another one.";
  }
  if (email.includes(lower)) {
    return "The password must not be the e-mail address or a part of it.";
  }
  return null;
}

/**
 * Says that a text is too short for a password, as a sentence for its user;
 * null where it is not.
 *
 * @param text one in which faultOfText finds no fault
 */
export function faultOfLength(text: string, minLength: number): string | null {
  const characters = [...normalizePassword(text)].length;
  if (characters >= minLength) return null;
  return `The password must have at least ${minLength} characters.`;
}
