/**
 * RFC 8725, JSON Web Token Best Current Practices: section 3, practice by
 * practice.
 */

import type { ClauseRow } from "./coverage.ts";
import { application, unsupported } from "./reasons.ts";

const claims = "jwt/claims.ts";
const jws = "jwt/jws.ts";
const key = "jwt/key.ts";

export const rfc8725Clauses: readonly ClauseRow[] = [
  [
    "2.1",
    "SHOULD",
    0,
    "A public key is not taken for the secret of a MAC.",
    key,
  ],
  [
    "3.1a",
    "MUST",
    0,
    "The caller fixes the algorithm; the header never chooses.",
    jws,
  ],
  ["3.1b", "MUST", 0, "Each key goes with exactly one algorithm.", key],
  [
    "3.2a",
    "MUST",
    0,
    "Only algorithms that are secure today are accepted.",
    jws,
  ],
  [
    "3.2b",
    "MUST",
    0,
    "none is for where integrity comes from elsewhere.",
    "jwt/unsecured.ts",
  ],
  [
    "3.2c",
    "MUST",
    0,
    "Applications are designed so that an algorithm can be replaced.",
    application(
      "onejot knows one and refuses others by name; another is another module",
    ),
  ],
  [
    "3.3",
    "MUST",
    0,
    "Each operation is validated; any failure rejects the token.",
    jws,
  ],
  [
    "3.4",
    "MUST",
    0,
    "The inputs of ECDH-ES are validated.",
    unsupported("ECDH-ES is refused by its name, as is any alg but HS256"),
  ],
  ["3.5a", "MUST", 0, "Keys have enough entropy.", key],
  [
    "3.5b",
    "MUST NOT",
    0,
    "A password that a person can remember is no key.",
    application(
      "the settings refuse short and well-known secrets; onejot key makes a good one",
    ),
  ],
  [
    "3.6",
    "SHOULD NOT",
    0,
    "Nothing is compressed before it is encrypted.",
    unsupported(
      "nothing is encrypted; a zip in the header is ignored, and nothing inflated",
    ),
  ],
  ["3.7", "MUST", 0, "UTF-8 only, in both directions.", jws],
  [
    "3.8a",
    "MUST",
    0,
    "A token whose issuer is not valid is rejected: a policy names who is.",
    claims,
  ],
  [
    "3.8b",
    "MUST",
    0,
    "The key that verified the token belongs to its issuer.",
    unsupported(
      "no key is bound to an issuer yet: in a ring of two issuers' keys, one " +
        "can sign for the other; until then, such keys go into separate rings",
    ),
  ],
  [
    "3.8c",
    "MUST",
    0,
    "The subject is one that the application knows.",
    application(
      "the server looks its users up; other callers have their own subjects",
    ),
  ],
  [
    "3.9",
    "MUST",
    0,
    "Where a token could be for several, its audience is checked.",
    claims,
  ],
  [
    "3.10a",
    "SHOULD",
    0,
    "kid is looked up in a fixed set, never in a path or query.",
    key,
  ],
  ["3.10b", "SHOULD", 0, "jku, jwk, x5u and x5c are never followed.", jws],
  ["3.11a", "SHOULD", 0, "A verifier can require a typ.", claims],
  [
    "3.11b",
    "SHOULD",
    0,
    "New uses of tokens have a typ of their own.",
    application("sign writes the typ that it is given, JWT without one"),
  ],
  [
    "3.12",
    "MUST",
    0,
    "Kinds of token are told apart by rule.",
    application(
      "typ, audience, issuer, required claims and keys are the means that it gives",
    ),
  ],
];
