/**
 * The registered claims: each with every JSON type, StringOrURI, issuer,
 * audience and required claims; the instants at which a token's time begins and
 * ends, and numbers that are no time.
 */

import type { Case } from "../conformance/corpus.ts";
import { forge } from "./forge.ts";
import {
  type Ground,
  type More,
  type Row,
  signing,
  verifying,
} from "./making.ts";

const far = 9999999999;

/**
 * What each claim may be, among the values below; for aud the policy names the
 * audience x.
 */
const types = {
  string: ['""', '"x"', '"1"', '" "'],
  number: ["0", "1", "-1", "1.5", "1e3"],
  other: [
    "true",
    "false",
    "null",
    "[]",
    '["x"]',
    '["x",1]',
    '["x","y",1]',
    '["x","y","y","y",null]',
    "[1]",
    "[null]",
    '[["x"]]',
    "{}",
  ],
  object: ['{"0":"x","length":1}', '{"x":1}', '[{"x":1}]'],
};
const values = Object.values(types).flat();

const claimClauses = {
  iss: ["RFC 7519 4.1.1a", "StringOrURI", types.string],
  sub: ["RFC 7519 4.1.2a", "StringOrURI", types.string],
  aud: ["RFC 7519 4.1.3a", "StringOrURI or an array of them", ['"x"', '["x"]']],
  exp: ["RFC 7519 4.1.4a", "NumericDate", types.number],
  nbf: ["RFC 7519 4.1.5a", "NumericDate", types.number],
  iat: ["RFC 7519 4.1.6a", "NumericDate", types.number],
  jti: ["RFC 7519 4.1.7a", "case-sensitive string", types.string],
} as const;

const plainTexts = ["joe", "a b", "é", "%zz", "[", "http//x"];

const uris = [
  "http://example.com",
  "HTTPS://user:p%40ss@example.com:8443/a/b;c?d=e&f#g",
  "http://[2001:db8::1]:443/",
  "http://[::ffff:1.2.3.4]",
  "http://[v1.a:b]/",
  "http://[::]/",
  "http://[1:2:3:4:5:6:7:8]/",
  "http://[1:2:3:4:5:6:1.2.3.4]/",
  "http://[1:2:3:4:5:6:7::]/",
  "http://[::2:3:4:5:6:7:8]/",
  "http://a_b~c.example/",
  "http://192.0.2.1:80",
  "http://a:/",
  "http://%41/",
  "http://@a",
  "http://",
  "file:///etc/hosts",
  "urn:ietf:params:oauth:token-type:jwt",
  "mailto:joe@example.com",
  "tag:example.com,2024:a",
  "tel:+1-201-555-0123",
  "a:",
  "A+b-c.9:x",
  "x:/",
  "x:?q",
  "x:#f",
  "x:%41",
  "x:a:b:c",
  "x:y?a/b?c#d?e/f",
];

const noUris = [
  ":",
  ":x",
  "::",
  "-a:b",
  "a_b:c",
  "é:x",
  "%41:x",
  "//a:b",
  "/a:b",
  "?a:b",
  "#a:b",
  "12:34",

  "a b:c",
  "x:a b",
  "x:\n",
  "\nx:a",
  "x:\u0000",
  'x:"',
  "x:é",
  "x:<y>",
  "x:\\",
  "x:{}",
  "x:|",

  "x:^",
  "x:`",
  "x:[",
  "x:]",
  "x:%",
  "x:%4",
  "x:%zz",
  "x:%4g",
  "x:?a[b]",
  "x:#a#b",
  "x:#[",

  "x://%",
  "http://a:port/",
  "http://a:1:2/",
  "http://a:80x",
  "http://a@b@c/",
  "http://[::1",

  "http://[::1]x/",
  "http://a]/",
  "http://[g::]/",
  "http://[]/",
  "http://[.]/",
  "http://[:]/",
  "http://[:::]/",
  "http://[1::2::3]/",
  "http://[1:2:3:4:5:6:7]/",
  "http://[1:2:3:4:5:6:7:8:9]/",
  "http://[1:2:3:4::5:6:7:8]/",
  "http://[12345::]/",
  "http://[::1.2.3]/",
  "http://[::1.2.3.256]/",
  "http://[::1.2.3.04]/",
  "http://[1.2.3.4::]/",
  "http://é/",
  "http://a%4/",

  "http://u:p[@a/",
  "http://a\\b/",
  "http://a/[",
  "http://[::1]:x",
  "http://a b",
];

