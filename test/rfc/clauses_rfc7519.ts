/**
 * RFC 7519, JSON Web Token: its requirements by section, and the examples that it works through.
 */

import type { ClauseRow } from "./coverage.ts";
import { application, unsupported } from "./reasons.ts";

const claims = "jwt/claims.ts";
const jws = "jwt/jws.ts";
const front = "jwt/jwt.ts";
const unsecured = "jwt/unsecured.ts";

export const rfc7519Clauses: readonly ClauseRow[] = [
  ["2a", "MUST", 0, "A StringOrURI with a colon is a URI (RFC 3986).", claims],
  ["2b", "MUST", 0, "StringOrURIs are compared with case and without transformation.", claims],
  ["2c", "MUST", 0, "A NumericDate is a JSON number of seconds since 1970.", claims],
  ["2d", "MAY", 0, "A NumericDate may have a fraction.", claims],
  ["3", "MUST", 0, "The claims set is one JSON object.", claims],
  ["3.1", "MUST", 0, "The example verifies.", front],
  ["4a", "MUST", 0, "Repeated claim names are rejected, or the last of them counts.", jws],
  ["4b", "MUST", 0, "Claims that are not understood are ignored.", claims],
  ["4c", "MAY", 0, "An application may require claims.", claims],
  ["4.1.1a", "MUST", 0, "iss is a StringOrURI.", claims],
  ["4.1.1b", "MUST", 0, "iss is compared with case, as a whole.", claims],
  ["4.1.1c", "MAY", 0, "iss is optional.", claims],
  ["4.1.2a", "MUST", 0, "sub is a StringOrURI.", claims],
  ["4.1.2b", "MAY", 0, "sub is optional.", claims],
  [
    "4.1.2c",
    "MUST",
    0,
    "sub is unique in the context of the issuer.",
    application("the issuer gives its subjects their names; the server's are user ids"),
  ],
  ["4.1.3a", "MUST", 0, "aud is a StringOrURI or an array of them.", claims],
  ["4.1.3b", "MUST", 0, "A token whose aud does not name the verifier is rejected.", claims],
  ["4.1.3c", "MUST", 0, "A verifier without an audience finds itself in none.", claims],
  ["4.1.3d", "MAY", 0, "aud is optional.", claims],
  ["4.1.4a", "MUST", 0, "exp is a NumericDate.", claims],
  ["4.1.4b", "MUST NOT", 0, "A token is not accepted at its exp or after.", claims],
  ["4.1.4c", "MAY", 0, "A small leeway is allowed for exp.", claims],
  ["4.1.4d", "MAY", 0, "exp is optional.", claims],
  ["4.1.5a", "MUST", 0, "nbf is a NumericDate.", claims],
  ["4.1.5b", "MUST NOT", 0, "A token is not accepted before its nbf.", claims],
  ["4.1.5c", "MAY", 0, "A small leeway is allowed for nbf.", claims],
  ["4.1.6a", "MUST", 0, "iat is a NumericDate.", claims],
  ["4.1.6b", "MAY", 0, "iat gives the age of a token.", claims],
  ["4.1.7", "MUST", 0, "jti is a string.", claims],
  ["5", "MUST", 0, "Header parameters that are not understood are ignored.", jws],
  ["5.1", "SHOULD", 0, "typ is JWT, in capitals, where it is written.", front],
  ["5.2", "MUST", 0, "cty is JWT for a nested token, which is refused by name.", claims],
  ["6", "MUST", 0, "An unsecured token has alg none and an empty signature.", unsecured],
  ["6.1", "MUST", 0, "The unsecured example is read by decodeUnsecured.", unsecured],
  ["7.1", "MUST", 0, "The payload is the UTF-8 of the claims in compact form.", front],
  ["7.2a", "MUST", 0, "Steps 1 to 3: a period, and base64url before the first.", jws],
  ["7.2b", "MUST", 0, "Step 4: the header is UTF-8 of one complete JSON object.", jws],
  ["7.2c", "MUST", 0, "Step 5: header parameters are supported, or may be ignored.", jws],
  ["7.2d", "MUST", 0, "Steps 6, 7: three parts are validated as a JWS.", jws],
  ["7.2e", "MUST", 0, "Steps 6, 7: five parts are a JWE, which is refused by name.", jws],
  ["7.2f", "MUST", 0, "Step 8: a nested token is refused by name.", claims],
  ["7.2g", "MUST", 0, "Step 10: the payload is UTF-8 of one complete JSON object.", claims],
  ["7.2h", "MUST", 0, "If any step fails, the token is rejected.", front],
  ["7.2i", "SHOULD", 0, "A valid token of an algorithm not accepted is rejected.", jws],
  ["7.3", "MUST", 0, "Strings are compared unescaped, without normalization.", claims],
  ["8a", "MUST", 0, "HS256 is implemented.", jws],
  ["8b", "MUST", 0, "none is implemented, apart from verify.", unsecured],
  ["11.2a", "SHOULD", 0, "Nothing is trusted that is not signed.", jws],
  [
    "11.2b",
    "MAY",
    0,
    "Whoever nests tokens signs first and encrypts then.",
    unsupported("nothing is nested and nothing encrypted"),
  ],
  ["A.1", "MAY", 0, "The encrypted example is refused by its five parts.", jws],
];
