/**
 * The attacks that have names, as far as no other file has them already: each
 * with the CVE or the section that made it known.
 */

import { Buffer } from "node:buffer";
import type { Case } from "../conformance/corpus.ts";
import { encoded, forge, plainHeader, secret } from "./forge.ts";
import { type Row, verifying } from "./making.ts";

const admin = '{"sub":"admin"}';
const good = forge(admin);
const ring = [{ kid: "a", secret: encoded(secret) }];
const goodIssuer = "https://issuer.example";

const forApi = { policy: { audience: "api.example" } };

const kids = [
  "../../../../../../dev/null",
  "/dev/null",
  "' UNION SELECT 'secret' --",
  "key.pem|whoami",
  "http://attacker.example/key",
  "__proto__",
  "constructor",
  "toString",
  "a\0",
];

/** None, in every mixture of capitals. */
const casings = Array.from(
  { length: 16 },
  (_, bits) =>
    [..."none"].map((letter, index) =>
      bits >> index & 1 ? letter.toUpperCase() : letter
    ).join(""),
);

export const attacks: readonly Case[] = [
  ...verifying("alg none", {
    clause: "RFC 7518 3.6e",
    attack: "alg none",
    why:
      "RFC 7518 3.6: implementations must not accept Unsecured JWSs by default.",
  }, [
    ["with an empty signature", unsecured('"none"'), "algorithm"],
    ["with a true MAC", forge(admin, '{"alg":"none"}'), "algorithm"],
    ["and typ", unsecured('"none","typ":"JWT"'), "algorithm"],
    ["without the last period", unsecured('"none"').slice(0, -1), "malformed"],
    ["and kid", unsecured('"none","kid":"a"'), "algorithm"],
    ["and jwk", unsecured('"none","jwk":{"kty":"oct","k":""}'), "algorithm"],
    ["in an array", unsecured('["none"]'), "algorithm"],
    ["in an array with HS256", unsecured('["none","HS256"]'), "algorithm"],
    ["escaped", unsecured('"n\\u006fne"'), "algorithm"],
  ]),
  ...verifying(
    "alg none",
    {
      clause: "RFC 7515 4.1.1a",
      attack: "alg none",
      why:
        "RFC 7515 4.1.1: alg is case-sensitive, and no casing of none is a supported algorithm.",
    },
    casings.slice(1).flatMap((alg): Row[] => [
      [
        `as ${Buffer.from(alg).toString("hex")} with an empty signature`,
        unsecured(`"${alg}"`),
        "algorithm",
      ],
      [
        `as ${Buffer.from(alg).toString("hex")} with a true MAC`,
        forge(admin, `{"alg":"${alg}"}`),
        "algorithm",
      ],
    ]),
  ),
  ...verifying("alg none", {
    clause: "RFC 8725 3.2a",
    attack: "alg none",
    why:
      "RFC 8725 3.2: JWTs that use none are not accepted unless the caller asks for it.",
  }, [
    ...[
      " none",
      "none ",
      "none\\u0000",
      "none,HS256",
      "",
      "null",
      "plain",
      "unsecured",
    ]
      .map((
        alg,
      ): Row => [
        `resembled by ${JSON.stringify(alg)}`,
        unsecured(`"${alg}"`),
        "algorithm",
      ]),
    ...["null", "false", "0", "{}", "[]"]
      .map((alg): Row => [`by a value ${alg}`, unsecured(alg), "algorithm"]),
  ]),
  ...verifying("alg none", {
    clause: "RFC 7515 5.2l",
    attack: "alg none",
    why:
      "RFC 7515 5.2: with HS256 in the header an empty signature does not validate.",
  }, [
    ["cut signature", good.slice(0, good.lastIndexOf(".") + 1), "signature"],
    [
      "cut signature of a plain header",
      `${encoded('{"alg":"HS256"}')}.${encoded(admin)}.`,
      "signature",
    ],
  ]),
  ...verifying(
    "algorithm confusion",
    {
      clause: "RFC 8725 3.1a",
      attack: "algorithm confusion",
      why:
        "RFC 8725 3.1: CVE-2015-9235; the caller fixes the algorithm, the header never chooses.",
    },
    [
      "RS256",
      "RS512",
      "PS256",
      "ES256",
      "ES384",
      "EdDSA",
      "HS384",
      "HS512",
      "RSA-OAEP",
      "dir",
    ].map(
      (
        alg,
      ): Row => [
        `MAC under ${alg}`,
        forge(admin, `{"alg":"${alg}","typ":"JWT"}`),
        "algorithm",
      ],
    ),
  ),
  ...verifying("algorithm confusion", {
    clause: "RFC 7515 10.7",
    attack: "algorithm confusion",
    why:
      "RFC 7515 10.7: a verifier of one algorithm is open to no substitution.",
  }, [
    [
      "alg changed after signing",
      changedHeader('{"alg":"HS384","typ":"JWT"}'),
      "algorithm",
    ],
    ["alg dropped after signing", changedHeader('{"typ":"JWT"}'), "algorithm"],
    [
      "alg none after signing",
      changedHeader('{"alg":"none","typ":"JWT"}'),
      "algorithm",
    ],
  ]),
  ...verifying("crit ignored", {
    clause: "RFC 7515 4.1.11b",
    attack: "crit ignored",
    why:
      "RFC 7515 4.1.11: CVE-2025-59420; an extension that is not understood makes it invalid.",
  }, [
    ...['["bork"],"bork":"x"', '["exp"],"exp":1', '["cnf"],"cnf":{}']
      .map((
        crit,
      ): Row => [
        crit,
        forge(admin, `{"alg":"HS256","crit":${crit}}`),
        "critical",
      ]),
  ]),
  ...verifying(
    "kid injection",
    {
      clause: "RFC 8725 3.10a",
      attack: "kid injection",
      why:
        "RFC 8725 3.10: kid is not used as a path, in a query or as the name of a member.",
    },
    kids.flatMap((kid): Row[] => [
      [
        `${kid} with an empty key`,
        withKid(kid, new Uint8Array(0)),
        "signature",
      ],
      [
        `${kid} among named keys`,
        withKid(kid, new Uint8Array(0)),
        "unknown_key",
        { secret: ring },
      ],
      [
        `${kid} among named keys with a true MAC`,
        withKid(kid, secret),
        "unknown_key",
        {
          secret: ring,
        },
      ],
    ]),
  ),
  ...verifying("kid injection", {
    clause: "RFC 8725 3.10a",
    attack: "kid injection",
    why:
      "RFC 8725 3.10: a kid that names a file of known content does not make it the key.",
  }, [
    [
      "file of one digit",
      withKid("/proc/sys/kernel/randomize_va_space", bytes("2\n")),
      "signature",
    ],
    [
      "result of a query",
      withKid("' UNION SELECT 'secret' --", bytes("secret")),
      "signature",
    ],
    [
      "token's own kid as the key",
      withKid("attacker", bytes("attacker")),
      "signature",
    ],
  ]),
  ...verifying(
    "JWE confusion",
    {
      clause: "RFC 7515 5.2m",
      attack: "JWE confusion",
      why:
        "RFC 7515 5.2: CVE-2023-51774; an encryption's header on three parts is no HS256.",
    },
    ["dir", "A256KW", "RSA-OAEP", "PBES2-HS256+A128KW", "ECDH-ES"].map(
      (alg): Row => {
        const header = `{"alg":"${alg}","enc":"A256GCM","p2c":2147483647}`;
        return [`${alg} on three parts`, forge(admin, header), "algorithm"];
      },
    ),
  ),
  ...verifying("issuer as array", {
    clause: "RFC 7519 4.1.1a",
    attack: "issuer as array",
    why:
      "RFC 7519 4.1.1: CVE-2025-30144; iss is one StringOrURI and never an array.",
  }, [
    ...[
      [goodIssuer],
      ["https://attacker.example", goodIssuer],
      [[goodIssuer]],
      [],
    ].map(
      (iss): Row => [
        `of ${iss.length} ${JSON.stringify(iss).length}`,
        forge(JSON.stringify({ iss })),
        "claim_type",
        { policy: { issuer: goodIssuer } },
      ],
    ),
    [
      "an object like an array",
      forge(`{"iss":{"0":"${goodIssuer}","length":1}}`),
      "claim_type",
      {
        policy: { issuer: goodIssuer },
      },
    ],
    [
      "an array, several issuers",
      forge(`{"iss":["${goodIssuer}"]}`),
      "claim_type",
      {
        policy: { issuer: [goodIssuer, "https://b.example"] },
      },
    ],
  ]),
  ...verifying(
    "issuer resembling",
    {
      clause: "RFC 7519 4.1.1b",
      attack: "issuer as array",
      why:
        "RFC 7519 4.1.1: CVE-2024-53861; iss is compared as a whole, not as a part.",
    },
    [
      "https://issuer",
      `${goodIssuer}/`,
      `${goodIssuer}.attacker.example`,
      "issuer.example",
      "h",
    ]
      .map(
        (
          iss,
        ): Row => [iss, forge(JSON.stringify({ iss })), "issuer", {
          policy: { issuer: goodIssuer },
        }],
      ),
  ),
  ...verifying("audience as substring", {
    clause: "RFC 7519 4.1.3b",
    attack: "audience as substring",
    why:
      "RFC 7519 4.1.3: whoever is not named in aud as a whole rejects the JWT.",
  }, [
    ...[
      "",
      "a",
      "api",
      ".example",
      "api.exampl",
      "api.example.attacker",
      "xapi.example",
      "*",
      ".*",
    ]
      .flatMap((aud): Row[] => [
        [`text ${aud}`, forge(JSON.stringify({ aud })), "audience", forApi],
        [
          `array ${aud}`,
          forge(JSON.stringify({ aud: [aud] })),
          "audience",
          forApi,
        ],
      ]),
    [
      "letters one by one",
      forge(JSON.stringify({ aud: [..."api.example"] })),
      "audience",
      forApi,
    ],
    [
      "a list in a text",
      forge('{"aud":"x api.example y"}'),
      "audience",
      forApi,
    ],
    [
      "a list with commas",
      forge('{"aud":"x,api.example"}'),
      "audience",
      forApi,
    ],
  ]),
  ...verifying(
    "audience as substring",
    {
      clause: "RFC 7519 4.1.3a",
      attack: "audience as substring",
      why:
        "RFC 7519 4.1.3: aud is a StringOrURI or an array of them, not numbers or objects.",
    },
    [
      "1",
      "[1]",
      "{}",
      '{"0":"1"}',
      '[["1"]]',
      "[null]",
      "true",
      '["1",1]',
      '{"includes":1}',
    ].map(
      (
        aud,
      ): Row => [aud, forge(`{"aud":${aud}}`), "claim_type", {
        policy: { audience: "1" },
      }],
    ),
  ),
  ...verifying("huge token", {
    clause: "RFC 7515 5.2c",
    attack: "huge token",
    why:
      "RFC 7515 5.2 step 1: exactly two periods; CVE-2025-30204, periods by the thousand.",
  }, [
    ["periods", ".".repeat(8192), "malformed"],
    ["20000 periods", ".".repeat(20_000), "too_long"],
  ]),
  ...verifying("huge token", {
    clause: "RFC 7519 7.2a",
    attack: "huge token",
    why: "RFC 7519 7.2 step 1: the JWT contains a period, and this has none.",
  }, [["brackets", "[".repeat(8192), "malformed"]]),
  ...verifying("huge token", {
    clause: "RFC 7515 5.2e",
    attack: "huge token",
    why:
      "RFC 7515 5.2 step 3: the header is a JSON object, and 10,000 letters are none.",
  }, [[
    "20000 letters in three parts",
    `${"A".repeat(10_000)}.${"A".repeat(10_000)}.`,
    "too_long",
  ]]),
  ...verifying("huge token", {
    attack: "huge token",
    why:
      "No sentence bounds nesting: RFC 7159 9 lets a parser set limits; CVE-2025-53864.",
  }, [
    [
      "arrays in arrays",
      forge(`{"a":${"[".repeat(100)}${"]".repeat(100)}}`),
      "accept",
    ],
    [
      "objects in objects",
      forge('{"a":'.repeat(100) + "1" + "}".repeat(100)),
      "accept",
    ],
  ]),
  ...verifying("huge token", {
    attack: "huge token",
    why:
      "No sentence bounds a number; one of 6,000 digits becomes infinite, and never expires.",
  }, [["digits", forge(`{"exp":${"9".repeat(6000)}}`), "claim_type"]]),
  ...verifying("huge token", {
    clause: "RFC 7519 4.1.3c",
    attack: "huge token",
    why:
      "RFC 7519 4.1.3: a verifier without a name finds itself in none of 1,401 audiences.",
  }, [[
    "many audiences",
    forge(`{"aud":[${'"a",'.repeat(1400)}"b"]}`),
    "audience",
  ]]),
  ...verifying("huge token", {
    clause: "RFC 7519 2a",
    attack: "huge token",
    isHardening: true,
    why:
      "RFC 7519 7.2: no step looks for a URI; a rule that does may take long over these.",
  }, [
    ["colons", forge(`{"iss":"a:${"b:".repeat(2900)} "}`), "accept"],
    ["at signs", forge(`{"iss":"http://${"a@".repeat(2900)}"}`), "accept"],
    [
      "dots in a host",
      forge(`{"iss":"http://${"a.".repeat(2900)}:"}`),
      "accept",
    ],
    [
      "percent signs",
      forge(`{"iss":"x:${"%41".repeat(1900)}%"}`),
      "accept",
    ],
  ]),
  ...verifying("polyglot", {
    clause: "RFC 7515 7.2",
    attack: "JWE confusion",
    why:
      "RFC 7515 7: CVE-2022-39227; a text that is JSON and a token at once is neither.",
  }, [
    [
      "JSON around a good token",
      `{"protected":"${good.split(".").join('","payload":"')}"}`,
      "malformed",
    ],
    ["good token in a member name", `{"${good}":"x"}`, "malformed"],
    ["comment behind a good token", `${good}//{"payload":""}`, "malformed"],
  ]),
  ...verifying("prototype pollution", {
    clause: "RFC 7515 4.1.1c",
    attack: "prototype pollution",
    why: "RFC 7515 4.1.1: alg must be present, in the header itself.",
  }, [
    [
      "alg in __proto__",
      forge(admin, '{"__proto__":{"alg":"HS256"}}'),
      "algorithm",
    ],
    [
      "alg in constructor",
      forge(admin, '{"constructor":{"prototype":{"alg":"HS256"}}}'),
      "algorithm",
    ],
  ]),
];

function unsecured(alg: string): string {
  return `${encoded(`{"alg":${alg}}`)}.${encoded(admin)}.`;
}

function changedHeader(header: string): string {
  return encoded(header) + good.slice(encoded(plainHeader).length);
}

function withKid(kid: string, key: Uint8Array): string {
  return forge(admin, JSON.stringify({ alg: "HS256", kid }), key);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
