/**
 * Sweeping: what has expired, sessions and counts of failed logins, is removed
 * from the database a few rows at a time, so that each step is short and others
 * go on between two of them.
 */

import {
  currentSecond,
  sessionsSince,
  type SessionStore,
  throttleSeconds,
  type ThrottleStore,
} from "../auth/auth.ts";

/**
 * How many rows of a kind one step of sweeping removes at most: few enough for
 * two milliseconds, during which nothing else is answered.
 */
const rowsOfStep = 50;

/** Begins to sweep; gives what ends it. */
export function sweepInBackground(
  store: SessionStore & ThrottleStore,
): () => void {
  let hasEnded = false;
  const sweep = async () => {
    // Milliseconds until the next step.
    let pause = 60_000;
    try {
      const sessions = await store.sweepSessions({
        before: sessionsSince(),
        limit: rowsOfStep,
      });
      const attempts = await store.sweepThrottle({
        before: currentSecond() - throttleSeconds,
        limit: rowsOfStep,
      });
      // There may be more where a step removed as many as it could.
      if (sessions >= rowsOfStep || attempts >= rowsOfStep) pause = 100;
    } catch {
      // The database is busy or down, which requests tell.
    }
    if (!hasEnded) timer = setTimeout(sweep, pause);
  };
  let timer = setTimeout(sweep, 1000);
  return () => {
    hasEnded = true;
    clearTimeout(timer);
  };
}
