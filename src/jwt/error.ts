/**
 * JwtError and the closed table of reasons why a token is refused.
 *
 * An error holds a code, its fixed message and the name of the claim at fault,
 * never a part of the token, a claim's value or a key. Misuse by the calling
 * program is no JwtError but a TypeError or a RangeError.
 */

/** @internal */
const messages = {
  malformed:
    "The token is not a JWS in compact form with a JSON object as its header.",
  too_long: "The token is longer than the limit.",
  encrypted: "The token is encrypted (JWE), and only signed tokens are read.",
  algorithm:
    "The header parameter alg is not the one algorithm that is accepted.",
  critical:
    "The header parameter crit demands an extension, and none is supported.",
  unknown_key: "No key answers to the header parameter kid, or to its absence.",
  signature: "The signature does not match.",
  nested: "The token holds another token, and nested tokens are not read.",
  typ: "The header parameter typ is not the one that the policy requires.",
  claims_set: "The payload is not one JSON object in UTF-8.",
  claim_type:
    "A registered claim has a value that its definition does not allow.",
  missing_claim: "A claim that the policy requires is missing.",
  issuer: "The token comes from another issuer (iss).",
  audience: "The token is meant for another audience (aud).",
  expired: "The token has expired (exp).",
  not_yet_valid: "The token is not valid yet (nbf).",
  issued_in_future: "The token says that it was issued in the future (iat).",
  too_old: "The token was issued longer ago than the policy allows (iat).",
} as const;

/**
 * The claim at fault, where the code alone says which. For `claim_type` and
 * `missing_claim`, whoever throws says it.
 */
const claimOfCode: Readonly<Partial<Record<JwtErrorCode, string>>> = {
  issuer: "iss",
  audience: "aud",
  expired: "exp",
  not_yet_valid: "nbf",
  issued_in_future: "iat",
  too_old: "iat",
};

/**
 * Why a token was refused. The codes are stable: programs may decide by them.
 */
export type JwtErrorCode = keyof typeof messages;

/**
 * A token was refused. `code` says why; `message` says the same in one fixed
 * sentence; `claim` says which claim is at fault, where one is.
 */
export class JwtError extends Error {
  /** What tells it from other errors where `instanceof` cannot, as in a log. */
  override readonly name = "JwtError";
  /** The reason, out of the closed table. */
  readonly code: JwtErrorCode;
  /**
   * The name of the claim at fault: a registered one (RFC 7519 §4), or one
   * that the policy requires. Never a name that the token alone knows, so that
   * it may be shown and logged. Null where no single claim is at fault.
   */
  readonly claim: string | null;

  /**
   * Makes the refusal for a code; its message follows from it.
   *
   * @param code the reason, out of the closed table
   * @param claim the name of the claim at fault; where the code is of one claim
   *   alone, it follows from the code
   */
  constructor(
    code: JwtErrorCode,
    claim: string | null = claimOfCode[code] ?? null,
  ) {
    super(messages[code]);
    this.code = code;
    this.claim = claim;
  }
}