const letters = ["a", "b", "c", "d", "e"];

const optional = {
  iss: "RFC 7519 4.1.1c",
  sub: "RFC 7519 4.1.2b",
  aud: "RFC 7519 4.1.3d",
  exp: "RFC 7519 4.1.4d",
} as const;

export const claims: readonly Case[] = [
  ...Object.entries(claimClauses).flatMap(([name, [clause, type, right]]) =>
    verifying(`type of ${name}`, {
      clause,
      why: `${clause.replace(/[a-z]$/, "")}: its value is a ${type}.`,
    }, ofAllTypes(name, right))
  ),
  ...Object.entries(optional).flatMap(([name, clause]) =>
    verifying("optional", {
      clause,
      why: `${clause.replace(/[a-z]$/, "")}: use of this claim is optional.`,
    }, [[`no ${name}`, forge('{"a":1}'), "accept", { claims: { a: 1 } }]])
  ),
  ...verifying("StringOrURI", {
    clause: "RFC 7515 2a",
    why: "RFC 7515 2, RFC 7519 2: arbitrary strings may be used.",
  }, plainTexts.flatMap((text) => everywhere(text, "accept"))),
  ...verifying("StringOrURI", {
    clause: "RFC 7515 2b",
    why: "RFC 7515 2, RFC 7519 2: a value with a colon is a URI; these are.",
  }, uris.flatMap((text) => ofIss(text, "accept"))),
  ...signing("sign StringOrURI", {
    clause: "RFC 7519 2a",
    why:
      "RFC 7519 2: any value that contains a : must be a URI (RFC 3986); these are none.",
  }, [
    ...noUris.map((text) =>
      [`${text} as iss`, { iss: text }, "TypeError"] as const
    ),
    ["as sub", { sub: "a b:c" }, "TypeError"],
    ["as aud", { aud: "a b:c" }, "TypeError"],
    ["in aud", { aud: ["a", "b", "a b:c"] }, "TypeError"],
  ]),
  ...signing("sign StringOrURI", {
    clause: "RFC 7515 2b",
    why: "RFC 7515 2, RFC 7519 2: a value with a colon is a URI; these are.",
  }, uris.map((text) => [`${text} as iss`, { iss: text }, "accept"] as const)),
  ...verifying("no StringOrURI", {
    clause: "RFC 7519 2a",
    isHardening: true,
    why:
      "RFC 7519 7.2 has no step that looks for a URI: RFC 7519 2 tells the producer.",
  }, [
    ...noUris.flatMap((text) => ofIss(text, "accept")),
    ...everywhere("a b:c", "accept"),
    ...everywhere("1a:b", "accept"),
  ]),
  ...verifying("StringOrURI", {
    clause: "RFC 7519 2b",
    why:
      "RFC 7519 2: compared as case-sensitive strings, with no transformation.",
  }, [
    issuer("HTTP://a.example", "http://a.example", "issuer"),
    issuer("http://a.example/", "http://a.example", "issuer"),
    issuer("http://a.example:80", "http://a.example", "issuer"),
    issuer("http://a.example/%7Ea", "http://a.example/~a", "issuer"),
    issuer("http://A.example", "http://a.example", "issuer"),
  ]),
  ...verifying("StringOrURI", {
    clause: "RFC 7515 2c",
    why:
      "RFC 7515 2: StringOrURI values are compared as case-sensitive strings.",
  }, [
    audience('"URN:a"', "urn:a", "audience"),
    audience('"urn:a"', "urn:a", "accept"),
  ]),
  ...verifying("issuer", {
    clause: "RFC 7519 4.1.1b",
    why: "RFC 7519 4.1.1: iss is a case-sensitive string, compared as a whole.",
  }, [
    issuer("a", "a", "accept"),
    issuer("A", "a", "issuer"),
    issuer("a ", "a", "issuer"),
    issuer("", "a", "issuer"),
    issuer("a,b", ["a", "b"], "issuer"),
    issuer("ab", ["a", "b"], "issuer"),
  ]),
  ...verifying("issuer", {
    clause: "RFC 8725 3.8a",
    why:
      "RFC 8725 3.8: the issuer is checked to be the one whose keys are used.",
  }, [
    issuer("b", ["a", "b"], "accept"),
    issuer("b", "a", "issuer"),
    issuer("c", ["a", "b"], "issuer"),
    ["absent", forge("{}"), "missing_claim", { policy: { issuer: "a" } }],
    ["under another name", forge('{"issuer":"a"}'), "missing_claim", {
      policy: { issuer: "a" },
    }],
    ["not asked for", forge('{"iss":"anybody"}'), "accept", {
      claims: { iss: "anybody" },
    }],
  ]),
  ...verifying("audience", {
    clause: "RFC 7519 4.1.3b",
    why:
      "RFC 7519 4.1.3: whoever does not find itself in aud, which is there, rejects the JWT.",
  }, [
    audience('"a"', "a", "accept"),
    audience('["b","a"]', "a", "accept"),
    audience('["c","b"]', ["a", "b"], "accept"),
    audience('"a"', ["b", "a"], "accept"),
    audience('"b"', "a", "audience"),
    audience('["b","c"]', "a", "audience"),
    audience('["b","c"]', ["a", "d"], "audience"),
    audience("[]", "a", "audience"),
    audience('""', "a", "audience"),
    audience('[""]', "a", "audience"),
    audience('"A"', "a", "audience"),
  ]),
  ...verifying("audience", {
    clause: "RFC 7519 4.1.3b",
    why:
      "RFC 7519 4.1.3: an array of strings, each of which may be the verifier's.",
  }, [
    ...[1, 2, 3, 4, 5].flatMap((place) => [
      audience(JSON.stringify(five("b", place)), "a", "accept"),
      audience('"a"', five("b", place), "accept"),
    ]),
    ...[[3, 3], [3, 5], [5, 3], [5, 5], [1, 5], [5, 1]].map((
      [own = 1, wanted = 1],
    ) => audience(JSON.stringify(five("b", own)), five("c", wanted), "accept")),
    audience(JSON.stringify(five("b")), "a", "audience"),
    audience('"a"', five("b"), "audience"),
    audience(JSON.stringify(five("b")), five("c"), "audience"),
    audience(JSON.stringify(five("b")), ["b", "a"], "audience"),
    audience('["b1","b1","b1","b1","a"]', "a", "accept"),
    audience('["b1","b2","b3","b4","A"]', "a", "audience"),
    audience('["b1","b2","b3","b4","a "]', "a", "audience"),
    audience('["b1","b2","b3","b4","aa"]', "a", "audience"),
    audience('["b1,b2,b3,b4,a"]', "a", "audience"),
    audience('"b1 b2 b3 b4 a"', "a", "audience"),
    audience('["","","","",""]', "a", "audience"),
  ]),
  ...verifying("issuer", {
    clause: "RFC 8725 3.8a",
    why:
      "RFC 8725 3.8: the issuer is checked to be one of those that are trusted.",
  }, [
    ...[1, 2, 3, 4, 5].map((place) => issuer("a", five("b", place), "accept")),
    issuer("a", five("b"), "issuer"),
    issuer("b", five("b"), "issuer"),
  ]),
  ...verifying("audience", {
    clause: "RFC 7519 4.1.3c",
    why:
      "RFC 7519 4.1.3: a verifier without a name finds itself in no aud that is there.",
  }, [
    ["a text, and none named", forge('{"aud":"a"}'), "audience"],
    ["an array, and none named", forge('{"aud":["a","b"]}'), "audience"],
    ["an empty array, and none named", forge('{"aud":[]}'), "audience"],
    ["an empty text, and none named", forge('{"aud":""}'), "audience"],
    [
      "the text undefined, and none named",
      forge('{"aud":"undefined"}'),
      "audience",
    ],
    ["the text null, and none named", forge('{"aud":"null"}'), "audience"],
  ]),
  ...verifying("audience", {
    clause: "RFC 8725 3.9",
    why:
      "RFC 8725 3.9: where an audience is asked for, a JWT without one is rejected.",
  }, [
    ["absent", forge("{}"), "missing_claim", { policy: { audience: "a" } }],
    ["absent for several", forge("{}"), "missing_claim", {
      policy: { audience: ["a", "b"] },
    }],
    ["under another name", forge('{"audience":"a"}'), "missing_claim", {
      policy: { audience: "a" },
    }],
  ]),
  ...verifying("required", {
    clause: "RFC 7519 4c",
    why: "RFC 7519 4: specific applications may require claims to be present.",
  }, [
    required('{"sub":"1"}', ["sub"], "accept"),
    required('{"sub":"1","scope":null}', ["sub", "scope"], "accept"),
    required('{"scope":false}', ["scope"], "accept"),
    required("{}", ["sub"], "missing_claim"),
    required('{"sub":"1"}', ["sub", "exp"], "missing_claim"),
    required('{"exp":9999999999}', ["sub", "exp"], "missing_claim"),
    required('{"Sub":"1"}', ["sub"], "missing_claim"),
    required("{}", ["toString"], "missing_claim"),
    required("{}", ["__proto__"], "missing_claim"),
    required("{}", ["constructor"], "missing_claim"),
    required('{"a":{"sub":"1"}}', ["sub"], "missing_claim"),
    required('{"a":1,"b":1,"c":1,"d":1,"e":1}', letters, "accept"),
    ...[1, 2, 3, 4, 5].map((place) => {
      const others = letters.filter((_, index) => index !== place - 1);
      const members = others.map((name) => `"${name}":1`);
      return required(`{${members}}`, letters, "missing_claim");
    }),
  ]),
  ...verifying("exp", {
    clause: "RFC 7519 4.1.4b",
    why:
      "RFC 7519 4.1.4: the time must be before exp; on or after it the JWT is not accepted.",
  }, [
    at("exp", 100, 99, "accept"),
    at("exp", 100, 100, "expired"),
    at("exp", 100, 101, "expired"),
    at("exp", 0, 0, "expired"),
    at("exp", 0, 1, "expired"),
    at("exp", -1, 0, "expired"),
    at("exp", -1, -2, "accept"),
    ["in the year 1970", forge('{"exp":1}'), "expired"],
    ["in the year 2286", forge(`{"exp":${far}}`), "accept"],
    ["zero", forge('{"exp":0}'), "expired"],
    ["minus zero", forge('{"exp":-0}'), "expired"],
    ["negative", forge('{"exp":-9999999999}'), "expired"],
    ["as an exponent", forge('{"exp":1e0}'), "expired"],
  ]),
  ...verifying("exp", {
    clause: "RFC 7519 2d",
    why:
      "RFC 7519 2: non-integer values can be represented, so the clock counts unrounded.",
  }, [
    at("exp", 100, 99.999, "accept"),
    at("exp", 100, 100.25, "expired"),
    at("exp", 100.5, 100.25, "accept"),
    at("exp", 100.5, 100.5, "expired"),
    at("exp", 100.5, 100.75, "expired"),
    at("nbf", 100.5, 100.25, "not_yet_valid"),
    at("nbf", 100.5, 100.5, "accept"),
    at("nbf", 100, 99.999, "not_yet_valid"),
    at("nbf", 100, 100.25, "accept"),
  ]),
  ...verifying("exp", {
    clause: "RFC 7519 4.1.4c",
    why:
      "RFC 7519 4.1.4: a small leeway may be provided for, usually no more than a few minutes.",
  }, [
    at("exp", 100, 109, "accept", { leewaySeconds: 10 }),
    at("exp", 100, 109.999, "accept", { leewaySeconds: 10 }),
    at("exp", 100, 110, "expired", { leewaySeconds: 10 }),
    at("exp", 100, 111, "expired", { leewaySeconds: 10 }),
    at("exp", 100, 100, "expired", { leewaySeconds: 0 }),
    at("exp", 100, 399, "accept", { leewaySeconds: 300 }),
    at("exp", 100, 400, "expired", { leewaySeconds: 300 }),
    at("exp", 100, 100.25, "accept", { leewaySeconds: 0.5 }),
    at("exp", 100, 100.5, "expired", { leewaySeconds: 0.5 }),
  ]),
  ...verifying("nbf", {
    clause: "RFC 7519 4.1.5b",
    why:
      "RFC 7519 4.1.5: the time must be on or after nbf; before it the JWT is not accepted.",
  }, [
    at("nbf", 100, 100, "accept"),
    at("nbf", 100, 101, "accept"),
    at("nbf", 100, 99, "not_yet_valid"),
    at("nbf", 0, 0, "accept"),
    at("nbf", 0, -1, "not_yet_valid"),
    ["in the year 1970", forge('{"nbf":1}'), "accept"],
    ["in the year 2286", forge(`{"nbf":${far}}`), "not_yet_valid"],
    ["negative", forge('{"nbf":-1}'), "accept"],
  ]),
  ...verifying("nbf", {
    clause: "RFC 7519 4.1.5c",
    why: "RFC 7519 4.1.5: a small leeway may be provided for.",
  }, [
    at("nbf", 100, 90, "accept", { leewaySeconds: 10 }),
    at("nbf", 100, 89, "not_yet_valid", { leewaySeconds: 10 }),
    at("nbf", 100, 89.999, "not_yet_valid", { leewaySeconds: 10 }),
    at("nbf", 100, 99.75, "accept", { leewaySeconds: 0.5 }),
  ]),
  ...verifying("iat", {
    clause: "RFC 7519 4.1.6b",
    why: "RFC 7519 4.1.6: iat can be used to determine the age of the JWT.",
  }, [
    aged(100, 160, 60, "accept"),
    aged(100, 161, 60, "too_old"),
    aged(100, 100, 0, "accept"),
    aged(100, 101, 0, "too_old"),
    aged(100, 170, 60, "accept", 10),
    aged(100, 171, 60, "too_old", 10),
    [
      "absent where an age is asked for",
      forge('{"exp":9999999999}'),
      "missing_claim",
      {
        policy: { maxAgeSeconds: 60 },
      },
    ],
    ["long ago, and no age asked for", forge('{"iat":0}'), "accept"],
    ["of a day ago", forge('{"iat":1}'), "too_old", {
      policy: { maxAgeSeconds: 86400 },
    }],
  ]),
  ...verifying("iat", {
    clause: "RFC 7519 4.1.6b",
    isHardening: true,
    why:
      "No sentence has an iat in the future refused; with a greatest age it says nothing else.",
  }, [
    aged(100, 99, 60, "issued_in_future"),
    aged(100, 99.75, 60, "issued_in_future"),
    aged(100, 90, 60, "accept", 10),
    aged(100, 89, 60, "issued_in_future", 10),
    aged(100, 160.25, 60, "too_old"),
    aged(100, 170.25, 60, "too_old", 10),
    ["in the future, and no age asked for", forge(`{"iat":${far}}`), "accept"],
  ]),
  ...verifying("number", {
    clause: "RFC 7519 2c",
    why:
      "RFC 7519 2: a NumericDate is a JSON numeric value, seconds from 1970 on.",
  }, [
    ...["exp", "nbf", "iat"].flatMap((name) => [
      ofNumber(name, `"${far}"`, "claim_type"),
      ofNumber(name, '"2030-01-01T00:00:00Z"', "claim_type"),
      ofNumber(name, `[${far}]`, "claim_type"),
      ofNumber(name, `{"seconds":${far}}`, "claim_type"),
    ]),
    ["exp in milliseconds", forge('{"exp":1700000000000}'), "accept"],
    ["nbf in milliseconds", forge('{"nbf":1700000000000}'), "not_yet_valid"],
  ]),
  ...verifying("number", {
    clause: "RFC 7519 2c",
    isHardening: true,
    why:
      "No sentence bounds a number: RFC 7159 6 lets a parser set limits; here finite ones count.",
  }, [
    ["exp as a great number", forge('{"exp":1.7e308}'), "accept"],
    ["exp as a great negative number", forge('{"exp":-1.7e308}'), "expired"],
    ["nbf as a great number", forge('{"nbf":1.7e308}'), "not_yet_valid"],
    ["exp as a small number", forge('{"exp":5e-324}'), "expired"],
  ]),
  ...verifying(
    "number",
    {
      attack: "infinite exp",
      why:
        "No sentence bounds a number; one that becomes infinite would make a token eternal.",
    },
    ["exp", "nbf", "iat"].flatMap((name) => [
      ofNumber(name, "1e999", "claim_type"),
      ofNumber(name, "-1e999", "claim_type"),
      ofNumber(name, "1e400", "claim_type"),
      [
        `${name} of 400 digits`,
        forge(`{"${name}":${"9".repeat(400)}}`),
        "claim_type",
      ] as const,
    ]),
  ),
  ...verifying(
    "number",
    {
      clause: "RFC 7519 2c",
      attack: "infinite exp",
      why:
        "RFC 7519 2: a NumericDate is a JSON numeric value, which these are not.",
    },
    ["exp", "nbf", "iat"].flatMap((name) => [
      ofNumber(name, '"Infinity"', "claim_type"),
      ofNumber(name, '"NaN"', "claim_type"),
      ofNumber(name, '"1e999"', "claim_type"),
      ofNumber(name, '""', "claim_type"),
      ofNumber(name, "null", "claim_type"),
      ofNumber(name, "true", "claim_type"),
      ofNumber(name, "[]", "claim_type"),
      ofNumber(name, "{}", "claim_type"),
    ]),
  ),
  ...verifying("instants", boundaries(), [
    ["exp and nbf in order", forge('{"nbf":100,"exp":200}'), "accept", {
      policy: { now: 150 },
    }],
    ["exp before nbf", forge('{"nbf":200,"exp":100}'), "expired", {
      policy: { now: 250 },
    }],
    [
      "exp before nbf, between them",
      forge('{"nbf":200,"exp":100}'),
      "expired",
      {
        policy: { now: 150 },
      },
    ],
    ["exp and nbf at once", forge('{"nbf":100,"exp":100}'), "expired", {
      policy: { now: 100 },
    }],
  ]),
];

