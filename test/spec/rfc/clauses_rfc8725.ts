/**
 * RFC 8725, JSON Web Token Best Current Practices: section 3, practice by
 * practice, and what section 2 demands. RFC 8725 has 47 keywords: 36 here, and
 * 11 that section 1.2 explains.
 */

import type { ClauseRow } from "./coverage.ts";
import { application, unsupported } from "./reasons.ts";

const claims = "jwt/claims.ts";
const jws = "jwt/jws.ts";
const key = "jwt/key.ts";
const unsecured = "jwt/unsecured.ts";

export const rfc8725Clauses: readonly ClauseRow[] = [
  [
    "2.1",
    "SHOULD",
    0,
    "A public key is not taken for the secret of a MAC.",
    key,
  ],
  [
    "2.8",
    "MUST",
    1,
    "Where kinds of token could be confused, something prevents it.",
    application(
      "typ, audience, issuer, required claims and keys are the means that it gives",
    ),
  ],
  [
    "3.1a",
    "MUST",
    1,
    "The caller fixes the algorithm; the header never chooses.",
    jws,
  ],
  ["3.1b", "MUST", 1, "Each key goes with exactly one algorithm.", key],
  ["3.1c", "MUST NOT", 1, "No other algorithm is used.", jws],
  ["3.1d", "MUST", 1, "The header names the algorithm that is used.", jws],
  [
    "3.1e",
    "MUST",
    1,
    "That the key is one for this algorithm is checked at each use.",
    key,
  ],
  [
    "3.2a",
    "MUST",
    1,
    "Only algorithms that are secure today are accepted.",
    jws,
  ],
  [
    "3.2b",
    "SHOULD",
    0,
    "none is for where integrity comes from elsewhere.",
    unsecured,
  ],
  [
    "3.2c",
    "MUST",
    1,
    "Applications are designed so that an algorithm can be replaced.",
    application(
      "onejot knows one and refuses others by name; another is another module",
    ),
  ],
  [
    "3.2d",
    "SHOULD",
    1,
    "A good MAC or signature of an algorithm not accepted is no good one.",
    jws,
  ],
  [
    "3.2e",
    "SHOULD NOT",
    1,
    "No token with none is made, unless the caller asks for it by name.",
    unsecured,
  ],
  [
    "3.2f",
    "SHOULD NOT",
    1,
    "No token with none is read, unless the caller asks for it by name.",
    unsecured,
  ],
  [
    "3.2g",
    "SHOULD",
    1,
    "RSA-OAEP is preferred to RSA with PKCS #1 1.5.",
    unsupported("nothing is encrypted; RSA is refused by its names"),
  ],
  [
    "3.2h",
    "SHOULD",
    1,
    "ECDSA takes no random number that could be known.",
    unsupported("ECDSA is refused by its names"),
  ],
  [
    "3.3",
    "MUST",
    2,
    "Each operation is validated; any failure rejects the token.",
    jws,
  ],
  [
    "3.3b",
    "MUST",
    1,
    "In a nested token, the inner one and the outer one are validated.",
    unsupported("nested tokens are refused by name: row RFC 7519 7.2f"),
  ],
  [
    "3.4",
    "MUST",
    1,
    "The inputs of ECDH-ES are validated.",
    unsupported("ECDH-ES is refused by its name, as is any alg but HS256"),
  ],
  ["3.5a", "MUST", 1, "Keys have enough entropy.", key],
  [
    "3.5b",
    "MUST NOT",
    1,
    "A password that a person can remember is no key.",
    application(
      "the settings refuse short and well-known secrets; onejot key makes a good one",
    ),
  ],
  [
    "3.6",
    "SHOULD NOT",
    1,
    "Nothing is compressed before it is encrypted.",
    unsupported(
      "nothing is encrypted; a zip in the header is ignored, and nothing inflated",
    ),
  ],
  ["3.7", "MUST", 1, "UTF-8 only, in both directions.", jws],
  [
    "3.8a",
    "MUST",
    1,
    "A token whose issuer is not valid is rejected: a policy names who is.",
    claims,
  ],
  [
    "3.8b",
    "MUST",
    2,
    "A key that is bound to an issuer verifies no token of another one.",
    claims,
  ],
  [
    "3.8c",
    "MUST",
    1,
    "The subject is one that the application knows.",
    application(
      "the server looks its users up; other callers have their own subjects",
    ),
  ],
  [
    "3.8d",
    "MUST",
    0,
    "It is known which keys are whose.",
    application(
      "importKey binds a key to the issuer that it is told; a key that is bound " +
        "to none verifies for each, and two issuers' keys of that kind, in one " +
        "ring, can sign for one another",
    ),
  ],
  [
    "3.9",
    "MUST",
    2,
    "Where a token could be for several, its audience is checked.",
    claims,
  ],
  [
    "3.9b",
    "MUST",
    1,
    "Where an issuer serves several, its tokens have an aud.",
    application("sign writes the aud that it is given, and none by itself"),
  ],
  [
    "3.10a",
    "SHOULD",
    0,
    "kid is looked up in a fixed set, never in a path or query.",
    key,
  ],
  ["3.10b", "SHOULD", 1, "jku, jwk, x5u and x5c are never followed.", jws],
  ["3.11a", "SHOULD", 0, "A verifier can require a typ.", claims],
  [
    "3.11b",
    "SHOULD",
    1,
    "New uses of tokens have a typ of their own.",
    application("sign writes the typ that it is given, JWT without one"),
  ],
  [
    "3.11c",
    "SHOULD",
    1,
    "typ is written without its application/.",
    application(
      "sign writes the typ that it is given; verify takes both for one",
    ),
  ],
  [
    "3.11d",
    "SHOULD",
    1,
    "The typ of a Security Event Token is secevent+jwt.",
    application("whoever signs such tokens gives sign that typ"),
  ],
  [
    "3.11e",
    "SHOULD",
    1,
    "A type of its own has a name such as application/example+jwt.",
    application("sign writes the typ that it is given"),
  ],
  [
    "3.11f",
    "MUST",
    1,
    "In a nested token, the inner one has the typ.",
    unsupported("nested tokens are refused by name: row RFC 7519 7.2f"),
  ],
  [
    "3.12a",
    "MUST",
    1,
    "Kinds of token are told apart by rule.",
    application(
      "typ, audience, issuer, required claims and keys are the means that it gives",
    ),
  ],
  [
    "3.12b",
    "SHOULD",
    1,
    "One of these rules is, in a new application, a typ of its own.",
    application("a policy can demand a typ; the server's tokens have theirs"),
  ],
];
