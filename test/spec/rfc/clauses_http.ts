/**
 * Around a bearer token over HTTP: what RFC 6749, 6750, 9110, 9700 and OWASP's
 * sheets ask of the server.
 */

import type { ClauseRow } from "./coverage.ts";

const router = "http/router.ts";

export const httpClauses: readonly ClauseRow[] = [
  [
    "RFC 6749 5.1",
    "MUST",
    0,
    "An answer with a token is not stored.",
    "auth/session.ts",
  ],
  [
    "RFC 6750 2.1",
    "MUST",
    0,
    "Authorization: Bearer takes a token.",
    "http/bearer.ts",
  ],
  [
    "RFC 6750 3a",
    "MUST",
    0,
    "A refusal carries WWW-Authenticate: Bearer.",
    "auth/refusal.ts",
  ],
  [
    "RFC 6750 3b",
    "SHOULD",
    0,
    "It says invalid_token where one was sent.",
    "auth/refusal.ts",
  ],
  [
    "RFC 6750 3.1",
    "SHOULD",
    0,
    "A bad token is 401, by AUTH_STATUS=rfc6750.",
    "auth/refusal.ts",
  ],
  [
    "RFC 9110 9.3.2",
    "MUST",
    0,
    "HEAD answers as GET, without the body.",
    router,
  ],
  [
    "RFC 9110 11.1",
    "MUST",
    0,
    "The scheme is compared without case.",
    "http/bearer.ts",
  ],
  ["RFC 9110 15.5.2", "MUST", 0, "401 carries a challenge.", "auth/refusal.ts"],
  ["RFC 9110 15.5.6", "MUST", 0, "405 carries Allow.", router],
  [
    "RFC 9700 4.14",
    "MUST",
    0,
    "Refresh tokens rotate; the reuse of a spent one ends its family.",
    "auth/session.ts",
  ],
  [
    "OWASP password storage",
    "SHOULD",
    0,
    "Argon2id, 19 MiB, 2 passes; or PBKDF2-HMAC-SHA256, 600,000 iterations; a salt per user, a cost that can rise.",
    "auth/password.ts",
  ],
  [
    "OWASP authentication a",
    "SHOULD",
    0,
    "An unknown account and a wrong password get the same answer.",
    "auth/check_password.ts",
  ],
  [
    "OWASP authentication b",
    "SHOULD",
    0,
    "Logins are throttled by account and by address.",
    "auth/throttle.ts",
  ],
];
