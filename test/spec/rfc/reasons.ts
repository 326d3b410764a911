/**
 * The three reasons for which a row of the coverage table is not tested.
 */

import type { Reason } from "./coverage.ts";

/** Not part of onejot: refused, or left aside where the RFC says that it is. */
export function unsupported(why: string): Reason {
  return { because: "unsupported", why };
}

/** A rule for producers that `sign` cannot break, whatever it is given. */
export function producer(why: string): Reason {
  return { because: "producer", why };
}

/** A rule for those who use onejot, or for other specifications. */
export function application(why: string): Reason {
  return { because: "application", why };
}
