/**
 * Mutants that no test can tell from the original, each with the reason. Equivalent is what gives
 * the same result for every call of what src/jwt exports; a difference in speed is none in result.
 * An entry that names no mutant, or one that a test kills, fails the run.
 */

export interface Equivalent {
  readonly file: string;
  /** The names of the declarations around the line. */
  readonly within: string;
  /** The line without the white space and the comment around it. */
  readonly line: string;
  /** What is changed there: old text, arrow, new text, as the run prints it. */
  readonly changes: readonly string[];
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: "base64url.ts",
    within: "valueOfCharacter",
    line: "const valueOfCharacter = new Uint8Array(128).fill(64);",
    changes: ["128 → 129", "128 → 127"],
    reason: "127 is not in the alphabet, and `?? 64` says so of what lies beyond the array",
  },
  {
    file: "base64url.ts",
    within: "the top level",
    line:
      "for (let value = 0; value < 64; value++) valueOfCharacter[alphabet.charCodeAt(value)] = value;",
    changes: ["0 → -1", "< → <=", "64 → 65"],
    reason:
      "charCodeAt gives NaN before and behind the alphabet, and a Uint8Array ignores that index",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    line: "let bits = 0;",
    changes: ["0 → 1", "0 → -1"],
    reason: "only the lowest bitCount bits are written, and before the first byte bitCount is 0",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    line: "bits = (bits << 8 | byte) & 0xffff;",
    changes: ["(bits << 8 | byte) & 0xffff → (bits << 8 | byte)"],
    reason: "only the lowest bitCount bits are written, at most 12; the shift itself keeps 32",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    line:
      "for (bitCount += 8; bitCount >= 6;) text += alphabet.charAt(bits >> (bitCount -= 6) & 63);",
    changes: [">= → >", "6; → 7;", "6; → 5;"],
    reason:
      "bitCount is even; six bits that wait are written with the next byte or behind the loop",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    line: "if (bitCount > 0) text += alphabet.charAt(bits << (6 - bitCount) & 63);",
    changes: ["0 → 1", "63 → 62"],
    reason: "bitCount is 0, 2 or 4, and the shift has made the lowest bit 0",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    line: "let bits = 0;",
    changes: ["0 → 1", "0 → -1"],
    reason:
      "the mask has dropped them at the second character; one alone is refused, of none no bit is read",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    line: "bits = (bits << 6 | value) & 0xfff;",
    changes: ["(bits << 6 | value) & 0xfff → (bits << 6 | value)"],
    reason:
      "a Uint8Array keeps the lowest eight bits, and the last check reads the lowest four at most",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    line: "if (bitCount < 8) continue;",
    changes: ["8 → 7"],
    reason: "bitCount is even",
  },
  {
    file: "claims.ts",
    within: "readClaims",
    line: "} else if (!namesOneOf(aud, audience ?? [])) {",
    changes: ["audience ?? [] → audience"],
    reason: "undefined is none of the strings in aud; the fallback is there for the types",
  },
  {
    file: "claims.ts",
    within: "readClaims",
    line: 'if (exp !== undefined && now - leewaySeconds >= exp) throw new JwtError("expired");',
    changes: ["exp !== undefined → true", "undefined → null"],
    reason: "a comparison with undefined is false, and an exp that is null is refused before",
  },
  {
    file: "claims.ts",
    within: "readClaims",
    line:
      'if (nbf !== undefined && now + leewaySeconds < nbf) throw new JwtError("not_yet_valid");',
    changes: ["nbf !== undefined → true", "undefined → null"],
    reason: "a comparison with undefined is false, and an nbf that is null is refused before",
  },
  {
    file: "claims.ts",
    within: "mediaType",
    line: 'if (typeof value !== "string") return null;',
    changes: ["null → undefined", 'null → ""'],
    reason: "it is compared with a text that has a slash, and with nothing else",
  },
  {
    file: "jws.ts",
    within: "readCompact",
    line: 'const [headerText = "", payload, signature, ...others] = token.split(".");',
    changes: ['= "" → nothing', '"" → "another text"'],
    reason: "split gives one part at least; the default is there for the types",
  },
  {
    file: "jws.ts",
    within: "readCompact",
    line: "if (payload === undefined || signature === undefined || others.length > 0) {",
    changes: [
      "payload === undefined → false",
      "=== undefined || signature → === null || signature",
    ],
    reason: "without a second part there is no third, which is asked next",
  },
  {
    file: "jwt.ts",
    within: "sign",
    line: 'const { lifetimeSeconds = NaN, typ = "JWT", ...others }: SignOptions = own;',
    changes: ["= NaN → nothing", "NaN → 0"],
    reason: "used for a lifetime given as undefined alone; undefined and 0 are refused as NaN is",
  },
  {
    file: "key.ts",
    within: "generateKey",
    line: "export function generateKey(kid: string | null = null): Promise<HmacKey> {",
    changes: ["= null → nothing", "null) → undefined)"],
    reason: "importKey, to which it goes, has the same default",
  },
  {
    file: "policy.ts",
    within: "requirePlainObject",
    line: "const prototype = Object.getPrototypeOf(value ?? 0);",
    changes: ["0 → 1", "0 → -1"],
    reason: "all numbers have one prototype",
  },
];
