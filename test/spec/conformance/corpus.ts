/**
 * Reads the cases out of a directory: each JSON file is an array of cases, as
 * test/spec/vectors/README.md defines them. Refused as a whole: a member that
 * is unknown, missing or of a wrong form, and an id that stands twice. A case
 * that is read wrongly would prove nothing.
 */

import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./options.ts";

export const levels = [
  "MUST",
  "MUST NOT",
  "SHOULD",
  "MAY",
  "hardening",
] as const;
export const expectations = ["accept", "refuse", "misuse"] as const;

/**
 * A case, its form checked. It has `token` or `sign`, and `clause`, `attack` or
 * both.
 */
export interface Case {
  readonly id: string;
  readonly clause?: string;
  readonly attack?: string;
  readonly level: typeof levels[number];
  readonly secret: unknown;
  readonly token?: unknown;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly sign?: unknown;
  readonly expect: typeof expectations[number];
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly why: string;
}

/**
 * Reads every case of every file, in the order of the files' names. A
 * UsageError if it cannot.
 */
export function readCorpus(directory: string): readonly Case[] {
  const cases = listFiles(directory).flatMap((name) =>
    readCases(join(directory, name))
  );
  const ids = new Set<string>();
  for (const { id } of cases) {
    if (ids.has(id)) {
      throw new UsageError(`The id ${id} stands twice in ${directory}.`);
    }
    ids.add(id);
  }
  return cases;
}

function listFiles(directory: string): readonly string[] {
  const names = list(directory).filter((name) => name.endsWith(".json")).sort();
  if (names.length > 0) return names;
  throw new UsageError(
    `There are no cases in ${directory}: it needs *.json files.`,
  );
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    throw new UsageError(`The directory ${directory} cannot be read.`);
  }
}

function readCases(file: string): readonly Case[] {
  const cases = readJson(file);
  if (!Array.isArray(cases)) {
    throw new UsageError(`${file} holds no array of cases.`);
  }
  return cases.map((value: unknown, index) => {
    const fault = findFault(value);
    if (fault === null) return value as Case; // proved by findFault
    const { id = `number ${index + 1}` } = Object(value);
    throw new UsageError(`${file}: the case ${id} has no good form: ${fault}.`);
  });
}

/** Reads a file of JSON. A UsageError if it is none. */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof SyntaxError
      ? "is no JSON"
      : "cannot be read";
    throw new UsageError(`${file} ${reason}.`);
  }
}

type Rule = (value: unknown) => boolean;

const rules: Readonly<Record<string, Rule>> = {
  id: isText,
  clause: isTextOrAbsent,
  attack: isTextOrAbsent,
  level: (value) => levels.some((level) => level === value),
  secret: (value) => isBase64url(value) || isNamedSecrets(value),
  token: () => true,
  policy: (value) => value === undefined || isObject(value),
  sign: () => true,
  expect: (value) => expectations.some((expectation) => expectation === value),
  claims: (value) => value === undefined || isObject(value),
  code: isTextOrAbsent,
  why: isText,
};

/** What is wrong with a case, in words, or null. */
function findFault(value: unknown): string | null {
  if (!isObject(value)) return "it is no object";
  const unknown = Object.keys(value).find((name) =>
    !Object.hasOwn(rules, name)
  );
  if (unknown !== undefined) return `its member ${unknown} is unknown`;
  const wrong = Object.entries(rules).find(([name, isGood]) =>
    !isGood(value[name])
  );
  if (wrong !== undefined) return `its member ${wrong[0]} is missing or wrong`;
  if (!("clause" in value || "attack" in value)) {
    return "it has neither clause nor attack";
  }
  if ("sign" in value === "token" in value) {
    return "it needs either token or sign";
  }
  if ("sign" in value && "policy" in value) return "it has policy beside sign";
  if ("sign" in value && !isBase64url(value["secret"])) {
    return "it signs with several keys";
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isBase64url(value: unknown): boolean {
  if (typeof value !== "string") return false;
  return Buffer.from(value, "base64url").toString("base64url") === value;
}

function isNamedSecrets(value: unknown): boolean {
  return Array.isArray(value) && value.every(({ kid, secret, ...others }) => {
    const isName = kid === null || typeof kid === "string";
    return isName && isBase64url(secret) && Object.keys(others).length === 0;
  });
}
