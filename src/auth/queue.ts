/**
 * A queue for work that fills a processor core: so many jobs at once, so many waiting behind them.
 * Refused: whatever comes beyond that (503 with Retry-After).
 */

import { HttpError } from "../http/http.ts";

/** How many jobs a queue runs at once, and how many it lets wait. */
export interface QueueLimits {
  readonly maxActive: number;
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

  /** Throws an HttpError 503 when too many are waiting, a second later: so a flood comes slowly. */
  async requireRoom(): Promise<void> {
    const refusal = this.#refusal();
    if (refusal === null) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    throw refusal;
  }

  /** Runs a job when its turn comes. Throws an HttpError 503, at once, when too many are waiting. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    const refusal = this.#refusal();
    if (refusal !== null) throw refusal;
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

  #refusal(): HttpError | null {
    const { maxActive, maxWaiting } = this.#limits;
    const isFull = this.#active >= maxActive && this.#waiting.length >= maxWaiting;
    return isFull ? new HttpError(503, undefined, { "retry-after": "5" }) : null;
  }
}
