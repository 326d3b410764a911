/**
 * What the conformance suite asks of an implementation: a module that exports
 * `verify` and `sign`, and, if it has more to show, the others.
 * test/spec/vectors/README.md has the same for other languages.
 */

/**
 * The bytes of one secret, or several keys told apart by `kid` (null: the key
 * without a name).
 */
export type Secret = Uint8Array | readonly NamedSecret[];

/** One key of several. */
export interface NamedSecret {
  readonly kid: string | null;
  readonly secret: Uint8Array;
}

/**
 * What a token must meet, as test/spec/vectors/README.md defines it. In the
 * cases about configuration a member may hold a value of any type.
 */
export interface CasePolicy {
  readonly issuer?: string | readonly string[];
  readonly audience?: string | readonly string[];
  readonly typ?: string;
  readonly requiredClaims?: readonly string[];
  readonly maxAgeSeconds?: number;
  readonly maxLength?: number;
  readonly leewaySeconds?: number;
  /** The time in seconds since 1970; the system's where it is absent. */
  readonly now?: number;
}

/** A module that the suite can run. Everything may be answered by a promise. */
export interface Implementation {
  /**
   * Returns the claims of a good token, throws for a bad one or for an unusable
   * secret or policy.
   */
  verify(token: string, secret: Secret, policy: CasePolicy): unknown;
  /**
   * Returns a token for these claims, throws for claims or a secret that must
   * not be signed.
   */
  sign(claims: Readonly<Record<string, unknown>>, secret: Uint8Array): unknown;
  /**
   * Returns the payload of a good JWS, whatever it holds; throws for a bad one.
   */
  verifyJws?(token: string, secret: Uint8Array): unknown;
  /**
   * Returns HMAC-SHA-256 of a message, as it is put into a signature before it
   * is encoded.
   */
  mac?(message: Uint8Array, secret: Uint8Array): unknown;
  /**
   * The name of a refusal, or null for an error that is no refusal of the token
   * (misuse, a crash). Without this function every Error that is thrown counts
   * as a refusal.
   */
  refusal?(error: unknown): string | null;
}

/**
 * Thrown by a module for what it has no option for; the case is then neither
 * passed nor failed.
 */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}
