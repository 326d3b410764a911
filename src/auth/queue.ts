/**
 * A queue for work that fills a processor core: so many jobs at once, so many waiting behind them.
 * Refused: whatever comes beyond that (503 with Retry-After).
 */

import { HttpError } from "../http/http.ts";

/** How much a queue does at once, and how much it lets wait. */
export interface QueueLimits {
  /** The greatest number of jobs at once. */
  readonly maxActive: number;
  /** The greatest number of jobs that wait. */
  readonly maxWaiting: number;
}

/** Runs jobs in the order in which they came. */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  /** Makes an empty queue. */
  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Throws an HttpError 503 when too many are waiting. */
  requireRoom(): void {
    const isFull = this.#active >= this.#limits.maxActive &&
      this.#waiting.length >= this.#limits.maxWaiting;
    if (isFull) throw new HttpError(503, undefined, { "retry-after": "5" });
  }

  /**
   * Runs a job when its turn comes.
   *
   * @throws {HttpError} 503, at once, when too many are waiting
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    this.requireRoom();
    if (this.#active < this.#limits.maxActive) {
      this.#active++;
    } else {
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // the place is handed on
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#active--;
      else next();
    }
  }
}
