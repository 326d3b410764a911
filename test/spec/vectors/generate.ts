/**
 * Makes the corpus, the same on every run: `bun test/spec/vectors/generate.ts`
 * (or `deno run -A`) writes the files, and corpus.test.ts holds them to what
 * this makes.
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Case } from "../conformance/corpus.ts";
import { attacks } from "./make_attacks.ts";
import { claims } from "./make_claims.ts";
import { examples } from "./make_examples.ts";
import { headers } from "./make_header.ts";
import { issuers, refusedIssuers } from "./make_issuers.ts";
import { payloads } from "./make_payload.ts";
import { policies } from "./make_policy.ts";
import { signatures } from "./make_signature.ts";
import { signings } from "./make_signing.ts";
import { structure } from "./make_structure.ts";

/** The files' texts by their names. */
export function makeCorpus(): Record<string, string> {
  const files: Record<string, readonly Case[]> = {
    "attacks.json": attacks,
    "claims.json": claims,
    "examples.json": examples,
    "header.json": headers,
    "issuers.json": issuers,
    "issuers_refused.json": refusedIssuers,
    "payload.json": payloads,
    "policy.json": policies,
    "signature.json": signatures,
    "signing.json": signings,
    "structure.json": structure,
  };
  const seen = new Map<string, number>();
  const texts = Object.entries(files).map((
    [name, cases],
  ) => [name, toText(withOwnIds(cases, seen))]);
  return Object.fromEntries(texts);
}

/** Where a case has the id of one before it, a number behind its own. */
function withOwnIds(cases: readonly Case[], seen: Map<string, number>): Case[] {
  return cases.map((found) => {
    const count = (seen.get(found.id) ?? 0) + 1;
    seen.set(found.id, count);
    return count === 1 ? found : { ...found, id: `${found.id}-${count}` };
  });
}

/** JSON in ASCII alone, so that nothing in it is invisible. */
function toText(cases: readonly Case[]): string {
  const json = JSON.stringify(cases, null, 2);
  return `${json.replace(/[\x7f-\uffff]/g, escaped)}\n`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

if (import.meta.main) {
  const folder = fileURLToPath(new URL("./", import.meta.url));
  for (const [name, text] of Object.entries(makeCorpus())) {
    writeFileSync(folder + name, text);
  }
}
