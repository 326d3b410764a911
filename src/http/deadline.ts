/**
 * Waiting no longer than a deadline, which stopping a server, asking whether it
 * is ready and reading a body have in common.
 */

/**
 * Waits for a promise, but no longer than so many seconds.
 *
 * @returns true where the promise was fulfilled in time, else false
 * @throws what the promise is rejected with, where that is in time
 */
export function isSettledWithin(
  seconds: number,
  promise: Promise<unknown>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    // A timer that is left behind would hold up the end of the process.
    const cleared = promise.finally(() => clearTimeout(timer));
    cleared.then(() => resolve(true), reject);
  });
}
