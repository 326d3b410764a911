/**
 * The log of what happens to accounts and sessions: a line for each login,
 * right or wrong, for each end of sessions, for each refresh token that came
 * again, and for each act of an administrator, with who did what to whom.
 * Refused: everything but ids out of the database and words out of closed sets,
 * which is all that an event has. Who reads the log learns no e-mail address.
 *
 * A request brings on one of these lines at most, in addition to that of the
 * access log: so a flood fills no disk sooner than it does anyway.
 */

import type { EventOrigin, OnEvent, SecurityEvent } from "../auth/auth.ts";
import type { Log, LogRecord } from "../http/http.ts";

/** Makes what writes events to a log. */
export function logEvents(log: Log): OnEvent {
  return (event, origin) => log.write(recordOf(event, origin));
}

function recordOf(
  { userId, ...rest }: SecurityEvent,
  { remoteAddress, requestId }: EventOrigin,
): LogRecord {
  return {
    time: new Date().toISOString(),
    level: isSuspicious(rest) ? "warning" : "info",
    ...rest,
    user: userId ?? "none",
    address: remoteAddress,
    id: requestId,
  };
}

/** Says whether somebody may be at work who should not be. */
function isSuspicious(event: Omit<SecurityEvent, "userId">): boolean {
  if (!("outcome" in event)) return false;
  // An answer may have been lost: a token comes again on bad connections, too.
  return event.outcome !== "right" && event.outcome !== "repeated";
}
