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
    line: "for (let index = 0; index < text.length; index++) {",
    changes: ["0 → -1", "< → <=", "text.length → (text.length + 1)"],
    reason: "a Uint8Array ignores what is written before and behind it",
  },
  {
    file: "base64url.ts",
    within: "encodeBase64url",
    line: "const bits = Number(bytes[start]) << 8 | Number(bytes[start + 1]);",
    changes: [
      "Number(bytes[start]) → bytes[start]",
      "Number(bytes[start + 1]) → bytes[start + 1]",
    ],
    reason: "the operators make a number of undefined, and 0; Number is there for the types",
  },
  {
    file: "base64url.ts",
    within: "decodeBase64url",
    line: "bytes: Uint8Array<ArrayBuffer> = new Uint8Array(text.length * 3 >> 2),",
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
    line: "let bits = 0;",
    changes: ["0 → 1", "0 → -1"],
    reason:
      "the mask has dropped them at the second character; one alone is refused, of none no bit is read",
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
    line: "const isMeant = aud === undefined || namesOneOf(aud, audience ?? []);",
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
    within: "scratch",
    line: "const scratch = new Uint8Array(3 * longestToken);",
    changes: ["3 → 4"],
    reason: "no more is needed",
  },
  {
    file: "jws.ts",
    within: "readCompact",
    line: 'const [headerText = "", payload = "", signature, ...others] = token.split(".");',
    changes: [
      'headerText = "", → headerText,',
      '= "", payload → = "another text", payload',
      'payload = "", → payload,',
      '= "", signature → = "another text", signature',
    ],
    reason: "split gives one part at least, and without a second there is no third, which is asked",
  },
  {
    file: "jws.ts",
    within: "checkMac",
    line: "const mac = decodeBase64url(jws.signature, scratch.subarray(input.length));",
    changes: [
      "scratch.subarray(input.length) → nothing",
      "scratch.subarray(input.length) → undefined",
    ],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jws.ts",
    within: "decodeJson",
    line: "const bytes = decodeBase64url(text, scratch);",
    changes: ["scratch → nothing"],
    reason: "then new bytes are made: that is slower, and the same bytes",
  },
  {
    file: "jwt.ts",
    within: "sign",
    line:
      "return await signCompact(`${encodeJson(header)}.${encodeJson(stringifyClaims(timed))}`, key);",
    changes: [
      "await signCompact(`${encodeJson(header)}.${encodeJson(stringifyClaims(timed))}`, key) → signCompact(`${encodeJson(header)}.${encodeJson(stringifyClaims(timed))}`, key)",
    ],
    reason: "an async function waits for the promise that it returns",
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
  {
    file: "remember.ts",
    within: "rememberVerified",
    line:
      "export function rememberVerified(key: HmacKey, policy: Policy = {}, maxSize = 4_194_304): Verifier {",
    changes: ["4_194_304 → 4194305"],
    reason: "half of it holds the same whole numbers of characters",
  },
];
