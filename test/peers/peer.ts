/**
 * What the comparison asks of another JWT library: to sign, and to verify with HS256 pinned.
 */

import type { Claims } from "../../src/jwt/jwt.ts";

/** The claims that a library returns: its own types of them differ. */
export type VerifiedClaims = Readonly<Record<string, unknown>>;

/** Another JWT library. The secret is a text, whose UTF-8 bytes are the key. */
export interface Peer {
  /** The library and its version. */
  readonly name: string;
  /** Whether a `kid` beyond ASCII survives, as RFC 7515 §3.1 wants it. */
  readonly writesUtf8Header: boolean;
  /** Signs these claims and no others, with the header's `kid` if there is one. */
  sign(claims: Claims, secret: string, kid: string | null): Promise<string>;
  /** The claims of a token, or null where the library refuses it. Anything else throws. */
  verify(token: string, secret: string, audience: string | null): Promise<VerifiedClaims | null>;
  /** Ends what the library needs to run. */
  close(): void;
}
