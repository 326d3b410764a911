/**
 * What an adapter to a runtime's HTTP server offers, the same for every runtime, and the wait with a
 * deadline that stopping a server and reading a body have in common.
 */
/** Waits for a promise, but no longer than that; says whether it was settled in time. */
export function isSettledWithin(seconds, promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), seconds * 1000);
    const cleared = promise.finally(() => clearTimeout(timer)); // or it would hold up the exit
    cleared.then(() => resolve(true), reject);
  });
}