function boundaries(): Ground {
  return {
    clause: "RFC 7519 7.2h",
    why:
      "RFC 7519 7.2: if any step fails the JWT is rejected; each claim is checked for itself.",
  };
}

function ofAllTypes(name: string, right: readonly string[]): Row[] {
  const policy = name === "aud"
    ? { audience: "x" }
    : { now: name === "exp" ? -9 : 1e4 };
  // Strings, but not the audience that is asked for.
  const texts = ['""', '"1"', '" "', "[]"];
  return values.map((value) => {
    const wrong = name === "aud" && texts.includes(value)
      ? "audience"
      : "claim_type";
    const outcome = right.includes(value) ? "accept" : wrong;
    return [value, forge(`{"${name}":${value}}`), outcome, { policy }];
  });
}

/** The text as iss, sub and aud, alone and in an array. */
function everywhere(text: string, outcome: string): Row[] {
  const policy = { audience: ["x", text] };
  return [
    ...ofIss(text, outcome),
    [`${text} as sub`, forge(JSON.stringify({ sub: text })), outcome],
    [`${text} as aud`, forge(JSON.stringify({ aud: text })), outcome, {
      policy,
    }],
    [`${text} in aud`, forge(JSON.stringify({ aud: ["x", text] })), outcome, {
      policy,
    }],
  ];
}

