/**
 * Long lists are given in batches: where one begins and how many it has is said
 * in the query.
 * Refused: a number that is not whole, too small or too great (400).
 */

import { HttpError } from "../http/http.ts";

/** The number of that name in a query, or the fallback where there is none. */
export function readNumber(
  query: URLSearchParams,
  name: string,
  { least, greatest, fallback }: {
    readonly least: number;
    readonly greatest: number;
    readonly fallback: number;
  },
): number {
  if (!query.has(name)) return fallback;
  // Where the name is repeated, the text has a comma and is no number.
  const text = query.getAll(name).join(",");
  const number = Number(text);
  if (/^\d{1,16}$/.test(text) && number >= least && number <= greatest) {
    return number;
  }
  throw new HttpError(
    400,
    `${name} must be a whole number from ${least} to ${greatest}`,
  );
}
