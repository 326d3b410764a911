/**
 * The examples of RFC 7515 (appendices A, E and F), RFC 7519 and RFC 7520, as
 * verifiers of HS256 must take them.
 */

import type { Case } from "../conformance/corpus.ts";
import { encoded, forge, hmac } from "./forge.ts";
import { verifying } from "./making.ts";

const header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
const payload =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
  "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const exampleToken =
  `${header}.${payload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
const exampleKey = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75" +
  "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const claims = {
  iss: "joe",
  exp: 1300819380,
  "http://example.com/is_root": true,
};
const rs256Signature =
  "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4B" +
  "h-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBA" +
  "rLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1p" +
  "hCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const es256Signature =
  "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKT" +
  "UJqPP3-Kg6NU1Q";
const rs256Token = `eyJhbGciOiJSUzI1NiJ9.${payload}.${rs256Signature}`;
const es256Token = `eyJhbGciOiJFUzI1NiJ9.${payload}.${es256Signature}`;
const es512Token =
  "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cw" +
  "nZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzD" +
  "O7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
const criticalToken =
  "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEI" +
  "l0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";
const kid = "e9bc097a-ce51-4036-9562-d2ade882db0d";
const general = {
  payload,
  signatures: [
    {
      protected: "eyJhbGciOiJSUzI1NiJ9",
      header: { kid: "2010-12-29" },
      signature: rs256Signature,
    },
    {
      protected: "eyJhbGciOiJFUzI1NiJ9",
      header: { kid },
      signature: es256Signature,
    },
  ],
};
const flattened = {
  payload,
  protected: "eyJhbGciOiJFUzI1NiJ9",
  header: { kid },
  signature: es256Signature,
};
const proseKey = "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"; // RFC 7520 3.5
const proseToken = forge(
  "It’s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't " +
    "keep your feet, there’s no knowing where you might be swept off to.",
  '{"alg":"HS256","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037"}',
  new Uint8Array(Uint8Array.fromBase64(proseKey, { alphabet: "base64url" })),
);

const before = { now: 1300819379.5 };
const example = { secret: exampleKey, policy: before };

export const examples: readonly Case[] = [
  ...verifying("example", {
    clause: "RFC 7515 A.1",
    why:
      "RFC 7515 A.1: validating this HMAC SHA-256 JWS succeeds with its key.",
  }, [["A.1 before its exp", exampleToken, "accept", { ...example, claims }]]),
  ...verifying("example", {
    clause: "RFC 7515 3.3",
    why:
      "RFC 7515 3.3: the example, whose header and payload are laid out with line breaks.",
  }, [["3.3 in the year 2011", exampleToken, "accept", {
    ...example,
    policy: { now: 1.3e9 },
  }]]),
  ...verifying("example", {
    clause: "RFC 7519 3.1",
    why: "RFC 7519 3.1: the same JWT; its issuer is joe, its typ JWT.",
  }, [[
    "JWT with issuer, typ and exp required",
    exampleToken,
    "accept",
    {
      ...example,
      policy: { ...before, issuer: "joe", typ: "JWT", requiredClaims: ["exp"] },
      claims,
    },
  ]]),
  ...verifying("example", {
    clause: "RFC 7519 4.1.4b",
    why:
      "RFC 7519 4.1.4: on or after its exp, which is in 2011, the example is not accepted.",
  }, [
    ["A.1 today", exampleToken, "expired", { secret: exampleKey }],
    ["A.1 at its exp", exampleToken, "expired", {
      ...example,
      policy: { now: 1300819380 },
    }],
  ]),
  ...verifying("example", {
    clause: "RFC 7515 5.2k",
    why:
      "RFC 7515 5.2 step 8: with another key the signature does not validate.",
  }, [["A.1 with another key", exampleToken, "signature", { policy: before }]]),
  ...verifying("example", {
    clause: "RFC 7515 A.2",
    why:
      "RFC 7515 A.2: a JWS with RS256, which a verifier of HS256 alone does not support.",
  }, [["A.2 with RS256", rs256Token, "algorithm", example]]),
  ...verifying("example", {
    clause: "RFC 7515 A.3",
    why:
      "RFC 7515 A.3: a JWS with ES256, which a verifier of HS256 alone does not support.",
  }, [["A.3 with ES256", es256Token, "algorithm", example]]),
  ...verifying("example", {
    clause: "RFC 7515 A.4",
    why:
      "RFC 7515 A.4: a JWS with ES512, which a verifier of HS256 alone does not support.",
  }, [["A.4 with ES512", es512Token, "algorithm", example]]),
  ...verifying("example", {
    clause: "RFC 7515 A.5",
    attack: "alg none",
    why:
      "RFC 7518 3.6: Unsecured JWSs are not accepted by default; this is RFC 7519 6.1's too.",
  }, [[
    "A.5 unsecured",
    `eyJhbGciOiJub25lIn0.${payload}.`,
    "algorithm",
    example,
  ]]),
  ...verifying("example", {
    clause: "RFC 7515 A.6",
    why:
      "RFC 7519 1: a JWT is always represented in the compact serialization.",
  }, [["A.6 general JSON", JSON.stringify(general), "malformed", example]]),
  ...verifying("example", {
    clause: "RFC 7515 A.7",
    why:
      "RFC 7519 1: a JWT is always represented in the compact serialization.",
  }, [["A.7 flattened JSON", JSON.stringify(flattened), "malformed", example]]),
  ...verifying("example", {
    clause: "RFC 7515 E",
    attack: "crit ignored",
    why: "RFC 7515 E: this JWS must be rejected by all implementations.",
  }, [["E unsecured and critical", criticalToken, "algorithm"]]),
  ...verifying("example", {
    clause: "RFC 7515 4.1.11b",
    attack: "crit ignored",
    why:
      "RFC 7515 E: so must any similar input; here with HS256 and a true MAC.",
  }, [
    [
      "E with HS256 and example.invalid",
      forge(
        "{}",
        '{"alg":"HS256",\r\n "crit":["http://example.invalid/UNDEFINED"],\r\n ' +
          '"http://example.invalid/UNDEFINED":true\r\n}',
      ),
      "critical",
    ],
  ]),
  ...verifying("example", {
    clause: "RFC 7515 F",
    why:
      "RFC 7515 F: the payload is put back before verification; without it the MAC is another.",
  }, [[
    "F detached payload",
    `${header}..${encoded(hmac(`${header}.${payload}`))}`,
    "signature",
    { policy: before },
  ]]),
  ...verifying("example", {
    clause: "RFC 7519 A.1",
    attack: "JWE confusion",
    why:
      "RFC 7519 7.2 step 7: five parts, with the header of RFC 7519 A.1, are a JWE.",
  }, [[
    "encrypted JWT",
    `${encoded('{"alg":"RSA1_5","enc":"A128CBC-HS256"}')}.QR1O.AxY8.MKOl.fiK5`,
    "encrypted",
  ]]),
  ...verifying("example", {
    clause: "RFC 7519 7.2g",
    why:
      "RFC 7519 7.2 step 10: the payload of RFC 7520 4.4 is prose, a good JWS but no JWT.",
  }, [["RFC 7520 4.4", proseToken, "claims_set", { secret: proseKey }]]),
];
