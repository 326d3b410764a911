/**
 * The places at a client's connections: so many use one at once, and the others
 * wait in the order in which they came.
 * Refused: whoever has waited too long. auth has a queue, too, for work that
 * fills the processor: that one refuses by the number of those who wait, and at
 * once, where here time is the bound and those who gave up must leave the line.
 */

import { DatabaseUnavailable } from "./sql.ts";

/** How many places there are, and how long one waits for a place. */
export interface PlaceLimits {
  readonly places: number;
  readonly waitSeconds: number;
}

/** Places at connections, all free at first. */
export class ConnectionPlaces {
  readonly #waitSeconds: number;
  /** Each is called when its place is free; a set keeps them in their order. */
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor({ places, waitSeconds }: PlaceLimits) {
    this.#free = places;
    this.#waitSeconds = waitSeconds;
  }

  /**
   * Runs a function as soon as there is a place for it.
   *
   * @throws {DatabaseUnavailable} there was none for too long
   */
  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#wait();
    try {
      return await act();
    } finally {
      this.#leave();
    }
  }

  async #wait(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve);
      reject(
        new DatabaseUnavailable("the database's connections are all in use"),
      );
    }, this.#waitSeconds * 1000);
    this.#waiting.add(resolve);
    await promise.finally(() => clearTimeout(timer));
  }

  /** Hands the place on to who has waited longest, or else gives it back. */
  #leave(): void {
    for (const takePlace of this.#waiting) {
      this.#waiting.delete(takePlace);
      takePlace();
      return;
    }
    this.#free++;
  }
}
