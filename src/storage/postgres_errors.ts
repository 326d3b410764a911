/**
 * What the errors of PostgreSQL's clients mean: whether the connection was lost
 * or the statement is at fault. Only their codes are looked at and told: the
 * messages and members hold values, and the row that a statement was about.
 */

import { DatabaseUnavailable } from "./sql.ts";

/**
 * Runs a function that uses a connection.
 *
 * @throws {DatabaseUnavailable} where the connection was lost
 */
export async function reach<T>(act: () => PromiseLike<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toUnavailable(error);
  }
}

/** The error that is told: of a lost connection one with codes alone. */
export function toUnavailable(error: unknown): unknown {
  if (!isLost(error)) return error;
  const codes = codesOf(error).join(" ");
  return new DatabaseUnavailable(`the database cannot be reached: ${codes}`);
}

/**
 * Says whether the connection, and not the statement, is at fault. Either the
 * server says so by its SQLSTATE, or the client gives a code of its own: then
 * the server said nothing.
 */
export function isLost(error: unknown): boolean {
  // A fault of ours, whatever its code.
  if (error instanceof TypeError || error instanceof RangeError) return false;
  const codes = codesOf(error);
  const state = codes.find((code) => sqlState.test(code));
  if (state === undefined) return codes.length > 0;
  return lostStates.test(state);
}

/** PostgreSQL, appendix A: its classes begin with a digit, F, H, P or X. */
const sqlState = /^[\dFHPX][\dA-Z]{4}$/;

/**
 * The server ends or lacks connections (classes 08, 53 and 57P), has ended this
 * one (25P03), or broke a deadlock or a wait for a lock (40, 55P03).
 */
const lostStates = /^(?:08|53|57P|25P03|40|55P03)/;

/**
 * What clients call an error by: with Bun.SQL the SQLSTATE is in `errno`, with
 * others in `code`.
 */
function codesOf(error: unknown): string[] {
  const { code, errno }: { readonly code?: unknown; readonly errno?: unknown } =
    Object(error);
  return [code, errno].filter((each) => typeof each === "string");
}
