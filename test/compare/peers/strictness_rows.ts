/**
 * Which row of the strictness table counts which case of the corpus: the first
 * that fits. A case that an RFC demands and that no row fits is an error, so
 * that a new one is not overlooked; what an RFC leaves open is not counted.
 */

import type { Case } from "../../spec/conformance/corpus.ts";

/** A part of the table. */
export interface Part {
  readonly title: string;
  /** Whether a case that is not held breaks a rule for verifiers. */
  readonly isDemanded: boolean;
  readonly rows: readonly Row[];
}

/**
 * A row: the cases of these attacks, of these clauses (`7515 4.1` or `4648`),
 * with such ids, or with tokens of such a length.
 */
export interface Row {
  readonly title: string;
  readonly attacks?: readonly string[];
  readonly clauses?: readonly string[];
  readonly ids?: RegExp;
  /** Or whose tokens have more characters than this. */
  readonly tokensOver?: number;
  /** Counts who refuses what the corpus, as onejot, accepts. */
  readonly countsRefusals?: true;
}

/** Ids and clauses of the cases by which nobody is judged here, and why. */
const notCounted: ReadonlyMap<string, string> = new Map([
  ["policy-typ-an-array-of-a-text", "hono documents an array"],
  ["policy-maxageseconds-a-text", "jsonwebtoken documents a text"],
]);

const accepted: Row = {
  title: "good tokens and claims, however unusual: accepted",
  ids: /^/,
};

const verifier: readonly Row[] = [
  {
    title: '`alg` "none", in any spelling',
    attacks: ["alg none"],
    ids: /alg-none/,
  },
  {
    title: "another algorithm, or none named",
    attacks: ["algorithm confusion"],
    clauses: [
      "7515 4b",
      "7515 4.1.1",
      "7515 5.3",
      "7518 3.1",
      "7519 7.2c",
      "8725 3.1",
    ],
  },
  {
    title: "a `crit` that nobody understands",
    attacks: ["crit ignored"],
    clauses: ["7515 4.1.11"],
    ids: /crit/,
  },
  {
    title: "a signature changed, cut, empty, all zeros, of another key",
    attacks: ["psychic signature"],
    clauses: [
      "7515 5.2a",
      "7515 5.2b",
      "7515 5.2k",
      "7515 5.2l",
      "7515 10.2",
      "7518 3.2b",
      "7519 7.2d",
      "8725 3.3",
    ],
  },
  {
    title: "a JWE, other than three parts",
    attacks: ["JWE confusion"],
    clauses: ["7515 3.1", "7515 5.2c", "7515 7.1", "7519 7.2a", "7519 7.2e"],
  },
  {
    title: "`cty` JWT, over claims that are no token",
    clauses: ["7515 4.1.10", "7515 5.2f"],
    ids: /^cty-|-cty-jwt-over-|^nested-a-claims-set$/,
  },
  { title: "a token in a token", attacks: ["nested token"] },
  {
    title: "a payload that is no JSON object",
    attacks: ["non-object payload"],
    clauses: ["7519 3", "7519 7.2g"],
  },
  {
    title: "broken JSON or UTF-8, names twice, claims in `__proto__`",
    attacks: ["prototype pollution"],
    clauses: ["7515 5.2e", "7515 10.12", "7519 4a", "7519 7.2b", "8725 3.7"],
  },
  {
    title: "base64url with white space, padding, other letters",
    clauses: [
      "4648",
      "7515 2d",
      "7515 2e",
      "7515 5.2d",
      "7515 5.2i",
      "7515 5.2j",
    ],
  },
  {
    title: "`exp` or `nbf` that is no number",
    attacks: ["infinite exp"],
    clauses: ["7519 2c", "7519 4.1.4a", "7519 4.1.5a"],
  },
  {
    title: "at or after `exp`, before `nbf`",
    clauses: ["7519 4.1.4b", "7519 4.1.5b", "7519 7.2h"],
  },
  {
    title: "another issuer, none, an array of them",
    attacks: ["issuer as array"],
    clauses: ["7515 2c", "7519 2b", "7519 4.1.1b", "7519 7.3", "8725 3.8a"],
  },
  {
    title: "another audience, none, a part of its name",
    attacks: ["audience as substring"],
    clauses: ["7519 4.1.3b", "8725 3.9"],
  },
  {
    title: "an `aud` where the caller named no audience",
    clauses: ["7519 4.1.3c"],
  },
  { title: "a key of fewer than 32 bytes", clauses: ["7518 3.2a"] },
];

