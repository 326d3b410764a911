/**
 * How commands are typed: words, one argument, options. And what is said to who mistypes them.
 * Refused: a command or an option that there is not, an option of another command, an option without
 * its value. What was typed is shown again where it names a command or an option, never as a value:
 * it could be a secret in the wrong place.
 */

import { parseArgs } from "node:util";
import type { Environment } from "../server/setting_reader.ts";
import { CommandError } from "../server/fault.ts";

/** A command was called in a way that is not understood. */
export class UsageError extends CommandError {
  override readonly exitCode = 2;
}

/** What a command is called with. */
export interface Call {
  readonly environment: Environment;
  readonly argument: string; // the word behind the command, or empty
  readonly options: Options;
}

/** The values that were given to options, in their order; for a flag, one empty text. */
export type Options = Readonly<Partial<Record<OptionName, readonly string[]>>>;

/** Does what a command is for. */
export type Run<C extends Call> = (call: C) => void | Promise<void>;

/**
 * A command as it is typed, its argument in capitals, in brackets where it may be left out; what it is
 * for; what does it; and the options that it takes.
 */
export type Command<C extends Call> = readonly [
  usage: string,
  meaning: string,
  run: Run<C>,
  options?: readonly OptionName[],
];

/** An option, as it stands behind `--`. */
export type OptionName =
  | ("admin" | "audience" | "claim" | "issuer" | "json")
  | ("leeway" | "lifetime" | "secret-file" | "sub");

/** What a value of each is called, or null for a flag, and what it is for. */
const optionTable: Readonly<
  Record<OptionName, readonly [value: string | null, meaning: string]>
> = {
  "admin": [null, "make the account an administrator"],
  "sub": ["TEXT", "the claim sub, whom the token is about"],
  "claim": [
    "NAME=VALUE",
    "a claim; VALUE is JSON, or else text; may be repeated",
  ],
  "lifetime": ["TIME", "claims iat and exp: 15m, 12h, 30d, or seconds"],
  "issuer": ["TEXT", "iss must be this one"],
  "audience": ["TEXT", "aud must name this one"],
  "leeway": ["SECONDS", "how far clocks may differ, at most 300"],
  "json": [null, "print JSON, for programs"],
  "secret-file": [
    "FILE",
    "take the secret from a file, not from the settings or a prompt",
  ],
};

const flag = { type: "boolean", default: false } as const;

/** What was typed: a command that is there with what it takes, or a wish for help or the version. */
export type Typed<C extends Call> =
  | { readonly wish: "help"; readonly command: Command<C> | null }
  | { readonly wish: "version" }
  | { readonly wish: "run"; readonly command: Command<C> }
    & Omit<Call, "environment">;

/** Understands what was typed. Throws a UsageError. */
export function readCommandLine<C extends Call>(
  argv: readonly string[],
  commands: readonly Command<C>[],
): Typed<C> {
  const { values: { help, version, ...options }, positionals } = parse(argv);
  if (version) return { wish: "version" };
  if (help && positionals.length === 0) return { wish: "help", command: null };
  const words = positionals.length === 0 ? ["serve"] : positionals;
  const command = findCommand(words, commands);
  if (help) return { wish: "help", command };
  const [usage, , , taken = []] = command;
  const [argument = "", ...others] = words.slice(wordsOf(usage).length);
  const isWanted = / [A-Z]/.test(usage);
  const isPossible = isWanted || / \[[A-Z]/.test(usage);
  const isComplete = others.length === 0 &&
    (argument === "" ? !isWanted : isPossible);
  if (!isComplete) throw new UsageError(`Usage: onejot ${usage}`);
  for (const name of Object.keys(options)) {
    if (!taken.some((each) => each === name)) {
      throw new UsageError(
        `onejot ${
          wordsOf(usage).join(" ")
        } takes no --${name}: see its --help.`,
      );
    }
  }
  return { wish: "run", command, argument, options: readOptions(options) };
}

/** The help for everything, or for one command; `settings` are lines for its end. */
export function helpText<C extends Call>(
  command: Command<C> | null,
  commands: readonly Command<C>[],
  settings: readonly string[],
): string {
  if (command === null) {
    const rows = [
      ...commands.map(([usage, meaning]) => `  ${usage.padEnd(26)}${meaning}`),
      `  ${"--help".padEnd(26)}print this, or with a command its options`,
      `  ${"--version".padEnd(26)}print the version`,
    ];
    const codes =
      "Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.";
    const head =
      `onejot: an auth server with nothing to install\n\nCommands:\n${
        rows.join("\n")
      }`;
    return `${head}\n\n${codes}\n\n${settings.join("\n")}`;
  }
  const [usage, meaning, , taken = []] = command;
  const rows = taken.map((name) => {
    const [value, meaning] = optionTable[name];
    return `  ${
      `--${name}${value === null ? "" : ` ${value}`}`.padEnd(22)
    }${meaning}`;
  });
  const options = rows.length === 0 ? "" : `\n\nOptions:\n${rows.join("\n")}`;
  const more = rows.length === 0 || usage.includes("--") ? "" : " [OPTIONS]";
  return `Usage: onejot ${usage}${more}\n\n${meaning}${options}`;
}

function parse(argv: readonly string[]) {
  const entries = Object.entries(optionTable).map(([name, [value]]) => {
    return [name, {
      type: value === null ? "boolean" : "string",
      multiple: true,
    }] as const;
  });
  const options = {
    ...Object.fromEntries(entries),
    help: { ...flag, short: "h" },
    version: flag,
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: true,
    });
    return { values: values as ParsedValues, positionals };
  } catch (error) {
    throw faultOfOption(error);
  }
}

