/**
 * The coverage table: what RFC 4648, 7515, 7518, 7519, 8725, the draft that is
 * to replace the last of them, and the HTTP side demand, sentence by sentence,
 * and how onejot meets it. A row that is tested names the file in src that
 * enforces it, and has a test whose name begins with the row's id: a test in
 * test/spec/rfc, or a case in test/spec/vectors. Every other row says why it is
 * not. test/spec/rfc/coverage.test.ts holds both to it.
 */

import { httpClauses } from "./clauses_http.ts";
import { rfc4648Clauses } from "./clauses_rfc4648.ts";
import { rfc7515Clauses } from "./clauses_rfc7515.ts";
import { rfc7518Clauses } from "./clauses_rfc7518.ts";
import { rfc7519Clauses } from "./clauses_rfc7519.ts";
import { rfc8725Clauses } from "./clauses_rfc8725.ts";
import { rfc8725bisClauses } from "./clauses_rfc8725bis.ts";

/**
 * REQUIRED counts as MUST, RECOMMENDED as SHOULD, OPTIONAL as MAY (RFC 2119).
 */
export type Level = "MUST" | "MUST NOT" | "SHOULD" | "SHOULD NOT" | "MAY";

/** Why a row is not tested. */
export interface Reason {
  /**
   * `unsupported`: not part of onejot, and refused or left aside; `producer`: a
   * producer's rule that `sign` cannot break; `application`: for those who use
   * onejot, or for other specifications.
   */
  readonly because: "unsupported" | "producer" | "application";
  /** The reason in a sentence. */
  readonly why: string;
}

/** One demand of one section. */
export interface Clause {
  /**
   * The document and the section, and a letter where the section demands
   * several things; the first of them may be without. `8725-bis` is a draft.
   */
  readonly id: string;
  readonly level: Level;
  /**
   * How many keywords of RFC 2119 the sentence has; 0 where it demands without
   * them.
   */
  readonly keywords: number;
  /** What is demanded, in our words. */
  readonly says: string;
  /**
   * The file below src that enforces it, for a row that is tested; else the
   * reason.
   */
  readonly met: string | Reason;
}

/**
 * A row as it is written: section, level, number of keywords, what it says, how
 * it is met.
 */
export type ClauseRow = readonly [
  string,
  Level,
  number,
  string,
  string | Reason,
];

/** All rows, in the order of the documents. */
export const coverage: readonly Clause[] = [
  ...withIds("RFC 4648 ", rfc4648Clauses),
  ...withIds("RFC 7515 ", rfc7515Clauses),
  ...withIds("RFC 7518 ", rfc7518Clauses),
  ...withIds("RFC 7519 ", rfc7519Clauses),
  ...withIds("RFC 8725 ", rfc8725Clauses),
  ...withIds("8725-bis ", rfc8725bisClauses),
  ...withIds("", httpClauses),
];

function withIds(document: string, rows: readonly ClauseRow[]): Clause[] {
  return rows.map(([section, level, keywords, says, met]) => {
    return { id: `${document}${section}`, level, keywords, says, met };
  });
}
