/**
 * What the members of a token are called and what they mean: RFC 7515 §4.1 for
 * the header, RFC 7519 §4.1 for the claims, and the two that onejot adds. All
 * others are the business of whoever made the token.
 */

/** What the claims are called, by their names. */
export const claimNames: Readonly<Record<string, string>> = {
  iss: "issuer",
  sub: "subject",
  aud: "audience",
  exp: "expiration time",
  nbf: "not before",
  iat: "issued at",
  jti: "JWT ID",
  user_id: "onejot's user",
  sid: "onejot's session",
};

/** A sentence for each, by the name of the header parameter or of the claim. */
export const meanings: Readonly<
  Record<"header" | "claims", ReadonlyMap<string, string>>
> = {
  header: new Map([
    [
      "alg",
      "Algorithm of the signature. HS256 is the only one that is accepted.",
    ],
    ["typ", "Type: JWT, or a kind of token with a name of its own."],
    ["kid", "Key ID: the name of the key that signed."],
    ["cty", "Content type, for a token in a token, which is refused."],
    [
      "crit",
      "Critical: extensions that must be understood. There are none, so it is refused.",
    ],
    ["jku", "URL of keys, which is never followed."],
    ["jwk", "A key that the sender brings along, which is never used."],
    ["x5u", "URL of a certificate, which is never followed."],
    ["x5c", "A certificate that the sender brings along, which is never used."],
  ]),
  claims: new Map([
    ["iss", "Issuer: who made the token."],
    ["sub", "Subject: whom it is about."],
    ["aud", "Audience: whom it is meant for. All others refuse it."],
    ["exp", "Expiration time: from then on it is refused."],
    ["nbf", "Not before: until then it is refused."],
    ["iat", "Issued at: when it was made."],
    ["jti", "JWT ID: a name that no other token has."],
    ["user_id", "onejot's number of the account."],
    [
      "sid",
      "onejot's session: when that ends, the token is refused, whatever its time.",
    ],
  ]),
};
