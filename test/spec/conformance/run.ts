/**
 * Puts every question to the program, twice, and judges the answers. A hang, a
 * crash, a fault and a changed answer fail the one check that met them; the
 * others are run all the same, unless there is no use in it: the program
 * answers nothing at all, or it hangs time after time.
 */

import type { Message } from "./answer.ts";
import { type Check, isSameJson } from "./judge.ts";
import type { Program } from "./program.ts";

export const outcomes = ["passed", "failed", "skipped", "disputed"] as const;

export interface Result {
  readonly check: Check;
  readonly outcome: typeof outcomes[number];
  /** The first answer, if there was one. */
  readonly answer: Message | null;
  /** What came, in words. */
  readonly came: string;
}

export interface Run {
  readonly results: readonly Result[];
  /**
   * Why the run was ended before everything was asked, or null; what was not
   * asked has failed.
   */
  readonly stopped: string | null;
}

/** What the questions are put to: a {@link Program}, or what stands for one. */
export type Asked = Pick<Program, "ask" | "end">;

/** What came of a check that was not asked any more. */
export const notAsked = "it was not asked";

/**
 * Runs all checks. `show` is called after each, with the numbers of those that
 * are done and failed.
 */
export async function runChecks(
  checks: readonly Check[],
  program: Asked,
  show: (done: number, failed: number) => void,
): Promise<Run> {
  const results: Result[] = [];
  let failed = 0;
  let hangs = 0; // in a row
  let stopped: string | null = null;
  for (const check of checks) {
    const { end, ...result } = await runCheck(check, program);
    if (end === "dead") {
      stopped = `The program does not answer a plain question: ${result.came}.`;
    }
    if (stopped !== null) break;
    results.push(result);
    if (result.outcome === "failed") failed++;
    show(results.length, failed);
    hangs = end === "hang" ? hangs + 1 : 0;
    if (hangs === 20) {
      stopped = `The program hangs: ${hangs} questions in a row had no answer.`;
    }
  }
  program.end();
  const others = checks.slice(results.length).map((check): Result => {
    return { check, outcome: "failed", answer: null, came: notAsked };
  });
  return { results: [...results, ...others], stopped };
}

/** A result, and how the process ended over it, if it did. */
type Ending = Result & { readonly end: "hang" | "broken" | "dead" | null };

async function runCheck(check: Check, program: Asked): Promise<Ending> {
  const first = await program.ask(check.question);
  if (first.kind !== "answer") {
    return {
      check,
      outcome: "failed",
      answer: null,
      came: first.what,
      end: first.kind,
    };
  }
  const { answer } = first;
  const failure = {
    check,
    outcome: "failed",
    answer,
    came: describe(answer),
    end: null,
  } as const;
  if ("fault" in answer) {
    // Whatever went wrong may go on, such as a prototype that stays polluted.
    program.end();
    return failure;
  }
  const second = await program.ask(check.question);
  if (second.kind !== "answer") {
    return {
      ...failure,
      came: `${failure.came}, asked again: ${second.what}`,
      end: second.kind,
    };
  }
  if (!isSameJson(answer, second.answer)) {
    // Or one of the two was an answer to no question, and the others would
    // follow it.
    program.end();
    return {
      ...failure,
      came: `${failure.came}, asked again: ${describe(second.answer)}`,
    };
  }
  return { ...failure, ...judgeAnswer(check, answer) };
}

function judgeAnswer(
  check: Check,
  answer: Message,
): Pick<Result, "outcome" | "came"> {
  const came = describe(answer);
  if ("unsupported" in answer) return { outcome: "skipped", came };
  if (check.isDisputed) return { outcome: "disputed", came };
  const complaint = check.judge(answer);
  return complaint === null
    ? { outcome: "passed", came }
    : { outcome: "failed", came: `${came} (${complaint})` };
}

function describe(answer: Message): string {
  const text = JSON.stringify(answer);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
