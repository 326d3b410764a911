/**
 * The grammar of the header field Authorization: an access token, alone as the
 * tutorial sends it, or behind "Bearer" (RFC 6750 §2.1). The token itself is
 * not looked at here.
 * Refused, as a token that is too long: a Bearer's value longer than the
 * longest token needs, whatever of it is spaces (RFC 9110 §11.4 allows any
 * number of them). Nothing is cut out of it.
 */

/** "Bearer", a space, and the longest token that `verify` takes. */
const longestValue = "Bearer ".length + 8192;

/** What a request has in its Authorization. */
export type Credentials =
  /** The access token, not yet verified. */
  | { readonly token: string }
  /** Credentials of another scheme than Bearer, such as Basic. */
  | "other scheme";

/** Reads the value of Authorization; null where it is not there or empty. */
export function readCredentials(header: string | null): Credentials | null {
  if (header === null || header === "") return null;
  const schemeEnd = header.indexOf(" ");
  if (schemeEnd < 0) return { token: header };
  // RFC 9110 §11.1: the name of a scheme is without case.
  const scheme = header.slice(0, schemeEnd).toLowerCase();
  if (scheme !== "bearer") return "other scheme";
  // Longer than any token, too: `verify` refuses it before it looks at it.
  if (header.length > longestValue) return { token: header };
  return { token: header.slice(schemeEnd).replace(/^ +/, "") };
}
