/**
 * The real conformance suite as a process of its own, on the runtime that runs
 * the tests, over a small corpus and modules that a test writes into a
 * directory of its own.
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  type Finished,
  type Program,
  startProgram,
} from "../../support/process.ts";
import { withFolder } from "../../support/temp.ts";
import type { Case } from "./corpus.ts";

/** A key for tests alone, in base64url. */
export const secret: string = encoded("0123456789abcdef0123456789ABCDEF");

/** How the suite ended. */
export interface FinishedSuite extends Finished {
  readonly lastLine: string;
}

/** Runs the suite with these arguments to its end. */
export async function runSuite(
  ...args: readonly string[]
): Promise<FinishedSuite> {
  const { ended, output } = startSuite(...args);
  const code = await ended;
  const lastLine = output.stdout.trimEnd().split("\n").at(-1) ?? "";
  return { code, ...output, lastLine };
}

/** Starts the suite with these arguments. */
export function startSuite(...args: readonly string[]): Program {
  const suite = fileURLToPath(new URL("../../conformance.ts", import.meta.url));
  const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  return startProgram([process.execPath, ...runtime, suite, ...args], {
    env: { ...process.env, NO_COLOR: "1" },
  });
}

/** A directory with a corpus and a module, by the options that name them. */
export interface Folder {
  readonly path: string;
  /** `--vectors` and the directory of the cases. */
  readonly vectors: readonly [string, string];
  /** `--implementation` and the module. */
  readonly implementation: readonly [string, string];
}

/** Writes the cases and the module's text, and hands on where they are. */
export async function withCorpus<T>(
  cases: unknown,
  module: string,
  use: (folder: Folder) => Promise<T>,
): Promise<T> {
  return await withFolder(async (path) => {
    const vectors = join(path, "vectors");
    const file = join(path, "implementation.ts");
    mkdirSync(vectors);
    writeFileSync(join(vectors, "cases.json"), JSON.stringify(cases));
    writeFileSync(file, module);
    return await use({
      path,
      vectors: ["--vectors", vectors],
      implementation: ["--implementation", file],
    });
  });
}

/** A case whose token must be refused, unless the members say otherwise. */
export function makeCase(id: string, members: Partial<Case> = {}): Case {
  const token = "sign" in members ? {} : { token: id };
  const whatElse = {
    attack: "a test",
    level: "hardening",
    secret,
    ...token,
  } as const;
  return {
    id,
    ...whatElse,
    expect: "refuse",
    why: `the reason of ${id}`,
    ...members,
  };
}

/** A token of these texts, with a true MAC over them. */
export function makeToken(
  claims: string,
  header = '{"alg":"HS256","typ":"JWT"}',
): string {
  return withMac(`${encoded(header)}.${encoded(claims)}`);
}

/** Appends the MAC over a text. */
export function withMac(input: string): string {
  const key = Buffer.from(secret, "base64url");
  return `${input}.${
    createHmac("sha256", key).update(input).digest("base64url")
  }`;
}

export function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}
