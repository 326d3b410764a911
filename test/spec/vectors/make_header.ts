/**
 * The JOSE header: alg and crit in every form, keys that a token brings along,
 * kid, typ and cty, repeated and unknown members, and headers that are no
 * object.
 */

import type { Case } from "../conformance/corpus.ts";
import {
  encoded,
  forge,
  hmac,
  otherSecret,
  plainHeader,
  secret,
} from "./forge.ts";
import { type Row, verifying } from "./making.ts";

const withAlg = (alg: string) =>
  forge('{"sub":"1"}', `{"alg":${alg},"typ":"JWT"}`);
const withMember = (member: string, key = secret) =>
  forge('{"sub":"1"}', `{"alg":"HS256",${member}}`, key);
const accepted = (
  member: string,
): Row => [member, withMember(member), "accept"];

const ring = [
  { kid: "a", secret: encoded(secret) },
  { kid: "b", secret: encoded(otherSecret) },
];
const ringWithUnnamed = [
  { kid: "a", secret: encoded(secret) },
  { kid: null, secret: encoded(otherSecret) },
];
const ringOfFive = ["1", "2", "3", "4", "5"].map((kid) => ({
  kid,
  secret: encoded(ringSecret(kid)),
}));
const named = [{ kid: "a", secret: encoded(secret) }];

const k = encoded(otherSecret);
const jwk = `"jwk":{"kty":"oct","k":"${k}"}`;
const jwkWithKid =
  `"jwk":{"kty":"oct","k":"${k}","alg":"HS256","kid":"a"},"kid":"a"`;
const jku = '"jku":"https://attacker.example/keys.json"';
const x5u = '"x5u":"https://attacker.example/chain.pem"';
const x5c = `"x5c":["${k}"]`;

