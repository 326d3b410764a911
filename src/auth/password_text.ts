/**
 * Which texts can be passwords, and their bytes. The length is looked at before
 * anything else: to normalise 16 KB of accents in the wrong order takes a third
 * of a second, in which nobody else is answered, and 1,024 bytes 2 ms.
 * Refused: more than 1,024 bytes, text that is no Unicode, NUL.
 */

/** The greatest length of a password, in bytes of UTF-8 as it was sent. */
const maxBytes = 1024;

/**
 * Says why a text can be nobody's password, as a sentence for its user; null
 * where it can.
 */
export function faultOfText(text: string): string | null {
  if (isTooLong(text)) {
    return "The password must not be longer than 1,024 bytes.";
  }
  if (!text.isWellFormed()) return "The password is not Unicode text.";
  if (text.includes("\0")) return "The password must not hold a NUL character.";
  return null;
}

/**
 * What a password is compared by. RFC 8265 §4.2.2: keyboards differ in how they
 * compose a letter; NFC makes them agree.
 *
 * @param text one in which {@link faultOfText} finds no fault
 */
export function normalizePassword(text: string): string {
  return text.normalize("NFC");
}

function isTooLong(text: string): boolean {
  // Each UTF-16 code unit is a byte of UTF-8, or more.
  if (text.length > maxBytes) return true;
  return new TextEncoder().encode(text).length > maxBytes;
}
