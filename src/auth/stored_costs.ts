/**
 * What the password hashes in a database cost: a failed login must cost the
 * same whoever it is for, so all of it counts. The database is asked, and not
 * what this process has happened to see: a few statements, as all hashes of one
 * cost lie together in the order of their texts.
 */

import { currentSecond } from "./clock.ts";
import {
  type Argon2idCost,
  type HashCost,
  readCost,
  writeCost,
} from "./password_hash.ts";
import type { UserStore } from "./store.ts";

/** Where password hashes are. */
export type HashStore = Pick<UserStore, "findPasswordHash">;

/** How long it is known what hashes there are, in seconds. */
const secondsUntilNextLook = 60;

/** The most statements of one look; a database has a handful of costs. */
const maxSteps = 100;

/**
 * All that a failure derives. A hash of PBKDF2 that is cheaper than the
 * costliest is made up for by the iterations between; of Argon2id there is no
 * such thing, so one of each cost counts.
 */
interface Work {
  readonly argon2id: ReadonlyMap<string, Argon2idCost>;
  /** Of PBKDF2; 0 where there is none. */
  readonly iterations: number;
}

const noWork: Work = { argon2id: new Map(), iterations: 0 };

/** What a failed check of a password must cost. */
export class StoredCosts {
  readonly #store: HashStore;
  /** The cost of a new hash. */
  readonly #today: HashCost;
  #work: Work;
  #firstLook: Promise<void> | null = null;
  #lookedAt = 0;

  /** Makes one that has not looked yet. */
  constructor(store: HashStore, today: HashCost) {
    this.#store = store;
    this.#today = today;
    this.#work = withCost(noWork, today);
  }

  /**
   * Makes sure that the database was asked, and has it asked again, in the
   * background, where that was long ago: so failures cost less when the last
   * old hash is gone.
   */
  async look(): Promise<void> {
    if (this.#firstLook === null) {
      this.#firstLook = this.#lookNow();
      // The next one tries again.
      this.#firstLook.catch(() => this.#firstLook = null);
    } else if (currentSecond() - this.#lookedAt >= secondsUntilNextLook) {
      // What is known still holds; who needs the database is told of it.
      this.#lookNow().catch(() => {});
    }
    await this.#firstLook;
  }

  /** Adds a hash that was read, which may be newer than the last look. */
  note(cost: HashCost): void {
    this.#work = withCost(this.#work, cost);
  }

  /** What a failure has still to derive after a hash of that cost, or none. */
  workAfter(done: HashCost | null): readonly HashCost[] {
    const { argon2id, iterations } = this.#work;
    const rest: HashCost[] = [];
    for (const [text, cost] of argon2id) {
      if (done === null || text !== writeCost(done)) rest.push(cost);
    }
    const missing = done?.scheme === "pbkdf2"
      ? iterations - done.iterations
      : iterations;
    if (missing > 0) rest.push({ scheme: "pbkdf2", iterations: missing });
    return rest;
  }

  async #lookNow(): Promise<void> {
    this.#lookedAt = currentSecond();
    let work = withCost(noWork, this.#today);
    for await (const cost of costsIn(this.#store)) work = withCost(work, cost);
    this.#work = work;
  }
}

function withCost({ argon2id, iterations }: Work, cost: HashCost): Work {
  if (cost.scheme === "pbkdf2") {
    return { argon2id, iterations: Math.max(iterations, cost.iterations) };
  }
  return {
    argon2id: new Map([...argon2id, [writeCost(cost), cost]]),
    iterations,
  };
}

/** The costs of the hashes in a database, a statement for each of them. */
async function* costsIn(store: HashStore): AsyncGenerator<HashCost> {
  let after = "";
  for (let step = 0; step < maxSteps; step++) {
    const hash = await store.findPasswordHash(after);
    if (hash === null) return;
    const cost = readCost(hash);
    if (cost !== null) yield cost;
    // "~" comes after all that a hash has behind its cost.
    after = cost === null ? hash : `${writeCost(cost)}~`;
  }
}