interface ParsedValues {
  readonly help: boolean;
  readonly version: boolean;
  readonly [name: string]: boolean | readonly (string | boolean)[];
}

function faultOfOption(error: unknown): UsageError {
  const { code, message }: { code?: unknown; message?: unknown } = Object(
    error,
  );
  const [, typed = ""] = /'(--?[\w-]+)/.exec(String(message)) ?? [];
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const kind = String(message).includes("not take")
      ? "takes no value"
      : "needs a value behind it";
    return new UsageError(
      `${typed || "An option"} ${kind}: onejot --help lists the commands.`,
    );
  }
  const known = [...Object.keys(optionTable), "help", "version"].map((name) =>
    `--${name}`
  );
  return new UsageError(`There is no option ${typed}${hint(typed, known)}`);
}

function findCommand<C extends Call>(
  words: readonly string[],
  commands: readonly Command<C>[],
): Command<C> {
  const found = commands.find(([usage]) => {
    return wordsOf(usage).every((name, index) => words[index] === name);
  });
  if (found !== undefined) return found;
  const names = commands.map(([usage]) => wordsOf(usage).join(" "));
  const typed = words.slice(0, 2).join(" ");
  const isGroup = names.some((name) => name.startsWith(`${words[0]} `));
  const shown = isGroup ? typed : words[0] ?? "";
  if (/^[\w-]+\.[\w-]*\.[\w-]*$/.test(shown)) {
    throw new UsageError(
      "A token alone is no command: onejot decode TOKEN shows it.",
    );
  }
  const isWord = /^[\w -]{1,24}$/.test(shown); // anything else could be a secret in the wrong place
  const what = isWord
    ? `no command "${shown}"${hint(shown, names)}`
    : "no such command: onejot --help.";
  throw new UsageError(`There is ${what}`);
}

function wordsOf(usage: string): string[] {
  return usage.split(" ").filter((word) => /^[a-z]+$/.test(word));
}

function readOptions(values: Readonly<Record<string, unknown>>): Options {
  return Object.fromEntries(
    Object.entries(values).map(([name, given]) => {
      return [
        name,
        [given].flat().map((value) => typeof value === "string" ? value : ""),
      ];
    }),
  );
}

/** What is meant, perhaps, and where to look. */
function hint(typed: string, known: readonly string[]): string {
  const meant = known.find((name) =>
    isNear(typed, name) || name.startsWith(`${typed}-`)
  );
  return `${
    meant === undefined ? ":" : `; did you mean ${meant}?`
  } onejot --help lists them.`;
}

/** One letter was added, left out, changed, or swapped with the next: without it both are the same. */
function isNear(typed: string, name: string): boolean {
  const withoutOne = (text: string) =>
    Array.from(text, (_, at) => text.slice(0, at) + text.slice(at + 1));
  const [left, right] = [typed, name].map((
    text,
  ) => [text, ...withoutOne(text)]);
  return left?.some((text) => right?.includes(text)) === true;
}