function ofIss(text: string, outcome: string): Row[] {
  return [[`${text} as iss`, forge(JSON.stringify({ iss: text })), outcome]];
}

function issuer(iss: string, wanted: string | string[], outcome: string): Row {
  const policy = { issuer: wanted };
  return [`${iss} for ${wanted}`, forge(JSON.stringify({ iss })), outcome, {
    policy,
  }];
}

function audience(
  aud: string,
  wanted: string | string[],
  outcome: string,
): Row {
  return [`${aud} for ${wanted}`, forge(`{"aud":${aud}}`), outcome, {
    policy: { audience: wanted },
  }];
}

/** Five texts, among which a is at this place, if at any. */
function five(letter: string, place = 0): string[] {
  return letters.map((_, index) =>
    index === place - 1 ? "a" : `${letter}${index + 1}`
  );
}

function required(payload: string, names: string[], outcome: string): Row {
  return [`${names} in ${payload}`, forge(payload), outcome, {
    policy: { requiredClaims: names },
  }];
}

function at(
  name: string,
  value: number,
  now: number,
  outcome: string,
  more = {},
): Row {
  const [leeway] = Object.values(more);
  const label = `${name} ${value} at ${now}${
    leeway === undefined ? "" : ` with ${leeway}`
  }`;
  return [label, forge(`{"${name}":${value}}`), outcome, {
    policy: { now, ...more },
  }];
}

function aged(
  iat: number,
  now: number,
  maxAgeSeconds: number,
  outcome: string,
  leeway = 0,
): Row {
  const policy = {
    now,
    maxAgeSeconds,
    ...(leeway === 0 ? {} : { leewaySeconds: leeway }),
  };
  const label = `${iat} at ${now} within ${maxAgeSeconds}`;
  const more: More = { policy };
  return [
    `${label}${leeway === 0 ? "" : ` with ${leeway}`}`,
    forge(`{"iat":${iat}}`),
    outcome,
    more,
  ];
}

function ofNumber(name: string, value: string, outcome: string): Row {
  return [`${name} ${value}`, forge(`{"${name}":${value}}`), outcome];
}
