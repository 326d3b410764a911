/**
 * A sample of the mutants, the same each time: one from each line, then a
 * second one from each, and so on. Which one is decided by a hash, so that a
 * change elsewhere moves nothing in or out of it.
 */

import { createHash } from "node:crypto";
import { keyOf, type Mutant } from "./mutant.ts";

/** At most that many of the mutants, in their order. */
export function sample(mutants: readonly Mutant[], count: number): Mutant[] {
  const places = new Map<string, number>();
  const ranked = mutants.map((mutant) => ({ mutant, hash: hash(mutant) }))
    .toSorted((one, other) => one.hash < other.hash ? -1 : 1)
    .map(({ mutant }) => {
      const line = `${mutant.file}:${mutant.lineNumber}`;
      const round = places.get(line) ?? 0;
      places.set(line, round + 1);
      return { mutant, round };
    });
  const chosen = new Set(
    ranked.toSorted((one, other) => one.round - other.round).slice(0, count)
      .map(({ mutant }) => mutant),
  );
  return mutants.filter((mutant) => chosen.has(mutant));
}

function hash(mutant: Mutant): string {
  return createHash("sha256").update(keyOf(mutant)).digest("hex");
}
