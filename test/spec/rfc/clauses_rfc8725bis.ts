/**
 * The draft that is to replace RFC 8725: draft-ietf-oauth-rfc8725bis, still a
 * draft when it was read on 2026-12-01. Here is what it says beyond RFC 8725 or
 * otherwise than RFC 8725, with the sections and the keywords of draft 08 as
 * its source stood on 2026-08-01. A row may change until the draft is an RFC.
 *
 * Of draft 10, of 2026-08-21, no full text was at hand: its sentence about
 * `none`, row 3.2a, is known at second hand. Draft 08 says SHOULD NOT there.
 */

import type { ClauseRow } from "./coverage.ts";
import { application, unsupported } from "./reasons.ts";

const claims = "jwt/claims.ts";
const jws = "jwt/jws.ts";
const key = "jwt/key.ts";

export const rfc8725bisClauses: readonly ClauseRow[] = [
  ["3.1a", "MUST", 1, "alg agrees with the key that kid finds.", jws],
  [
    "3.1b",
    "MUST",
    1,
    "It is fixed which algorithms are taken, of each issuer: HS256 alone.",
    jws,
  ],
  [
    "3.1c",
    "MUST",
    1,
    "It is fixed which algorithms of encryption are taken.",
    unsupported("none: five parts are refused by name, row RFC 7519 7.2e"),
  ],
  [
    "3.1d",
    "SHOULD",
    0,
    "alg is compared with what is allowed, by its case, not with what is not.",
    jws,
  ],
  [
    "3.2a",
    "MUST NOT",
    2,
    "No token with none is made or read, unless the caller asks by name.",
    "jwt/unsecured.ts",
  ],
  [
    "3.2b",
    "SHOULD",
    1,
    "The name of an algorithm says all of it, as Ed25519 does, not EdDSA.",
    unsupported("HS256 says all of it, and each other name is refused"),
  ],
  [
    "3.3a",
    "MUST",
    1,
    "Whoever supports nested tokens validates the inner and the outer one.",
    unsupported("nested tokens are refused by name: row RFC 7519 7.2f"),
  ],
  [
    "3.3b",
    "MUST",
    1,
    "The verifier can tell signed tokens from encrypted ones.",
    jws,
  ],
  [
    "3.4",
    "MUST",
    1,
    "The library validates what elliptic curves are given.",
    unsupported("no curve is used; each alg but HS256 is refused by its name"),
  ],
  [
    "3.5",
    "MUST",
    1,
    "A key made of a password is made by PBKDF2 as RFC 8018 says.",
    unsupported("importKey makes no key of a password"),
  ],
  [
    "3.8",
    "SHOULD",
    0,
    "The name of a user is not taken for that of a client in sub.",
    application("whoever issues tokens to both gives them other names"),
  ],
  [
    "3.9a",
    "MUST",
    1,
    "Where an issuer may once serve several, its tokens have an aud.",
    application("sign writes the aud that it is given, and none by itself"),
  ],
  [
    "3.9b",
    "MUST",
    2,
    "A token without aud, or with none that is the verifier's, is rejected.",
    claims,
  ],
  [
    "3.10a",
    "SHOULD",
    0,
    "Claims are taken for what an attacker may have written.",
    application("verify proves who wrote them, not what they do in a query"),
  ],
  ["3.10b", "MUST", 1, "No kid gets into SQL or LDAP.", key],
  [
    "3.10c",
    "SHOULD",
    1,
    "jku and x5u are followed to allowed places, without cookies.",
    unsupported("neither is ever followed: row RFC 8725 3.10b"),
  ],
  [
    "3.10d",
    "MUST",
    1,
    "Where no list allows places, no local address is asked.",
    unsupported("no URL in a token is ever followed: row RFC 8725 3.10b"),
  ],
  [
    "3.11a",
    "SHOULD",
    1,
    "typ is written without its application/, where it has no other slash.",
    application(
      "sign writes the typ that it is given; verify takes both for one",
    ),
  ],
  [
    "3.11b",
    "MUST",
    1,
    "A typ without a slash is read as one with application/ before it.",
    claims,
  ],
  [
    "3.11c",
    "SHOULD",
    1,
    "The whole name, such as application/example+jwt, is registered.",
    application("whoever makes a kind of token registers its type"),
  ],
  [
    "3.11d",
    "SHOULD",
    1,
    "typ is then written as example+jwt.",
    application("sign writes the typ that it is given, JWT without one"),
  ],
  [
    "3.11e",
    "MAY",
    1,
    "Where nothing can be confused, there is no such type.",
    application("sign writes JWT without one, which says no more than that"),
  ],
  [
    "3.11f",
    "MUST",
    1,
    "An old kind of token may demand of a typ that is there to be the right one.",
    unsupported(
      "a typ in a policy asks for more: a token without it is refused, too",
    ),
  ],
  [
    "3.11g",
    "SHOULD",
    0,
    "A typ of JWT is not taken for a type of its own.",
    application("a policy can name a typ that only one kind of token has"),
  ],
  [
    "3.13",
    "SHOULD",
    2,
    "The count of PBES2 has a limit, of 1,200,000 or so.",
    unsupported("PBES2 is refused by its names, and no p2c is looked at"),
  ],
  [
    "3.14a",
    "MUST",
    1,
    "That a token has its form is confirmed while it is parsed.",
    jws,
  ],
  [
    "3.14b",
    "MUST",
    1,
    "Whatever has other characters than base64url and periods is refused.",
    jws,
  ],
  [
    "3.15",
    "SHOULD",
    1,
    "What is inflated out of a JWE has a limit.",
    unsupported("nothing is decrypted, and nothing inflated"),
  ],
];