export const headers: readonly Case[] = [
  ...verifying("alg", {
    clause: "RFC 7515 4.1.1c",
    why: "RFC 7515 4.1.1: alg must be present.",
  }, [
    ["absent", forge("{}", "{}"), "algorithm"],
    ["absent beside typ", forge("{}", '{"typ":"JWT"}'), "algorithm"],
    ["as ALG", forge("{}", '{"ALG":"HS256"}'), "algorithm"],
    ["as Alg", forge("{}", '{"Alg":"HS256"}'), "algorithm"],
    ["as algorithm", forge("{}", '{"algorithm":"HS256"}'), "algorithm"],
    [
      "with a space behind its name",
      forge("{}", '{"alg ":"HS256"}'),
      "algorithm",
    ],
    [
      "in an object inside",
      forge("{}", '{"header":{"alg":"HS256"}}'),
      "algorithm",
    ],
    [
      "in __proto__ alone",
      forge("{}", '{"__proto__":{"alg":"HS256"}}'),
      "algorithm",
    ],
    ["among the claims alone", forge('{"alg":"HS256"}', "{}"), "algorithm"],
  ]),
  ...verifying("alg", {
    clause: "RFC 7515 4.1.1b",
    why: "RFC 7515 4.1.1: alg is a case-sensitive ASCII string.",
  }, [
    ...[
      "hs256",
      "Hs256",
      "hS256",
      "HS256 ",
      " HS256",
      "HS256\\u0000",
      "HS256\\n",
      "HS-256",
      "HS2560",
    ]
      .map((
        alg,
      ): Row => [JSON.stringify(alg), withAlg(`"${alg}"`), "algorithm"]),
    ...[
      "null",
      "true",
      "false",
      "256",
      "0",
      "{}",
      "[]",
      '["HS256"]',
      '{"HS256":1}',
      '[["HS256"]]',
    ]
      .map((alg): Row => [`as ${alg}`, withAlg(alg), "algorithm"]),
    ["fullwidth", withAlg('"\uff28\uff33256"'), "algorithm"],
    ["with a long s", withAlg('"H\u017f256"'), "algorithm"],
    ["with Arabic digits", withAlg('"HS\u0662\u0665\u0666"'), "algorithm"],
    ["empty", withAlg('""'), "algorithm"],
  ]),
  ...verifying("alg", {
    clause: "RFC 7515 4.1.1a",
    why:
      "RFC 7515 4.1.1: the signature is not valid if alg is not a supported algorithm.",
  }, [
    ...[
      "HS257",
      "SHA256",
      "HMAC",
      "HmacSHA256",
      "HS256,none",
      "none,HS256",
      "HS256/HS384",
      "*",
      "any",
    ]
      .map((alg): Row => [`unknown ${alg}`, withAlg(`"${alg}"`), "algorithm"]),
  ]),
  ...verifying("alg", {
    clause: "RFC 7518 3.1a",
    why: "RFC 7518 3.1: HS256 is required of every implementation.",
  }, [
    ["HS256", withAlg('"HS256"'), "accept"],
    ["HS256 alone", forge("{}", '{"alg":"HS256"}'), "accept"],
  ]),
  ...verifying("alg", {
    clause: "RFC 7518 3.1b",
    why:
      "RFC 7518 3.1: optional; a verifier told to take HS256 takes no other hash.",
  }, [
    ["HS384 with an HS256 MAC", withAlg('"HS384"'), "algorithm"],
    ["HS512 with an HS256 MAC", withAlg('"HS512"'), "algorithm"],
  ]),
  ...verifying("alg", {
    clause: "RFC 7518 3.1c",
    why:
      "RFC 7518 3.1: recommended; a verifier told to take HS256 refuses it by its name.",
  }, ["RS256", "ES256"].map((alg) => [alg, withAlg(`"${alg}"`), "algorithm"])),
  ...verifying("alg", {
    clause: "RFC 7518 3.1d",
    why:
      "RFC 7518 3.1: optional; a verifier told to take HS256 refuses it by its name.",
  }, [
    ...["RS384", "RS512", "ES384", "ES512", "PS256", "PS384", "PS512"]
      .map((alg): Row => [alg, withAlg(`"${alg}"`), "algorithm"]),
  ]),
  ...verifying("alg", {
    clause: "RFC 7515 5.2m",
    why:
      "RFC 7515 5.2: an algorithm that the application does not accept makes the JWS invalid.",
  }, [
    ...["EdDSA", "ES256K", "A128KW", "dir", "PBES2-HS256+A128KW", "ML-DSA-44"]
      .map((alg): Row => [alg, withAlg(`"${alg}"`), "algorithm"]),
  ]),
  ...verifying("alg", {
    clause: "RFC 7519 7.2i",
    why:
      "RFC 7519 7.2: unless its algorithm is acceptable, a valid JWT should be rejected.",
  }, [
    ["HS384 that is valid", hashed("sha384", "HS384"), "algorithm"],
    ["HS512 that is valid", hashed("sha512", "HS512"), "algorithm"],
  ]),
  ...verifying("alg", {
    clause: "RFC 7515 5.3",
    why:
      "RFC 7515 5.3, RFC 7159 8.3: strings are compared once their escapes are undone.",
  }, [
    ["name escaped", forge("{}", '{"\\u0061lg":"HS256"}'), "accept"],
    ["value escaped", forge("{}", '{"alg":"\\u0048S256"}'), "accept"],
    [
      "value all escaped",
      forge("{}", '{"alg":"\\u0048\\u0053\\u0032\\u0035\\u0036"}'),
      "accept",
    ],
    [
      "escape of another letter",
      forge("{}", '{"alg":"\\u0068S256"}'),
      "algorithm",
    ],
  ]),
  ...verifying("names", {
    clause: "RFC 7515 10.13a",
    why:
      "RFC 7515 10.13: equal after escapes alone; other cases are other names.",
  }, [
    ["Kid is not kid", withMember('"Kid":5'), "accept"],
    ["KID is not kid", withMember('"KID":5'), "accept"],
    ["CRIT is not crit", withMember('"CRIT":["x"]'), "accept"],
    [
      "escaped crit is crit",
      withMember('"\\u0063rit":["x"],"x":1'),
      "critical",
    ],
    ["escaped kid is kid", withMember('"k\\u0069d":"a"'), "accept", {
      secret: named,
    }],
    ["kid in capitals is none", withMember('"KID":"a"'), "unknown_key", {
      secret: named,
    }],
  ]),
  ...verifying("names", {
    clause: "RFC 7515 10.13b",
    why:
      "RFC 7515 10.13: characters beyond the Basic Multilingual Plane are kept and compared.",
  }, [
    [
      "clef as kid",
      forge("{}", '{"alg":"HS256","kid":"\u{1d11e}"}'),
      "accept",
      {
        secret: [{ kid: "\u{1d11e}", secret: encoded(secret) }],
      },
    ],
    [
      "clef escaped",
      forge("{}", '{"alg":"HS256","kid":"\\uD834\\uDD1E"}'),
      "accept",
      {
        secret: [{ kid: "\u{1d11e}", secret: encoded(secret) }],
      },
    ],
    [
      "another clef",
      forge("{}", '{"alg":"HS256","kid":"\u{1d122}"}'),
      "unknown_key",
      {
        secret: [{ kid: "\u{1d11e}", secret: encoded(secret) }],
      },
    ],
    ["clef in a claim", forge('{"a":"\\uD834\\uDD1E"}'), "accept", {
      claims: { a: "\u{1d11e}" },
    }],
  ]),
  ...verifying("crit", {
    clause: "RFC 7515 4.1.11b",
    why:
      "RFC 7515 4.1.11: an extension that is not understood makes the JWS invalid.",
  }, [
    ["one name", withMember('"crit":["x"],"x":1'), "critical"],
    ["two names", withMember('"crit":["x","y"],"x":1,"y":1'), "critical"],
    [
      "a URI",
      withMember('"crit":["http://a.example/x"],"http://a.example/x":true'),
      "critical",
    ],
    ["exp", withMember('"crit":["exp"],"exp":9999999999'), "critical"],
    ["the empty name", withMember('"crit":[""],"":1'), "critical"],
    [
      "the name __proto__",
      withMember('"crit":["__proto__"],"__proto__":{}'),
      "critical",
    ],
    [
      "the name toString",
      withMember('"crit":["toString"],"toString":1'),
      "critical",
    ],
  ]),
  ...verifying("crit", {
    clause: "RFC 7515 4.1.11b",
    isHardening: true,
    why:
      "No sentence keeps a verifier from knowing RFC 7797 and its b64; here it is not known.",
  }, [
    ["b64 true", withMember('"crit":["b64"],"b64":true'), "critical"],
    ["b64 false", withMember('"crit":["b64"],"b64":false'), "critical"],
    ["b64 false with a raw payload", rawPayload(), "critical"],
  ]),
  ...verifying("crit", {
    clause: "RFC 7515 4.1.11a",
    why:
      "RFC 7515 4.1.11: the extensions that are used must be understood and processed.",
  }, [
    [
      "before alg",
      forge("{}", '{"crit":["x"],"x":1,"alg":"HS256"}'),
      "critical",
    ],
    [
      "behind a plain header",
      forge("{}", '{"alg":"HS256","typ":"JWT","crit":["x"],"x":1}'),
      "critical",
    ],
    [
      "of a name with a value null",
      withMember('"crit":["x"],"x":null'),
      "critical",
    ],
  ]),
  ...verifying("crit", {
    clause: "RFC 7515 4.1.11h",
    why: "RFC 7515 4.1.11: crit must be understood and processed.",
  }, [
    [
      "repeated, the last one empty",
      withMember('"crit":["x"],"x":1,"crit":[]'),
      "critical",
    ],
    [
      "repeated, the last one of a name",
      withMember('"x":1,"crit":[],"crit":["x"]'),
      "critical",
    ],
    ["in a nest that is not crit", withMember('"x":{"crit":["y"]}'), "accept"],
    ["among the claims", forge('{"crit":["x"]}'), "accept"],
  ]),
  ...verifying("crit", {
    clause: "RFC 7515 4.1.11e",
    why:
      "RFC 7515 4.1.11: a recipient may refuse a crit that breaks the rules for it.",
  }, [
    ["empty", withMember('"crit":[]'), "critical"],
    ["null", withMember('"crit":null'), "critical"],
    ["false", withMember('"crit":false'), "critical"],
    ["zero", withMember('"crit":0'), "critical"],
    ["an empty text", withMember('"crit":""'), "critical"],
    ["a text", withMember('"crit":"x","x":1'), "critical"],
    ["an object", withMember('"crit":{}'), "critical"],
    ["an object with a length", withMember('"crit":{"length":0}'), "critical"],
    ["a defined name", withMember('"crit":["alg"]'), "critical"],
    [
      "all defined names",
      withMember('"crit":["alg","typ","kid"],"typ":"JWT","kid":"a"'),
      "critical",
    ],
    ["a name twice", withMember('"crit":["x","x"],"x":1'), "critical"],
    ["a name that is not there", withMember('"crit":["x"]'), "critical"],
    ["a number", withMember('"crit":[1],"1":1'), "critical"],
    ["null inside", withMember('"crit":[null]'), "critical"],
    ["an array inside", withMember('"crit":[["x"]],"x":1'), "critical"],
  ]),
  ...verifying("jwk", {
    clause: "RFC 7515 4.1.3",
    attack: "embedded jwk",
    why: "RFC 8725 3.10: a key that comes with the token is not trusted.",
  }, [
    ["of the attacker", withMember(jwk, otherSecret), "signature"],
    [
      "of the attacker with a kid",
      withMember(jwkWithKid, otherSecret),
      "signature",
    ],
    ["beside a true MAC", withMember(jwk), "accept"],
    [
      "of our own key",
      withMember(`"jwk":{"kty":"oct","k":"${encoded(secret)}"}`),
      "accept",
    ],
  ]),
  ...verifying("jku", {
    clause: "RFC 7515 4.1.2e",
    attack: "embedded jwk",
    why: "RFC 8725 3.10: a URL that comes with the token is not fetched.",
  }, [
    ["of the attacker", withMember(jku, otherSecret), "signature"],
    ["beside a true MAC", withMember(jku), "accept"],
    ["of another type", withMember('"jku":5'), "accept"],
    ["a file", withMember('"jku":"file:///etc/passwd"'), "accept"],
  ]),
  ...verifying("x5u", {
    clause: "RFC 7515 4.1.5g",
    attack: "embedded jwk",
    why: "RFC 8725 3.10: a URL that comes with the token is not fetched.",
  }, [
    ["of the attacker", withMember(x5u, otherSecret), "signature"],
    ["beside a true MAC", withMember(x5u), "accept"],
  ]),
  ...verifying("x5c", {
    clause: "RFC 7515 4.1.6d",
    attack: "embedded jwk",
    why: "RFC 7515 4.1.6: x5c is optional; what it holds is no key for HMAC.",
  }, [
    ["of the attacker", withMember(x5c, otherSecret), "signature"],
    ["beside a true MAC", withMember(x5c), "accept"],
    ["of another type", withMember('"x5c":{}'), "accept"],
  ]),
  ...verifying("x5t", {
    clause: "RFC 7515 4.1.7",
    why:
      "RFC 7515 4: ignored when not understood; HMAC keys have no certificate.",
  }, [accepted('"x5t":"AAAAAAAAAAAAAAAAAAAAAAAAAAA"'), accepted('"x5t":5')]),
  ...verifying("x5t#S256", {
    clause: "RFC 7515 4.1.8",
    why:
      "RFC 7515 4: ignored when not understood; HMAC keys have no certificate.",
  }, [accepted(`"x5t#S256":"${"A".repeat(43)}"`), accepted('"x5t#S256":null')]),
  ...verifying("embedded", {
    clause: "RFC 8725 3.10b",
    attack: "embedded jwk",
    why: "RFC 8725 3.10: jku, x5u, jwk and x5c in a token are never followed.",
  }, [[
    "all four",
    withMember(`${jwk},${jku},${x5u},${x5c}`, otherSecret),
    "signature",
  ]]),
  ...verifying("kid", {
    clause: "RFC 7515 4.1.4a",
    why: "RFC 7515 4.1.4: its value must be a case-sensitive string.",
  }, [
    ["as a number for a named key", withMember('"kid":1'), "malformed", {
      secret: named,
    }],
    ["as null for a named key", withMember('"kid":null'), "malformed", {
      secret: named,
    }],
    ["in another case", withMember('"kid":"A"'), "unknown_key", {
      secret: named,
    }],
    ["with a space behind", withMember('"kid":"a "'), "unknown_key", {
      secret: named,
    }],
    ["in an array for a named key", withMember('"kid":["a"]'), "malformed", {
      secret: named,
    }],
  ]),
  ...verifying("kid", {
    clause: "RFC 7515 4.1.4a",
    isHardening: true,
    why:
      "No sentence has whoever ignores kid look at its type (RFC 7515 4); onejot does.",
  }, [
    ...[
      "null",
      "1",
      "0",
      "true",
      "false",
      "[]",
      '["a"]',
      "{}",
      '{"toString":"a"}',
    ]
      .map((
        kid,
      ): Row => [`as ${kid}`, withMember(`"kid":${kid}`), "malformed"]),
    [
      "repeated, the last one a number",
      withMember('"kid":"a","kid":5'),
      "malformed",
    ],
  ]),
  ...verifying("kid", {
    clause: "RFC 7515 4.1.4b",
    why: "RFC 7515 4.1.4: use of this header parameter is optional.",
  }, [
    ["absent", forge("{}"), "accept"],
    ["of a key without a name", withMember('"kid":"a"'), "accept"],
    ["empty, of a key without a name", withMember('"kid":""'), "accept"],
    ["of a named key", withMember('"kid":"a"'), "accept", { secret: named }],
    ["of the second key", withMember('"kid":"b"', otherSecret), "accept", {
      secret: ring,
    }],
    ["of the third key of five", ofRing("3"), "accept", { secret: ringOfFive }],
    ["of the fifth key of five", ofRing("5"), "accept", { secret: ringOfFive }],
    [
      "absent for the key without a name",
      forge("{}", plainHeader, otherSecret),
      "accept",
      {
        secret: ringWithUnnamed,
      },
    ],
  ]),
  ...verifying("kid", {
    clause: "RFC 7515 6c",
    why: "RFC 7515 6: validation fails when the key used cannot be determined.",
  }, [
    ["of no key", withMember('"kid":"c"'), "unknown_key", { secret: ring }],
    ["empty among named keys", withMember('"kid":""'), "unknown_key", {
      secret: ring,
    }],
    ["absent among named keys", forge("{}"), "unknown_key", { secret: ring }],
    [
      "of no key beside one without a name",
      withMember('"kid":"b"', otherSecret),
      "unknown_key",
      {
        secret: ringWithUnnamed,
      },
    ],
    ["the text null", withMember('"kid":"null"', otherSecret), "unknown_key", {
      secret: ringWithUnnamed,
    }],
  ]),
  ...verifying("kid", {
    clause: "RFC 7515 6a",
    why:
      "RFC 7515 6: what identifies the key is integrity protected: it is under the MAC.",
  }, [
    ["of another key of the ring", withMember('"kid":"b"'), "signature", {
      secret: ring,
    }],
    ["changed after signing", changedKid(), "signature", { secret: ring }],
  ]),
  ...verifying("typ", {
    clause: "RFC 7515 4.1.9a",
    why:
      "RFC 7515 4.1.9: optional, and ignored by implementations; the application may use it.",
  }, [
    ["absent", forge("{}", '{"alg":"HS256"}'), "accept"],
    ...['"JOSE"', '"at+jwt"', '""', '"a/b"', "5", "null", "[]"].map((
      typ,
    ): Row => [
      `unasked ${typ}`,
      withMember(`"typ":${typ}`),
      "accept",
    ]),
  ]),
  ...verifying("typ", {
    clause: "RFC 7515 4.1.9b",
    why: "RFC 7515 4.1.9: media type values are case insensitive.",
  }, [
    typed("jwt", "JWT", "accept"),
    typed("JWT", "jwt", "accept"),
    typed("Application/At+JWT", "at+jwt", "accept"),
  ]),
  ...verifying("typ", {
    clause: "RFC 7515 4.1.9d",
    why:
      "RFC 7515 4.1.9: a value without / is treated as if application/ were in front of it.",
  }, [
    typed("application/jwt", "JWT", "accept"),
    typed("JWT", "application/jwt", "accept"),
    typed("text/jwt", "jwt", "typ"),
    typed("application/application/jwt", "jwt", "typ"),
    typed("jwt/jwt", "jwt", "typ"),
  ]),
  ...verifying("typ", {
    clause: "RFC 8725 3.11a",
    why:
      "RFC 8725 3.11: explicit typing, so that one kind of token is not taken for another.",
  }, [
    typed("JWT", "at+jwt", "typ"),
    typed("at+jwt", "JWT", "typ"),
    typed("JWT ", "JWT", "typ"),
    typed("", "JWT", "typ"),
    ["absent where it is asked for", forge("{}", '{"alg":"HS256"}'), "typ", {
      policy: { typ: "JWT" },
    }],
    ["in an array", withMember('"typ":["JWT"]'), "typ", {
      policy: { typ: "JWT" },
    }],
    ["null for null", withMember('"typ":null'), "typ", {
      policy: { typ: "null" },
    }],
    ["1 for 1", withMember('"typ":1'), "typ", { policy: { typ: "1" } }],
    ["a Kelvin sign for k", withMember('"typ":"\u212a"'), "typ", {
      policy: { typ: "k" },
    }],
  ]),
  ...verifying("cty", {
    clause: "RFC 7515 4.1.10a",
    why:
      "RFC 7515 4.1.10: optional, and ignored unless the application uses it.",
  }, [
    ...[
      '"json"',
      '"text/plain"',
      '""',
      "5",
      "null",
      '["JWT"]',
      '"JWT2"',
      '"text/jwt"',
    ]
      .map((cty): Row => [`of ${cty}`, withMember(`"cty":${cty}`), "accept"]),
  ]),
  ...verifying("cty", {
    clause: "RFC 7519 5.2a",
    attack: "nested token",
    why:
      "RFC 7519 5.2: cty of JWT says that a nested JWT is carried, which is not unwrapped here.",
  }, [["JWT", withMember('"cty":"JWT"'), "nested"]]),
  ...verifying("cty", {
    clause: "RFC 7515 4.1.10b",
    attack: "nested token",
    why:
      "RFC 7515 4.1.10: media type values are case insensitive, so jwt is JWT.",
  }, [["jwt", withMember('"cty":"jwt"'), "nested"], [
    "jWt",
    withMember('"cty":"jWt"'),
    "nested",
  ]]),
  ...verifying("cty", {
    clause: "RFC 7515 4.1.10d",
    attack: "nested token",
    why:
      "RFC 7515 4.1.10: a value without / is treated as if application/ were in front of it.",
  }, [
    ["application/jwt", withMember('"cty":"application/jwt"'), "nested"],
    ["APPLICATION/JWT", withMember('"cty":"APPLICATION/JWT"'), "nested"],
  ]),
  ...verifying("repeated", {
    clause: "RFC 7515 4b",
    why:
      "RFC 7515 4: a parser rejects repeated names or takes the lexically last.",
  }, [
    [
      "alg, the last one none",
      forge("{}", '{"alg":"HS256","alg":"none"}'),
      "algorithm",
    ],
    [
      "alg, the last one by an escape",
      forge("{}", '{"alg":"HS256","\\u0061lg":"none"}'),
      "algorithm",
    ],
    [
      "alg, the last one RS256",
      forge("{}", '{"alg":"HS256","alg":"RS256"}'),
      "algorithm",
    ],
  ]),
  ...verifying("repeated", {
    clause: "RFC 7515 5.2f",
    why:
      "RFC 7515 5.2 step 4 with 4: rejecting repeated names or taking the last are both right.",
  }, [[
    "cty, the last one JWT",
    withMember('"cty":"a","cty":"JWT"'),
    "nested",
  ]]),
  ...verifying("repeated", {
    clause: "RFC 7515 4d",
    why:
      "RFC 7515 4: parameters that are not understood must be ignored, whatever they hold.",
  }, [
    accepted('"jwk":5,"jku":5,"x5u":5,"x5c":5,"x5t":5,"x5t#S256":5'),
    accepted('"x5t":{},"x5u":[]'),
  ]),
  ...verifying("unknown", {
    clause: "RFC 7515 4e",
    why:
      "RFC 7515 4: parameters that this specification does not define must be ignored.",
  }, [
    accepted('"x":[{}]'),
    accepted('"zip":"DEF"'),
    accepted('"enc":"A128GCM"'),
    accepted('"http://a.example/x":null'),
    accepted('"":""'),
    accepted('"exp":1'),
    accepted('"iss":5,"aud":{},"nbf":"x"'),
    accepted('"nonce":"x","url":"https://a.example/","p2c":2147483647'),
  ]),
  ...verifying("unknown", {
    clause: "RFC 7519 5",
    why: "RFC 7519 5: header parameters that are not understood are ignored.",
  }, [
    accepted('"isAdmin":true'),
    accepted('"constructor":1,"toString":2,"hasOwnProperty":3'),
  ]),
  ...verifying("understood", {
    clause: "RFC 7515 4c",
    why: "RFC 7515 4: alg and crit are the parameters that must be understood.",
  }, [
    ["alg none with a true MAC", withAlg('"none"'), "algorithm"],
    [
      "crit beside alg none",
      forge("{}", '{"alg":"none","crit":["x"],"x":1}'),
      "algorithm",
    ],
    [
      "crit with a true MAC",
      withMember('"crit":["x"],"x":1,"typ":"JWT"'),
      "critical",
    ],
  ]),
  ...verifying("understood", {
    clause: "RFC 7519 7.2c",
    why:
      "RFC 7519 7.2 step 5: parameters and values are understood, or may be ignored.",
  }, [
    ["alg of another value", withAlg('"A256GCMKW"'), "algorithm"],
    ["unknown parameter", withMember('"x":1'), "accept"],
  ]),
  ...verifying("understood", {
    clause: "RFC 7515 5.2h",
    why:
      "RFC 7515 5.2 step 5: fields that must be supported are, and so are their values.",
  }, [
    [
      "crit of a value that is none",
      withMember('"crit":["alg","x"],"x":1'),
      "critical",
    ],
  ]),
  ...verifying("understood", {
    clause: "RFC 7515 4.1.1d",
    why:
      "RFC 7515 4.1.1: alg must be understood and processed; it says how the MAC was made.",
  }, [["HS384 whose MAC is an HS256 one", withAlg('"HS384"'), "algorithm"]]),
  ...verifying("proto", {
    clause: "RFC 7515 4e",
    attack: "prototype pollution",
    why:
      "RFC 7515 4: a member named __proto__ is a parameter like others, and ignored.",
  }, [
    accepted('"__proto__":{"isAdmin":true}'),
    accepted('"__proto__":{"crit":["x"],"kid":5,"cty":"JWT"}'),
    accepted('"constructor":{"prototype":{"isAdmin":true}}'),
  ]),
  ...verifying("no object", {
    clause: "RFC 7515 5.2e",
    why: "RFC 7515 5.2 step 3: the header is a completely valid JSON object.",
  }, [
    ...[
      "",
      " ",
      "null",
      "true",
      "1",
      '"HS256"',
      "[]",
      `[${plainHeader}]`,
      '["alg","HS256"]',
    ]
      .map((text): Row => [`but ${text}`, forge("{}", text), "malformed"]),
    ["cut off", forge("{}", plainHeader.slice(0, -1)), "malformed"],
    ["with a comma at the end", forge("{}", '{"alg":"HS256",}'), "malformed"],
    ["in single quotes", forge("{}", "{'alg':'HS256'}"), "malformed"],
    ["without quotes", forge("{}", '{alg:"HS256"}'), "malformed"],
    ["with a comment", forge("{}", '{"alg":"HS256"/**/}'), "malformed"],
    [
      "with a number that JSON has not",
      forge("{}", '{"alg":"HS256","x":0x10}'),
      "malformed",
    ],
    ["with NaN", forge("{}", '{"alg":"HS256","x":NaN}'), "malformed"],
    [
      "with a raw control character",
      forge("{}", '{"alg":"HS256","x":"\u0001"}'),
      "malformed",
    ],
    [
      "with a line feed in a text",
      forge("{}", '{"alg":"HS256","x":"a\nb"}'),
      "malformed",
    ],
  ]),
  ...verifying("behind", {
    clause: "RFC 7515 10.12d",
    why:
      "RFC 7515 10.12: characters behind the JSON object make the JWS invalid.",
  }, [
    ["the header letters", forge("{}", `${plainHeader}ABCD`), "malformed"],
    ["the header a brace", forge("{}", `${plainHeader}}`), "malformed"],
    ["the header another object", forge("{}", `${plainHeader}{}`), "malformed"],
    ["the header a NUL", forge("{}", `${plainHeader}\0`), "malformed"],
  ]),
  ...verifying("layout", {
    clause: "RFC 7515 3",
    why:
      "RFC 7515 3: white space and line breaks may stand around JSON values.",
  }, [
    ["of the header", forge("{}", '\r\n\t { "alg" :\n"HS256" } '), "accept"],
    ["of the payload", forge(' {\r\n\t"a" : 1 }\n'), "accept", {
      claims: { a: 1 },
    }],
    [
      "with other members first",
      forge("{}", '{"typ":"JWT","alg":"HS256"}'),
      "accept",
    ],
    [
      "with white space of Unicode",
      forge("{}", '{\u00a0"alg":"HS256"}'),
      "malformed",
    ],
  ]),
  ...verifying("large", {
    attack: "huge token",
    why: "No sentence bounds a header; one within the limit of length is read.",
  }, [
    [
      "header of 4000 spaces",
      forge("{}", plainHeader + " ".repeat(4000)),
      "accept",
    ],
  ]),
  ...verifying("large", {
    attack: "huge token",
    why:
      "No sentence bounds nesting: RFC 7159 9 lets a parser set limits; CVE-2025-53864.",
  }, [
    [
      "header of deep nesting",
      withMember(`"x":${"[".repeat(100)}${"]".repeat(100)}`),
      "accept",
    ],
  ]),
];

function typed(typ: string, wanted: string, outcome: string): Row {
  const token = withMember(`"typ":${JSON.stringify(typ)}`);
  return [`"${typ}" for ${wanted}`, token, outcome, {
    policy: { typ: wanted },
  }];
}

/** A token by the key of this name in the ring of five. */
function ofRing(kid: string): string {
  return withMember(`"kid":"${kid}"`, ringSecret(kid));
}

function ringSecret(kid: string): Uint8Array {
  return new TextEncoder().encode(kid.repeat(32));
}

function changedKid(): string {
  const [, payload, mac] = withMember('"kid":"a"').split(".");
  return `${encoded('{"alg":"HS256","kid":"b"}')}.${payload}.${mac}`;
}

/** A token that is valid by another hash. */
function hashed(hash: string, alg: string): string {
  const input = `${encoded(`{"alg":"${alg}"}`)}.${encoded("{}")}`;
  return `${input}.${encoded(hmac(input, secret, hash))}`;
}

/** RFC 7797: with b64 false the payload stands in the token as it is. */
function rawPayload(): string {
  const input = `${encoded('{"alg":"HS256","b64":false,"crit":["b64"]}')}.{}`;
  return `${input}.${encoded(hmac(input))}`;
}
