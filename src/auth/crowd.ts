/**
 * Those who try to log in at the same moment. Where they are many, whoever is
 * turned away is told so later: an answer that costs nothing brings the next
 * attempt at once, and so many of them take the event loop from the few that
 * get in.
 */

/** How many at once are no crowd. */
const mostAtOnce = 16;

/** Counts those who are there. */
export class Crowd {
  #size = 0;

  /** Runs a function for somebody who is there until it settles. */
  async enter<T>(act: () => Promise<T>): Promise<T> {
    this.#size++;
    try {
      return await act();
    } finally {
      this.#size--;
    }
  }

  /** Waits, where there are many. */
  async slowDown(): Promise<void> {
    if (this.#size > mostAtOnce) await pauseOfFlood();
  }
}

/**
 * Waits for one second to two, so that a flood comes slowly; not for the same
 * time, so that those who wait do not come back all at once.
 */
export function pauseOfFlood(): Promise<void> {
  const milliseconds = 1000 + 1000 * Math.random();
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
