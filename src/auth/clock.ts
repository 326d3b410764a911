/**
 * The clock: whole seconds since 1970, as tokens and the storage have them.
 * Whoever asks a store hands the time to it: a store asks no clock.
 */

/** The time now, in whole seconds since 1970. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1000);
}

/** Seconds since 1970 as a date for people and programs (RFC 3339). */
export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
