/**
 * A clock that stands still until it is set forward, in place of the system's:
 * what happens within a second, after 30 seconds and after 30 days takes no
 * time to test.
 */

export interface Clock {
  /** Whole seconds since 1970. */
  readonly seconds: number;
  advance(seconds: number): void;
}

/**
 * Runs a function by such a clock, and puts the system's back whatever happens.
 */
export async function withClock(
  run: (clock: Clock) => Promise<void>,
): Promise<void> {
  const systemClock = Date.now;
  let milliseconds = Math.floor(systemClock() / 1000) * 1000 + 500;
  Date.now = () => milliseconds;
  try {
    await run({
      get seconds() {
        return Math.floor(milliseconds / 1000);
      },
      advance(seconds) {
        milliseconds += seconds * 1000;
      },
    });
  } finally {
    Date.now = systemClock;
  }
}
