/**
 * The signer: what it makes is checked without it, part by part; and claims
 * that it must not sign.
 */

import type { Case } from "../conformance/corpus.ts";
import { secret } from "./forge.ts";
import { signing, special } from "./making.ts";

const signed = (name: string, claims: Readonly<Record<string, unknown>>) =>
  [name, claims, "accept", { claims }] as const;

export const signings: readonly Case[] = [
  ...signing("sign", {
    clause: "RFC 7519 7.1",
    why:
      "RFC 7519 7.1: the payload is the UTF-8 of the claims set, in compact serialization.",
  }, [
    signed("nothing", {}),
    signed("one claim", { sub: "1" }),
    signed("all registered claims", {
      iss: "https://a.example",
      sub: "1",
      aud: ["a", "b"],
      exp: 9999999999,
      nbf: 1,
      iat: 1,
      jti: "x",
    }),
    signed("letters of all planes", { "é€😀": "\u{1d11e} \u2028 \ufeff" }),
    signed("nested values", { a: [null, { b: [true, 1.5, "x"] }], c: {} }),
    signed("control characters", { a: '\u0000\u001f\u007f"\\' }),
    signed("an empty name", { "": "" }),
  ]),
  ...signing("sign", {
    clause: "RFC 7515 5.1a",
    why:
      "RFC 7515 5.1: the steps lead to the three parts, the third over the first two.",
  }, [signed("with a true MAC", { user_id: 1, exp: 9999999999 })]),
  ...signing("sign", {
    clause: "RFC 7515 5.1b",
    why:
      "RFC 7515 5.1 step 5: alg must be present and accurately name the algorithm.",
  }, [signed("with alg HS256", { a: 1 })]),
  ...signing("sign", {
    clause: "RFC 4648 3.2",
    why: "RFC 7515 2 says otherwise than RFC 4648 3.2: no padding is written.",
  }, [
    signed("one byte over", { a: 12 }),
    signed("two bytes over", { a: 123 }),
  ]),
  ...signing("sign", {
    clause: "RFC 4648 3.1",
    why: "RFC 4648 3.1: no line feeds are added, however long the text.",
  }, [
    signed("200 characters", { a: "x".repeat(200) }),
    signed("4000", { a: "y".repeat(4000) }),
  ]),
  ...signing(
    "sign",
    {
      clause: "RFC 7519 2c",
      why: "RFC 7519 2: exp, nbf and iat are JSON numeric values.",
    },
    ["exp", "nbf", "iat"].flatMap((name) => [
      [`${name} as a text`, { [name]: "60" }, "TypeError"] as const,
      [`${name} as null`, { [name]: null }, "TypeError"] as const,
      [`${name} as NaN`, { [name]: special("NaN") }, "TypeError"] as const,
      [
        `${name} as Infinity`,
        { [name]: special("Infinity") },
        "TypeError",
      ] as const,
      [`${name} as true`, { [name]: true }, "TypeError"] as const,
    ]),
  ),
  ...signing("sign", {
    clause: "RFC 7519 4.1.1a",
    why: "RFC 7519 4.1.1: iss is a StringOrURI.",
  }, [
    ["iss as a number", { iss: 5 }, "TypeError"],
    ["iss as an array", { iss: ["a"] }, "TypeError"],
    ["iss with a colon that is no URI", { iss: "a b:c" }, "TypeError"],
  ]),
  ...signing("sign", {
    clause: "RFC 7519 4.1.2a",
    why: "RFC 7519 4.1.2: sub is a StringOrURI.",
  }, [["sub as a number", { sub: 1 }, "TypeError"], ["sub as null", {
    sub: null,
  }, "TypeError"]]),
  ...signing("sign", {
    clause: "RFC 7519 4.1.3a",
    why: "RFC 7519 4.1.3: aud is a StringOrURI or an array of them.",
  }, [
    ["aud as a number", { aud: 5 }, "TypeError"],
    ["aud of numbers", { aud: ["a", 5] }, "TypeError"],
    ["aud as an object", { aud: {} }, "TypeError"],
  ]),
  ...signing("sign", {
    clause: "RFC 7519 4.1.7a",
    why: "RFC 7519 4.1.7: jti is a string.",
  }, [["jti as a number", { jti: 5 }, "TypeError"]]),
  ...signing("sign", {
    attack: "lost claim",
    why:
      "No sentence says so; a claim that JSON would drop is a mistake of the caller.",
  }, [
    [
      "a claim undefined",
      { sub: "1", scope: special("undefined") },
      "TypeError",
    ],
    [
      "a registered claim undefined",
      { exp: special("undefined") },
      "TypeError",
    ],
  ]),
  ...signing("sign", {
    clause: "RFC 7518 3.2a",
    why: "RFC 7518 3.2: a key of 256 bits or more must be used.",
  }, [
    ["with 31 bytes", { a: 1 }, "RangeError", { secret: secret.subarray(1) }],
    ["with no bytes", { a: 1 }, "RangeError", { secret: new Uint8Array(0) }],
  ]),
];