const values: readonly Row[] = [
  {
    title: "a key of fewer than 32 bytes, handed to the signer",
    ids: /^sign-with-/,
  },
  {
    title: "`iss`, `sub`, `aud` with a colon that are no URI, to the signer",
    ids: /^sign-stringoruri-/,
  },
  {
    title: "claims of a wrong type, to the signer",
    ids: /^sign-/,
  },
  {
    title: "`iss`, `sub`, `aud`, `jti` that are no text",
    clauses: ["7519 4.1.1a", "7519 4.1.2a", "7519 4.1.3a", "7519 4.1.7a"],
    ids: /last-one-no-text$/,
  },
  {
    title: "`iat` that is no number",
    clauses: ["7519 4.1.6a"],
    ids: /^number-iat/,
  },
];

const recommended: readonly Row[] = [
  {
    title: "another `typ` than was asked for",
    clauses: ["7515 4.1.9", "8725 3.11a"],
  },
  {
    title: "a `kid` of no key, a path or a query in it; a key in the header",
    attacks: ["kid injection", "embedded jwk"],
    clauses: ["7515 4.1.4", "7515 6", "7515 10.13a"],
  },
  {
    title: "everything else that is recommended",
    attacks: ["JWE confusion"],
    clauses: [
      "7515 5.2m",
      "7515 10.13b",
      "7518 3.1c",
      "7519 7.2i",
      "7519 11.2",
    ],
  },
];

const beyond: readonly Row[] = [
  {
    title: "options that are empty, undefined, NaN, of a wrong type",
    attacks: ["misconfiguration"],
  },
  { title: "the PEM of a public key as the secret", clauses: ["8725 2.1"] },
  { title: "a good token of more than 8,192 characters", tokensOver: 8192 },
  {
    title: "more characters than the caller allows",
    ids: /^length-(?:one-more|none)-/,
  },
  {
    title: "everything else: 1e999 as a time, a `kid` that is no text …",
    ids: /^/,
  },
];

const unasked: Row = {
  title: "unasked: `iat` in the future, a `typ` other than JWT",
  ids: /^iat-in-the-future-and-no-age|^typ-unasked-(?!.*jwt$)/,
  countsRefusals: true,
};

/** The parts of the table, in order. */
export const parts: readonly Part[] = [
  {
    title: "What the RFCs tell a verifier (MUST, MUST NOT)",
    isDemanded: true,
    rows: [accepted, ...verifier],
  },
  {
    title: "What the RFCs say of values and signers (MUST), not of verifiers",
    isDemanded: false,
    rows: values,
  },
  {
    title: "What the RFCs recommend (SHOULD)",
    isDemanded: false,
    rows: recommended,
  },
  {
    title: "Beyond the RFCs, where to accept is no fault",
    isDemanded: false,
    rows: [...beyond, unasked],
  },
];

/**
 * The row that counts a case, or null. An Error for a case that must have one
 * and has none.
 */
export function rowOf(asked: Case): Row | null {
  const { id, clause = "", level, expect } = asked;
  if (notCounted.has(id) || notCounted.has(clause)) return null;
  const found = rowsFor(asked).find((row) => fits(row, asked));
  if (found !== undefined) return found;
  if (level === "MAY" || level === "hardening" && expect === "accept") {
    return null;
  }
  throw new Error(
    `A row of strictness_rows.ts must count ${id} or its clause, ${clause}.`,
  );
}

function rowsFor({ level, attack, expect }: Case): readonly Row[] {
  const isGood = expect === "accept";
  // By RFC 8725 §3.10, where RFC 7515 says MAY.
  if (attack === "embedded jwk") return recommended;
  if (level === "MAY") return isGood ? [unasked] : [];
  if (level === "hardening") return isGood ? [unasked] : beyond;
  if (!level.startsWith("MUST")) return recommended;
  return isGood ? [accepted] : [...values, ...verifier, ...recommended];
}

function fits(
  { attacks = [], clauses = [], ids, tokensOver = Infinity }: Row,
  { id, clause = "", attack = "", token }: Case,
) {
  if (attacks.includes(attack) || ids?.test(id)) return true;
  if (typeof token === "string" && token.length > tokensOver) return true;
  // Without the letter of the demand.
  const section = clause.replace(/(?<=\d)[a-z]$/, "");
  return clauses.some((wanted) => {
    const isDocument = !wanted.includes(" ") &&
      clause.startsWith(`RFC ${wanted} `);
    return isDocument || [clause, section].includes(`RFC ${wanted}`);
  });
}
