/**
 * How the command line is read: words, one argument, options.
 * Refused: a command or an option that there is not, an option of another
 * command, an option without its value, and a flag with one. What was typed is
 * shown again where it names a command or an option, never as a value: it could
 * be a secret in the wrong place.
 */

import { parseArgs } from "node:util";
import {
  type Call,
  type Command,
  type Option,
  optionTable,
  type OptionValues,
  UsageError,
} from "./command.ts";
import { generalOptions, usageOf } from "./help.ts";
import { suggestion } from "./suggestion.ts";

/**
 * What was typed: a command that is there with what it takes, or a wish for
 * help or the version.
 */
export type Typed<C extends Call> =
  | { readonly wish: "help"; readonly command: Command<C> | null }
  | { readonly wish: "version" }
  | {
    readonly wish: "run";
    readonly command: Command<C>;
    readonly argument: string;
    readonly options: OptionValues;
  };

/**
 * Understands what was typed. Without a word it is `serve`.
 *
 * @throws {UsageError} it is not understood
 */
export function readCommandLine<C extends Call>(
  argv: readonly string[],
  commands: readonly Command<C>[],
): Typed<C> {
  const { words, options } = split(argv);
  if (options.has("version")) return { wish: "version" };
  const isHelpWished = options.has("help");
  if (isHelpWished && words.length === 0) {
    return { wish: "help", command: null };
  }
  if (words.length === 0) words.push("serve");
  const command = findCommand(words, commands);
  if (isHelpWished) return { wish: "help", command };
  const argument = readArgument(words.slice(command.words.length), command);
  requireOptionsOf(command, options);
  return {
    wish: "run",
    command,
    argument,
    options: Object.fromEntries(options),
  };
}

interface CommandLine {
  readonly words: string[];
  /**
   * The values by the name of their option, both in the order in which they
   * were typed.
   */
  readonly options: Map<string, string[]>;
}

const allOptions: readonly Option[] = [...optionTable, ...generalOptions];

/**
 * Tells words and options apart. Node's parser only cuts the line into tokens;
 * what is wrong with one is judged and worded here, because the texts of the
 * parser's own errors are not the same in each runtime.
 */
function split(argv: readonly string[]): CommandLine {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(allOptions.map(syntaxOf)),
      help: { type: "boolean", short: "h" },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const options = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    requireOption(token);
    const values = options.get(token.name) ?? [];
    values.push(token.value ?? "");
    options.set(token.name, values);
  }
  return { words, options };
}

function syntaxOf({ name, value }: Option) {
  const type = value === null ? "boolean" : "string";
  return [name, { type }] as const;
}

interface OptionToken {
  readonly name: string;
  /** As it was typed, without its value. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value stands behind "=". */
  readonly inlineValue: boolean | undefined;
}

function requireOption(token: OptionToken): void {
  const { name, value, inlineValue } = token;
  const option = allOptions.find((option) => option.name === name);
  if (option === undefined) throw unknownOption(token);
  const lists = "onejot --help lists the commands.";
  if (option.value === null && value !== undefined) {
    // The one of them that has a short name is called by it.
    const shown = name === "help" ? "-h" : `--${name}`;
    throw new UsageError(`${shown} takes no value: ${lists}`);
  }
  if (option.value === null) return;
  // `--sub --claim x` is a slip, and no subject "--claim": such a value stands
  // behind "=".
  const looksLikeOption = !inlineValue && /^-./s.test(value ?? "");
  if (value === undefined || looksLikeOption) {
    throw new UsageError(`--${name} needs a value behind it: ${lists}`);
  }
}

function unknownOption({ rawName }: OptionToken): UsageError {
  // Letters, digits, "_" and "-" alone: the rest could act on a terminal.
  const shown = /^--?[\w-]+/.exec(rawName)?.[0] ?? "--";
  const names = allOptions.map(({ name }) => `--${name}`);
  return new UsageError(
    `There is no option ${shown}${suggestion(shown, names)}`,
  );
}

function findCommand<C extends Call>(
  words: readonly string[],
  commands: readonly Command<C>[],
): Command<C> {
  const command = commands.find((command) => {
    return command.words.every((word, index) => words[index] === word);
  });
  if (command !== undefined) return command;
  throw unknownCommand(words, commands.map(nameOf));
}

function unknownCommand(
  words: readonly string[],
  names: readonly string[],
): UsageError {
  const [first = ""] = words;
  // Of a group, such as "user", two words are the name.
  const isGroup = names.some((name) => name.startsWith(`${first} `));
  const typed = isGroup ? words.slice(0, 2).join(" ") : first;
  if (/^[\w-]+\.[\w-]*\.[\w-]*$/.test(typed)) {
    return new UsageError(
      "A token alone is no command: onejot decode TOKEN shows it.",
    );
  }
  // Anything else than a word could be a secret in the wrong place.
  if (!/^[\w -]{1,24}$/.test(typed)) {
    return new UsageError("There is no such command: onejot --help.");
  }
  return new UsageError(
    `There is no command "${typed}"${suggestion(typed, names)}`,
  );
}

/** The word behind the command, or an empty text where none is needed. */
function readArgument<C extends Call>(
  words: readonly string[],
  command: Command<C>,
): string {
  const [argument = "", ...others] = words;
  const isMissing = argument === "" && command.argument?.isRequired === true;
  const isTooMuch = argument !== "" && command.argument === null;
  if (isMissing || isTooMuch || others.length > 0) {
    throw new UsageError(`Usage: onejot ${usageOf(command)}`);
  }
  return argument;
}

function requireOptionsOf<C extends Call>(
  command: Command<C>,
  options: ReadonlyMap<string, unknown>,
): void {
  for (const name of options.keys()) {
    if (command.options.some((taken) => taken === name)) continue;
    throw new UsageError(
      `onejot ${nameOf(command)} takes no --${name}: see its --help.`,
    );
  }
}

/** The words of a command as they are typed, such as "user add". */
function nameOf<C extends Call>({ words }: Command<C>): string {
  return words.join(" ");
}
