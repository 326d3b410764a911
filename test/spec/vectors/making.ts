/**
 * Puts cases together: rows of one ground, which is a clause, an attack, or
 * both. The level comes from the clause's row in the coverage table; without a
 * clause, or where it says so, it is hardening.
 */

import { coverage } from "../rfc/coverage.ts";
import type { Case } from "../conformance/corpus.ts";
import { encoded, secret } from "./forge.ts";

/** What cases rest on. */
export interface Ground {
  readonly clause?: string;
  readonly attack?: string;
  /** Where the cases ask for more than the clause does. */
  readonly isHardening?: true;
  readonly why: string;
}

/** What a case has beside its token and its outcome. */
export interface More {
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly secret?: Case["secret"] | Uint8Array;
}

/**
 * A case's name, its token, and how it ends: "accept", the code of a refusal,
 * or TypeError or RangeError for misuse.
 */
export type Row = readonly [
  name: string,
  token: unknown,
  outcome: string,
  more?: More,
];

/** What stands for a value that JSON does not have. */
export function special(
  name: "undefined" | "NaN" | "Infinity" | "-Infinity",
): { $: string } {
  return { $: name };
}

/** Cases for a verifier. The ids begin with the prefix. */
export function verifying(
  prefix: string,
  ground: Ground,
  rows: readonly Row[],
): Case[] {
  return rows.map(([name, token, outcome, more = {}]) => ({
    ...beginning(prefix, name, ground, more),
    token,
    policy: more.policy ?? {},
    ...ending(outcome, ground, more),
  }));
}

/** Cases for a signer: in place of a token there are claims. */
export function signing(
  prefix: string,
  ground: Ground,
  rows: readonly Row[],
): Case[] {
  return rows.map(([name, claims, outcome, more = {}]) => ({
    ...beginning(prefix, name, ground, more),
    sign: Object(claims),
    ...ending(outcome, ground, more),
  }));
}

function beginning(prefix: string, name: string, ground: Ground, more: More) {
  const { secret: key = secret } = more;
  const words = `${prefix} ${name}`.toLowerCase().replace(
    /[^a-z0-9.#_+]+/g,
    "-",
  );
  return {
    id: words.replace(/^-|-$/g, ""),
    ...(ground.clause === undefined ? {} : { clause: ground.clause }),
    ...(ground.attack === undefined ? {} : { attack: ground.attack }),
    level: levelOf(ground),
    secret: key instanceof Uint8Array ? encoded(key) : key,
  };
}

function ending(outcome: string, ground: Ground, { claims }: More) {
  const isMisuse = ["TypeError", "RangeError"].includes(outcome);
  return {
    expect: outcome === "accept" ? outcome : isMisuse ? "misuse" : "refuse",
    ...(claims === undefined ? {} : { claims }),
    ...(outcome === "accept" ? {} : { code: outcome }),
    why: ground.why,
  } as const;
}

function levelOf({ clause, isHardening }: Ground): Case["level"] {
  if (clause === undefined || isHardening) return "hardening";
  const row = coverage.find(({ id }) => id === clause);
  if (row === undefined) {
    throw new Error(`The coverage table has no row ${clause}.`);
  }
  if (row.level !== "SHOULD NOT") return row.level;
  throw new Error(`No case rests on a SHOULD NOT such as ${clause}.`);
}
