/**
 * What is logged of a fault: where it arose and its SQLSTATE.
 * Refused: its message, which could quote what a client has sent, or hold a row
 * of the database.
 */

import { isUnavailable } from "../auth/auth.ts";
import type { Log } from "../http/http.ts";

/** Logs what was thrown while the request with that id was answered. */
export function logFault(
  log: Log,
  { error, requestId }: {
    readonly error: unknown;
    readonly requestId: string;
  },
): void {
  const time = new Date().toISOString();
  const level = "error";
  const id = requestId;
  if (isUnavailable(error)) {
    log.write({ time, level, message: error.message, id });
    return;
  }
  const name = error instanceof Error ? error.name : typeof error;
  const fault = `${name} ${sqlStateOf(error)}`.trim();
  const at = error instanceof Error ? framesOf(error) : "";
  log.write({ time, level, fault, at, id });
}

/**
 * The first lines of a stack that say where. It begins with the message, which
 * can have several lines, so what counts is what stands behind the message.
 */
function framesOf({ stack = "", message }: Error): string {
  const behindMessage = stack.split(`${message}\n`).slice(1).join("\n");
  const frames = behindMessage.trim().split(/\s*\n\s*/);
  return frames.slice(0, 8).join(" | ");
}

/** The SQLSTATE, which Bun.SQL has in `errno`; empty where there is none. */
function sqlStateOf(error: unknown): string {
  const code = String(Object(error).errno);
  return /^[\dA-Z]{5}$/.test(code) ? code : "";
}
