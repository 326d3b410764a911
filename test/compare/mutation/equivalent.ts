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
    within: "notInAlphabet",
    changes: ["64 → 65"],
    reason: "six bits make neither",
  },
  {
    file: "base64url.ts",
    within: "valueOfCharacter",
    changes: ["128 → 129", "128 → 127"],
    reason:
      "127 is not in the alphabet, and `?? notInAlphabet` says so of what lies beyond the array",
  },
  {
    file: "base64url.ts",
    within: "the top level",
    changes: ["0 → -1", "< → <=", "alphabet.length → (alphabet.length + 1)"],
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
    changes: ["end → (end - 1)"],
    reason: "index and end are multiples of three",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    changes: [
      "3 → 2 (2)",
      "bytes.length - left → (bytes.length + left)",
      "bytes.length - left → bytes.length",
      "< → <=",
      "end → (end + 1)",
    ],
    reason:
      "then the loop does the last group too: bytes that are not there count as zeros, and what is written behind the text is ignored",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    changes: ["63 → 62 (4)", "63 → 62 (6)"],
    reason: "the lowest bit of the last character is zero",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    changes: ["end → (end - 1)"],
    reason: "index and end are multiples of four",
  },
  {
    file: "claims.ts",
    within: "checkTime",
    changes: ["exp !== undefined → true", "undefined → null (2)"],
    reason:
      "a comparison with undefined is false, and an exp that is null is refused before",
  },
  {
    file: "claims.ts",
    within: "checkTime",
    changes: ["nbf !== undefined → true", "undefined → null (3)"],
    reason:
      "a comparison with undefined is false, and an nbf that is null is refused before",
  },
  {
    file: "jws.ts",
    within: "encodeHeader",
    changes: [
      'typ === "JWT" && kid === null → false',
      'typ === "JWT" → false',
      '"JWT" → ""',
      "kid === null → false",
      "null → undefined",
      "return plainHeaderText; → ;",
    ],
    reason: "then it is encoded anew: that is slower, and the same text",
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
    within: "decodeText",
    changes: ["scratch → nothing"],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jwt.ts",
    within: "sign",
    changes: [
      "await signCompact(`${header}.${payload}`, key) → signCompact(`${header}.${payload}`, key)",
    ],
    reason:
      "an async function waits for a promise that it returns: that is slower",
  },
  {
    file: "key.ts",
    within: "generateKey",
    changes: ["= null → nothing", "null → undefined"],
    reason: "importKey, to which it goes, has the same default",
  },
  {
    file: "remember.ts",
    within: "readMaxCharacters",
    changes: ["4_194_304 → 4194305"],
    reason: "half of it holds the same whole numbers of characters",
  },
  {
    file: "remember.ts",
    within: "readMaxCharacters",
    changes: ['typeof value !== "number" → false'],
    reason:
      "Number.isFinite is false for all other types; typeof is there for the types",
  },
  {
    file: "uri.ts",
    within: "splitAtFirst",
    changes: ['"" → nothing'],
    reason:
      "a pattern reads undefined as a text, which is a query and a fragment as well",
  },
  {
    file: "claims.ts",
    within: "stringifyClaims",
    changes: ["null → undefined", "= null → nothing"],
    reason: "Object.assign takes nothing from either",
  },
  {
    file: "given.ts",
    within: "typeOfArray",
    changes: ["?. → ."],
    reason: "every runtime has the property, as the language says",
  },
  {
    file: "given.ts",
    within: "isBytes",
    changes: ["?. → ."],
    reason: "every runtime has the getter, as the language says",
  },
  {
    file: "json_copy.ts",
    within: "copyForJson.replaced",
    changes: ["undefined → null"],
    reason: "neither is what a registered claim may be, and nothing is signed",
  },
  {
    file: "json_copy.ts",
    within: "copyForJson",
    changes: ["mostContainers → (mostContainers - 1)", "> → >="],
    reason: "a token has no room for as many, which is the same error",
  },
  {
    file: "json_copy.ts",
    within: "copyForJson",
    changes: ["isKept: false → nothing", "Array.isArray(container) → false"],
    reason:
      "undefined is no more kept than false; the keys of an array without holes are its indexes",
  },
  {
    file: "given.ts",
    within: "isObjectPrototype",
    changes: ["prototype !== null → true", "null → undefined"],
    reason: "whoever has no prototype was passed before",
  },
  {
    file: "jws.ts",
    within: "scratch",
    changes: ["new Uint8Array(longestToken) → undefined"],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jws.ts",
    within: "mostFreeBytes",
    changes: ["64 → 65", "64 → 63"],
    reason: "one piece of memory more or less is kept",
  },
  {
    file: "jws.ts",
    within: "signCompact",
    changes: ["{ giveBack(bytes); } → {}", "giveBack(bytes); → ;"],
    reason: "then each call gets new memory: that is slower",
  },
  {
    file: "jws.ts",
    within: "checkMac",
    changes: [
      "bytes.subarray(input.length) → nothing",
      "bytes.subarray(input.length) → undefined",
      "{ giveBack(bytes); } → {}",
      "giveBack(bytes); → ;",
    ],
    reason: "then new memory is made: that is slower, and the same bytes",
  },
  {
    file: "jws.ts",
    within: "takeBytes",
    changes: [
      "freeBytes.pop() ?? new Uint8Array(3 * longestToken) → new Uint8Array(3 * longestToken)",
      "freeBytes.pop() → undefined",
      "3 → 4",
    ],
    reason: "then each call gets new memory, which is slower, or more of it",
  },
  {
    file: "jws.ts",
    within: "giveBack",
    changes: [
      "freeBytes.length < mostFreeBytes → false",
      "freeBytes.length < mostFreeBytes → true",
      "mostFreeBytes → (mostFreeBytes + 1)",
      "mostFreeBytes → (mostFreeBytes - 1)",
      "< → <=",
      "< → >=",
      "< → >",
      "freeBytes.push(bytes); → ;",
    ],
    reason: "less memory is kept, which is slower, or more of it",
  },
  {
    file: "key.ts",
    within: "HmacKey",
    changes: ["requireKey(key); → ;"],
    reason: "whoever comes here has asked the same before",
  },
  {
    file: "uri.ts",
    within: "isIpv6Address",
    changes: ['= "" → nothing', '"" → "another text"'],
    reason: "split always gives a first element",
  },
  {
    file: "remember.ts",
    within: "rememberVerified",
    changes: ["provedRecently === undefined → true"],
    reason:
      "remember asks again whether the token is among the recent ones: that is slower",
  },
  {
    file: "jwt.ts",
    within: "readLifetime",
    changes: ["NaN → 0", "NaN → 1"],
    reason: "each of them is no time after now",
  },
];
