/**
 * RFC 7518, JSON Web Algorithms: the table of algorithms, HMAC with SHA-2 and
 * "none" (sections 3.1, 3.2 and 3.6). The rest is about algorithms and keys
 * that onejot does not have.
 */

import type { ClauseRow } from "./coverage.ts";

const jws = "jwt/jws.ts";
const unsecured = "jwt/unsecured.ts";

export const rfc7518Clauses: readonly ClauseRow[] = [
  ["3.1a", "MUST", 0, "HS256 is required.", jws],
  [
    "3.1b",
    "MAY",
    0,
    "HS384 and HS512 are optional: refused by their names.",
    jws,
  ],
  [
    "3.1c",
    "SHOULD",
    0,
    "RS256 and ES256 are recommended: refused by their names.",
    jws,
  ],
  [
    "3.1d",
    "MAY",
    0,
    "RS, ES and PS with other hashes are optional: refused likewise.",
    jws,
  ],
  ["3.1e", "MAY", 0, "none is optional.", unsecured],
  [
    "3.2a",
    "MUST",
    1,
    "A key has the size of the hash, 32 bytes, or more.",
    "jwt/key.ts",
  ],
  [
    "3.2b",
    "MUST",
    0,
    "HS256 is HMAC with SHA-256 over the signing input.",
    jws,
  ],
  ["3.2c", "MUST", 1, "The MAC is compared in constant time.", jws],
  [
    "3.6a",
    "MAY",
    1,
    "A JWS without integrity protection may be made.",
    unsecured,
  ],
  ["3.6b", "MUST", 1, "Its signature is the empty octet sequence.", unsecured],
  [
    "3.6c",
    "MUST",
    1,
    "A recipient verifies that the signature is empty.",
    unsecured,
  ],
  [
    "3.6d",
    "MUST NOT",
    1,
    "It is accepted only where the application says so.",
    unsecured,
  ],
  ["3.6e", "MUST NOT", 1, "It is not accepted by default.", jws],
  [
    "3.6f",
    "MUST NOT",
    1,
    "It cannot be accepted by a global setting.",
    unsecured,
  ],
  ["3.6g", "SHOULD", 1, "It is accepted object by object.", unsecured],
];
