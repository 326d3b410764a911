/**
 * The real conformance suite as a process of its own, on the runtime that runs the tests, over a
 * small corpus and modules that a test writes into a directory of its own.
 */

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Case } from "./corpus.ts";

/** Bun ends a test after five seconds that asks for no more, in milliseconds. */
export const timeout = 60_000;

/** A key for tests alone, in base64url. */
export const secret: string = encoded("0123456789abcdef0123456789ABCDEF");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lastLine: string;
}

/** Runs the suite with these arguments to its end. */
export async function runSuite(...args: readonly string[]): Promise<Finished> {
  const child = startSuite(...args);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on(
    "data",
    (text: string) => stdout += text,
  );
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => stderr += text,
  );
  const [code] = await once(child, "close");
  return {
    code,
    stdout,
    stderr,
    lastLine: stdout.trimEnd().split("\n").at(-1) ?? "",
  };
}

/** Starts the suite with these arguments. */
export function startSuite(...args: readonly string[]): ChildProcess {
  const command = fileURLToPath(
    new URL("../../conformance.ts", import.meta.url),
  );
  const runtime = "Deno" in globalThis ? ["run", "--allow-all"] : [];
  const env = { ...process.env, NO_COLOR: "1" };
  return spawn(process.execPath, [...runtime, command, ...args], {
    env,
    stdio: "pipe",
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

/** Writes the cases and the module's text, hands the directory to a function, and removes it. */
export async function withFolder<T>(
  cases: unknown,
  module: string,
  use: (folder: Folder) => Promise<T>,
): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), "onejot-"));
  try {
    const vectors = join(path, "vectors");
    const file = join(path, "implementation.ts");
    mkdirSync(vectors);
    writeFileSync(join(vectors, "cases.json"), JSON.stringify(cases));
    writeFileSync(file, module);
    const implementation = ["--implementation", file] as const;
    return await use({ path, vectors: ["--vectors", vectors], implementation });
  } finally {
    rmSync(path, { recursive: true });
  }
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
