/**
 * The registered claims that are times (RFC 7519 §4.1.4 to §4.1.6), in UTC and
 * in words.
 */

import { WrittenNumber } from "./written_number.ts";

/** A claim that is a time, and in words how far away it is. */
export interface ClaimTime {
  /** In seconds since 1970. */
  readonly seconds: number;
  /** Such as `2026-01-31 12:00:00 UTC`. */
  readonly utc: string;
  /** Such as `expires in 14 minutes`. */
  readonly words: string;
}

/** What is said of a claim whose time has come, and whose has not. */
const verbs: ReadonlyMap<
  string,
  { readonly past: string; readonly future: string }
> = new Map([
  ["exp", { past: "expired", future: "expires" }],
  ["nbf", { past: "valid since", future: "valid" }],
  ["iat", { past: "issued", future: "issued" }],
]);

const units = [
  { name: "day", seconds: 86_400 },
  { name: "hour", seconds: 3600 },
  { name: "minute", seconds: 60 },
] as const;

/**
 * Reads a time claim; null for what is none, and beyond what a Date can hold.
 *
 * @param now in seconds since 1970, as the claim is
 */
export function claimTime(
  name: string,
  value: unknown,
  now: number,
): ClaimTime | null {
  const verb = verbs.get(name);
  if (verb === undefined || !(value instanceof WrittenNumber)) return null;
  const seconds = value.value;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const verbNow = seconds <= now ? verb.past : verb.future;
  return {
    seconds,
    utc: utcOf(date),
    words: `${verbNow} ${relativeTime(seconds - now)}`,
  };
}

/** ISO 8601 for people, without milliseconds where there are none. */
function utcOf(date: Date): string {
  const iso = date.toISOString().replace("T", " ");
  return iso.replace(/(?:\.000)?Z$/, " UTC");
}

/** "in 14 minutes", "3 days ago": in the greatest unit that is there twice. */
function relativeTime(seconds: number): string {
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const unit of units) {
    if (Math.abs(seconds) < 2 * unit.seconds) continue;
    return format.format(Math.round(seconds / unit.seconds), unit.name);
  }
  return format.format(Math.round(seconds), "second");
}
