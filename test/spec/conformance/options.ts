/**
 * The command line of the conformance suite. Refused, with a word on what to do
 * instead: an unknown option, a module that is not there, two programs at once,
 * a deadline that is no number.
 */

import { existsSync, realpathSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export const help = `Runs the conformance suite for JSON Web Tokens with HS256.

  bun test/conformance.ts [options]
  deno run --allow-all test/conformance.ts [options]

  --implementation FILE  run this module, which exports verify and sign (default: onejot)
  --command "PROGRAM …"  run this program, which speaks JSON lines on stdin and stdout
  --codes                compare the codes of refusals too (always with onejot)
  --only TEXT            run only what has this text in its id, clause or attack
  --vectors DIR          take the cases from this directory (default: test/spec/vectors)
  --wycheproof DIR       also run Wycheproof's json_web_signature_test.json and
                         hmac_sha256_test.json, which lie in this directory
  --deadline MS          how long an answer may take, in milliseconds (default: 5000)
  --json                 print one JSON document in place of the report
  --help                 print this

test/spec/vectors/README.md says what a case is and which JSON lines are spoken. Each question is asked
twice. The exit code is 0 if nothing failed, 1 if something did, 2 if this could not be run.
`;

export interface Options {
  /** What is run: a program and its arguments. */
  readonly command: readonly string[];
  readonly isOnejot: boolean;
  readonly comparesCodes: boolean;
  readonly only: string;
  readonly vectors: string;
  readonly wycheproof: string | null;
  readonly deadlineMilliseconds: number;
  readonly format: "help" | "json" | "text";
}

/** The suite cannot be run as it was called; the message says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the arguments of the command line. A UsageError if they make no sense.
 */
export function readOptions(args: readonly string[]): Options {
  const values = parse(args);
  if (values.implementation !== undefined && values.command !== undefined) {
    throw new UsageError("Give --implementation or --command, not both.");
  }
  if (values.command?.trim() === "") {
    throw new UsageError("--command names no program.");
  }
  const file = values.implementation ?? onejot;
  if (!existsSync(file)) {
    throw new UsageError(
      `There is no module ${file}: give --implementation an existing file.`,
    );
  }
  const isOnejot = values.command === undefined &&
    realpathSync(file) === realpathSync(onejot);
  return {
    command: values.command === undefined
      ? hostOf(file)
      : ["sh", "-c", values.command],
    isOnejot,
    comparesCodes: isOnejot || values.codes === true,
    only: values.only ?? "",
    vectors: values.vectors ??
      fileURLToPath(new URL("../vectors", import.meta.url)),
    wycheproof: values.wycheproof ?? null,
    deadlineMilliseconds: readDeadline(values.deadline ?? "5000"),
    format: readFormat(values),
  };
}

const onejot = fileURLToPath(new URL("onejot.ts", import.meta.url));

interface Values {
  readonly implementation?: string;
  readonly command?: string;
  readonly codes?: boolean;
  readonly only?: string;
  readonly vectors?: string;
  readonly wycheproof?: string;
  readonly deadline?: string;
  readonly json?: boolean;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Values {
  try {
    const options = {
      implementation: { type: "string" },
      command: { type: "string" },
      codes: { type: "boolean" },
      only: { type: "string" },
      vectors: { type: "string" },
      wycheproof: { type: "string" },
      deadline: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    } as const;
    return parseArgs({ args: [...args], options, allowPositionals: false })
      .values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

/**
 * The module runs in a process of its own, on this runtime, so that a hang can
 * be ended.
 */
function hostOf(file: string): readonly string[] {
  const host = fileURLToPath(new URL("host.ts", import.meta.url));
  const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  return [process.execPath, ...runtime, host, file];
}

function readDeadline(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(
    "--deadline needs a number of milliseconds, such as 5000.",
  );
}

function readFormat({ help, json }: Values): Options["format"] {
  if (help === true) return "help";
  return json === true ? "json" : "text";
}
