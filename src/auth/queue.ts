/**
 * A queue for jobs that fill a processor core: a few run at once, some wait, in
 * the order in which they came.
 * Refused: whatever comes when too many are waiting (503). Most of it are
 * logins, so that the refusal also says how a login ended: busy.
 */

import { LoginRefusal } from "./refusal.ts";

/** How many jobs a queue runs at once, and how many it lets wait. */
export interface QueueLimits {
  /** As many run at once; 1 or more. */
  readonly maxActive: number;
  /** As many wait for their turn; 0 or more. */
  readonly maxWaiting: number;
}

/** Runs jobs, a few at once. */
export class Queue {
  readonly #limits: QueueLimits;
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  /** Makes an empty queue. */
  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** The number of jobs that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Makes sure that a job would not be refused now.
   *
   * @throws {HttpError} 503 where too many are waiting: a second later, so that
   * a flood comes slowly
   */
  async requireRoom(): Promise<void> {
    if (!this.#isFull()) return;
    const refusal = busy();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    throw refusal;
  }

  /**
   * Runs a job when its turn comes, and settles as the job does.
   *
   * @throws {HttpError} 503, at once, where too many are waiting
   */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#isFull()) throw busy();
    if (this.#active < this.#limits.maxActive) {
      this.#active++;
    } else {
      // Whoever ends hands its place on: so `#active` stays what it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#active--;
      else next();
    }
  }

  #isFull(): boolean {
    const { maxActive, maxWaiting } = this.#limits;
    return this.#active >= maxActive && this.#waiting.length >= maxWaiting;
  }
}

function busy(): LoginRefusal {
  return new LoginRefusal("busy", 503, { headers: { "retry-after": "5" } });
}
