/**
 * The clock: whole seconds since 1970, as tokens and the storage have them.
 * Whoever asks a store hands the time to it: a store asks no clock.
 */

/** The time now, in whole seconds since 1970. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * How far ahead of this clock another machine's may be, in seconds: a token
 * without a session may say that it was issued so much later than now.
 */
const leewaySeconds = 2;

/** The last second at which a token may say that it was issued. */
export function lastIssue(): number {
  return currentSecond() + leewaySeconds;
}

/**
 * The second from which on tokens without a session hold that are issued from
 * now on: behind every `iat` that was accepted until now, or such a token would
 * outlive what ends all others. So those of the next two seconds are refused,
 * too.
 */
export function firstIssueAfterNow(): number {
  return lastIssue() + 1;
}

/** Seconds since 1970 as a date for people and programs (RFC 3339). */
export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
