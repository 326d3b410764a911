/**
 * Mutants that no test can tell from the original, each with the reason.
 * Equivalent is what gives the same result for every call of what src/jwt
 * exports; a difference in speed is none in result. An entry that names no
 * mutant, or one that a test kills, fails the run.
 */

export interface Equivalent {
  readonly file: string;
  /** The names of the declarations around the change. */
  readonly within: string;
  /**
   * What is changed in there: old text, arrow, new text, as the run prints it.
   */
  readonly changes: readonly string[];
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: "base64url.ts",
    within: "valueOfCharacter",
    changes: ["128 → 129", "128 → 127"],
    reason:
      "127 is not in the alphabet, and `?? 64` says so of what lies beyond the array",
  },
  {
    file: "base64url.ts",
    within: "the top level",
    changes: ["0 → -1", "< → <=", "64 → 65"],
    reason:
      "charCodeAt gives NaN before and behind the alphabet, and a Uint8Array ignores that index",
  },
  {
    file: "base64url.ts",
    within: "scratch",
    changes: ["8192 → nothing", "8192 → 8193", "8192 → 8191"],
    reason:
      "what does not fit into it gets new memory: that is slower, and the same text",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    changes: [
      "length > scratch.length → true",
      "> → >=",
      "scratch.length → (scratch.length + 1)",
      "scratch.length → (scratch.length - 1)",
    ],
    reason:
      "new memory is slower, and no text has 8,193 characters: 6,144 bytes have 8,192",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    changes: ["< → <=", "bytes.length → (bytes.length + 1)"],
    reason: "a Uint8Array ignores what is written behind it",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    changes: [
      "Number(bytes[at]) → bytes[at]",
      "Number(bytes[at + 1]) → bytes[at + 1]",
      "Number(bytes[at + 2]) → bytes[at + 2]",
    ],
    reason:
      "the operators make a number of undefined, and 0; Number is there for the types",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    changes: [
      "text.length * 3 >> 2 → ((text.length * 3) << 2)",
      "text.length * 3 >> 2 → (text.length * 3)",
      "3 → 4",
      "2 → 1",
    ],
    reason: "what is returned is cut to the length that the text stands for",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    changes: ["0 → 1 (2)", "0 → -1 (2)"],
    reason:
      "the mask has dropped them at the second character; one alone is refused, of none no bit is read",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    changes: ["8 → 7"],
    reason: "bitCount is even",
  },
  {
    file: "claims.ts",
    within: "stringifyClaims",
    changes: [
      'Object.values(own).every((it) => typeof it === "string" || Number.isFinite(it)) → false',
      'typeof it === "string" || Number.isFinite(it) → false',
      'typeof it === "string" || Number.isFinite(it) → ((typeof it === "string") && Number.isFinite(it))',
      'typeof it === "string" → false',
      '"string" → ""',
      '"string" → "another text"',
      "Number.isFinite(it) → false",
    ],
    reason:
      "then the JSON is parsed to see what came out: that is slower, and the same claims",
  },
  {
    file: "claims.ts",
    within: "stringifyClaims",
    changes: ["isPlain → false"],
    reason:
      "then the JSON is parsed to see what came out: that is slower, and the same claims",
  },
  {
    file: "claims.ts",
    within: "checkClaims",
    changes: ["audience ?? [] → audience"],
    reason:
      "undefined is none of the strings in aud; the fallback is there for the types",
  },
  {
    file: "claims.ts",
    within: "checkClaims",
    changes: ["exp !== undefined → true", "undefined → null (7)"],
    reason:
      "a comparison with undefined is false, and an exp that is null is refused before",
  },
  {
    file: "claims.ts",
    within: "checkClaims",
    changes: ["nbf !== undefined → true", "undefined → null (8)"],
    reason:
      "a comparison with undefined is false, and an nbf that is null is refused before",
  },
  {
    file: "jws.ts",
    within: "scratch",
    changes: ["3 → 4"],
    reason: "no more is needed",
  },
  {
    file: "jws.ts",
    within: "readCompact",
    changes: ["6 → nothing", "6 → 7"],
    reason: "from six parts on, their number does not matter",
  },
  {
    file: "jws.ts",
    within: "readCompact",
    changes: [
      '= "" → nothing',
      '"" → "another text"',
      '= "" → nothing (2)',
      '"" → "another text" (2)',
      '= "" → nothing (3)',
      '"" → "another text" (3)',
    ],
    reason: "there are three parts; the defaults are there for the types",
  },
  {
    file: "jws.ts",
    within: "checkMac",
    changes: [
      "scratch.subarray(input.length) → nothing",
      "scratch.subarray(input.length) → undefined",
    ],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jws.ts",
    within: "decodeJson",
    changes: ["scratch → nothing"],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jws.ts",
    within: "encodeJson",
    changes: ["json === plainHeaderJson → false"],
    reason: "then it is encoded anew: that is slower, and the same text",
  },
  {
    file: "jwt.ts",
    within: "sign",
    changes: ["= NaN → nothing", "NaN → 0"],
    reason:
      "used for a lifetime given as undefined alone; undefined and 0 are refused as NaN is",
  },
  {
    file: "key.ts",
    within: "generateKey",
    changes: ["= null → nothing", "null → undefined"],
    reason: "importKey, to which it goes, has the same default",
  },
  {
    file: "policy.ts",
    within: "requirePlainObject",
    changes: ["0 → 1", "0 → -1"],
    reason: "all numbers have one prototype",
  },
  {
    file: "remember.ts",
    within: "rememberVerified",
    changes: ["4_194_304 → 4194305"],
    reason: "half of it holds the same whole numbers of characters",
  },
  {
    file: "remember.ts",
    within: "rememberVerified",
    changes: ["hit === undefined → true"],
    reason:
      "remember asks again whether the token is among the recent ones: that is slower",
  },
];
