/**
 * Keeps one contender busy, one operation at a time or with that many promises
 * in flight, and tells how many operations it did in a second.
 */

import type { Contender, Sample } from "./token_contenders.ts";

/** One contender, kept busy. It goes on with the samples where it stopped. */
export class Driver {
  readonly #contender: Contender;
  readonly #samples: readonly Sample[];
  readonly #inFlight: number;
  #next = 0;
  #left = 0;
  #operations = 64;

  constructor(
    contender: Contender,
    samples: readonly Sample[],
    inFlight: number,
  ) {
    this.#contender = contender;
    this.#samples = samples;
    this.#inFlight = inFlight;
  }

  /**
   * Finds out how many operations a round of that length takes, and runs one
   * such round.
   */
  async warmUp(roundMilliseconds: number): Promise<void> {
    let speed = await this.runRound();
    while (this.#operations / speed * 1000 < roundMilliseconds / 2) {
      this.#operations *= 2;
      speed = await this.runRound();
    }
    this.#operations = Math.ceil(speed * roundMilliseconds / 1000);
    await this.runRound();
  }

  /** Runs a round and returns the operations per second. */
  async runRound(): Promise<number> {
    this.#left = this.#operations;
    const start = performance.now();
    if (this.#contender.isSynchronous) {
      while (this.#left-- > 0) this.#contender.run(this.#sample());
    } else if (this.#inFlight === 1) {
      await this.#keepGoing();
    } else {
      await Promise.all(
        Array.from({ length: this.#inFlight }, () => this.#keepGoing()),
      );
    }
    return this.#operations / (performance.now() - start) * 1000;
  }

  async #keepGoing(): Promise<void> {
    while (this.#left-- > 0) await this.#contender.run(this.#sample());
  }

  #sample(): Sample {
    if (this.#next >= this.#samples.length) this.#next = 0;
    // Below the length, which is never 0.
    return this.#samples[this.#next++] as Sample;
  }
}
