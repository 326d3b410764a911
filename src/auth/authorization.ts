/**
 * The grammar of the header field Authorization: an access token, alone as the
 * tutorial sends it, or behind "Bearer" (RFC 6750 §2.1). The token itself is
 * not looked at here.
 */

import { bearerTokenOf } from "../http/http.ts";

/** What a request has in its Authorization. */
export type Credentials =
  /** The access token, not yet verified. */
  | { readonly token: string }
  /** Credentials of another scheme than Bearer, such as Basic. */
  | "other scheme";

/** Reads the value of Authorization; null where it is not there or empty. */
export function readCredentials(header: string | null): Credentials | null {
  if (header === null || header === "") return null;
  if (!header.includes(" ")) return { token: header };
  const token = bearerTokenOf(header);
  return token === null ? "other scheme" : { token };
}
