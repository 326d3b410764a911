/**
 * Shows an inspection: the three verdicts, the header and the claims, and how
 * far away the times are. What is shown already is left alone, so that what
 * somebody has selected stays selected and a screen reader says nothing twice.
 * Claims that are shown without a signature that holds are called what they
 * are: nothing proves them.
 */

import { claimTime } from "../inspect/claim_time.ts";
import type { Inspection, Verdict } from "../inspect/inspect.ts";
import { meanings } from "../inspect/meanings.ts";
import { printable } from "../inspect/printable.ts";
import { hintOnNumbers } from "../inspect/written_number.ts";
import { find, make, say } from "./elements.ts";

/** The parts that are shown, as JSON. */
let shownParts = "";

/** One for each time that is shown: says how far away it is. */
let showTimes: ((now: number) => void)[] = [];

/**
 * Shows an inspection, or takes the last one away.
 *
 * @param now in seconds since 1970
 */
export function showInspection(
  inspection: Inspection | null,
  now: number,
): void {
  find("no-token", HTMLElement).hidden = inspection !== null;
  showVerdict("wellFormed", inspection?.wellFormed ?? null);
  showVerdict("signature", inspection?.signature ?? null);
  showVerdict("accepted", inspection?.accepted ?? null);
  const title = inspection?.signature.answer === "yes"
    ? "Claims"
    : "Claims that nothing proves";
  say(find("claims-title", HTMLElement), title);
  showParts(inspection?.parts ?? null);
  for (const showTime of showTimes) showTime(now);
}

function showVerdict(id: string, verdict: Verdict | null): void {
  const answer = verdict?.answer ?? "";
  const reason = verdict?.reason ?? "";
  const place = find(id, HTMLElement).lastElementChild;
  if (place?.textContent === answer + reason) return;
  place?.replaceChildren(make("strong", answer, answer), make("p", "", reason));
}

function showParts(parts: Inspection["parts"]): void {
  const json = JSON.stringify(parts);
  if (json === shownParts) return;
  shownParts = json;
  showTimes = [];
  find("parts", HTMLElement).hidden = parts === null;
  const header = parts === null ? {} : parts.header;
  const claims = parts === null ? {} : parts.claims;
  showMembers("header", header);
  showMembers("claims", claims);
  if (!Object.hasOwn(claims, "exp")) {
    const never = make("p", "", "It never expires.");
    find("claims", HTMLElement).append(makeRow("no exp", "", [never]));
  }
}

function showMembers(id: "header" | "claims", members: object): void {
  const rows = Object.entries(members).map(([name, value]) => {
    const below: HTMLElement[] = [];
    const meaning = meanings[id].get(name);
    if (meaning !== undefined) below.push(make("p", "", meaning));
    const time = id === "claims" ? makeTime(name, value) : null;
    if (time !== null) below.push(time);
    const hint = hintOnNumbers(value);
    if (hint !== "") below.push(make("p", "", hint));
    const printableName = printable(name).slice(1, -1); // without its quotes
    return makeRow(printableName, printable(value, 2), below);
  });
  find(id, HTMLElement).replaceChildren(...rows);
}

function makeRow(
  name: string,
  value: string,
  below: readonly HTMLElement[],
): HTMLElement {
  return make("div", "", make("dt", "", name), make("dd", "", value, ...below));
}

/**
 * A claim's time in UTC, in words and as a countdown; null for what is no time.
 * The words and the countdown are elements of their own, because they alone
 * change from second to second.
 */
function makeTime(name: string, value: unknown): HTMLElement | null {
  const time = claimTime(name, value, 0);
  if (time === null) return null;
  const words = make("span", "");
  const countdown = make("span", "countdown");
  showTimes.push((now) => {
    say(words, claimTime(name, value, now)?.words ?? "");
    say(countdown, name === "iat" ? "" : countdownOf(time.seconds - now));
  });
  return make("p", "", `${time.utc}, `, words, countdown);
}

/**
 * " (14:59)", " (3:00:00)"; empty for what is past, or further away than a day.
 */
function countdownOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole <= 0 || whole > 86_400) return "";
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = twoDigits(whole % 60);
  if (hours === 0) return ` (${minutes}:${rest})`;
  return ` (${hours}:${twoDigits(minutes)}:${rest})`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, "0");
}
