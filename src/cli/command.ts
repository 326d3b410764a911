/**
 * What a command is: data, of which the command line is read (command_line.ts)
 * and the help is made (help.ts). A command has nothing else to say of how it
 * is typed.
 */

import { CommandError } from "../server/fault.ts";
import type { Environment } from "../server/setting_reader.ts";

/** A command, for a call that gives it what it needs. */
export interface Command<C extends Call> {
  /** The words that name it, such as "user" and "add". */
  readonly words: readonly string[];
  /** What stands behind the words; null where nothing may. */
  readonly argument: Argument | null;
  /** The options that it takes, in the order of its help. */
  readonly options: readonly OptionName[];
  /** What it is for. */
  readonly meaning: string;
  /** Does it. */
  readonly run: Run<C>;
}

/** The one word that a command takes behind its own. */
export interface Argument {
  /** What the help calls it, in capitals. */
  readonly name: string;
  /** Whether the command is nothing without it. */
  readonly isRequired: boolean;
}

/** Does what a command is for. */
export type Run<C extends Call> = (call: C) => void | Promise<void>;

/** What a command is called with. */
export interface Call {
  readonly environment: Environment;
  /** The word behind the command; empty where there is none. */
  readonly argument: string;
  readonly options: OptionValues;
}

/**
 * The values that were given to options, in their order; for a flag, empty
 * texts.
 */
export type OptionValues = Readonly<
  Partial<Record<OptionName, readonly string[]>>
>;

/** An option, such as `--sub TEXT`. */
export interface Option {
  /** What stands behind `--`. */
  readonly name: string;
  /** What the help calls its value, in capitals; null for a flag. */
  readonly value: string | null;
  /** What it is for. */
  readonly meaning: string;
}

const options = [
  {
    name: "admin",
    value: null,
    meaning: "make the account an administrator",
  },
  {
    name: "sub",
    value: "TEXT",
    meaning: "the claim sub, whom the token is about",
  },
  {
    name: "claim",
    value: "NAME=VALUE",
    meaning: "a claim; VALUE is JSON, or else text; may be repeated",
  },
  {
    name: "lifetime",
    value: "TIME",
    meaning: "claims iat and exp: 15m, 12h, 30d, or seconds",
  },
  {
    name: "issuer",
    value: "TEXT",
    meaning: "iss must be this one",
  },
  {
    name: "audience",
    value: "TEXT",
    meaning: "aud must name this one",
  },
  {
    name: "leeway",
    value: "SECONDS",
    meaning: "how far clocks may differ, at most 300",
  },
  {
    name: "json",
    value: null,
    meaning: "print JSON, for programs",
  },
  {
    name: "secret-file",
    value: "FILE",
    meaning: "take the secret from a file, not from the settings or a prompt",
  },
] as const;

/** The name of an option that a command can take. */
export type OptionName = (typeof options)[number]["name"];

/** The options that commands can take. */
export const optionTable: readonly Option[] = options;

/** A command was called in a way that is not understood. */
export class UsageError extends CommandError {
  override readonly exitCode = 2;
}
