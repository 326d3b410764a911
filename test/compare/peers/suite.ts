/**
 * Runs the conformance suite on a library and says which cases it holds. What
 * is asked of a peer is that it takes what is good and does not take what is
 * bad: with which error is its own affair.
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { run } from "../../support/process.ts";
import { type Case, readCorpus } from "../../spec/conformance/corpus.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The cases of the corpus. */
export const corpus: readonly Case[] = readCorpus(`${root}test/spec/vectors`);

/** `none`: the library has no option for what the case asks. */
export type Verdict = "held" | "failed" | "none";

/**
 * Runs the suite with these arguments beside --json; a verdict for each case of
 * the corpus.
 */
export async function runSuite(
  args: readonly string[],
): Promise<ReadonlyMap<string, Verdict>> {
  const { stopped, cases } = Object(JSON.parse(await printedBySuite(args)));
  if (stopped !== null || !Array.isArray(cases)) {
    throw new Error(`The suite stopped: ${stopped}`);
  }
  const results = new Map(
    cases.map((result): [string, Result] => [result.id, result]),
  );
  return new Map(corpus.map((asked) => {
    const result = results.get(asked.id);
    if (result === undefined) {
      throw new Error(`The suite did not run ${asked.id}.`);
    }
    return [asked.id, verdictOf(asked, result)];
  }));
}

/** A case as the suite reports it. */
interface Result {
  readonly outcome: string;
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly came: string;
}

function verdictOf(
  { expect, sign }: Case,
  { outcome, answer, came }: Result,
): Verdict {
  if (outcome === "skipped") return "none";
  if (outcome === "passed") return "held";
  // A crash, another answer.
  if (answer === null || came.includes("asked again")) return "failed";
  // It took nothing.
  if (expect !== "accept") return "misuse" in answer ? "held" : "failed";
  return sign !== undefined && saysMoreByIat(answer["token"], sign)
    ? "held"
    : "failed";
}

/** A signer may put an iat to the claims. */
function saysMoreByIat(token: unknown, claims: unknown): boolean {
  if (typeof token !== "string") return false;
  const [, payload = ""] = token.split(".");
  const { iat, ...others } = JSON.parse(
    Buffer.from(payload, "base64url").toString(),
  );
  return typeof iat === "number" && isDeepStrictEqual(others, claims);
}

/** What the suite prints, on this runtime; that cases failed is no error. */
async function printedBySuite(args: readonly string[]): Promise<string> {
  const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const suite = [...runtime, "test/conformance.ts", "--json", ...args];
  const { code, stdout } = await run([process.execPath, ...suite], {
    cwd: root,
    env: process.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (code === 0 || code === 1) return stdout;
  throw new Error(`The suite ended with code ${code}.`);
}
