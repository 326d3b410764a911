/**
 * What `--help` prints, made of the commands, the options and the settings as
 * they are written down: nothing that can be typed is missing here.
 */

import { settings } from "../server/config.ts";
import type { SettingText } from "../server/setting_reader.ts";
import {
  type Call,
  type Command,
  type Option,
  optionTable,
} from "./command.ts";

/** The options that are not of one command. */
export const generalOptions: readonly Option[] = [
  {
    name: "help",
    value: null,
    meaning: "print this, or with a command its options",
  },
  {
    name: "version",
    value: null,
    meaning: "print the version",
  },
];

/**
 * How a command is typed, such as "sign [CLAIMS]": brackets for what may be
 * left out. An option that is the only one is shown as well.
 */
export function usageOf<C extends Call>(command: Command<C>): string {
  const parts = [...command.words];
  if (command.argument !== null) {
    const { name, isRequired } = command.argument;
    parts.push(isRequired ? name : `[${name}]`);
  }
  const [option, ...others] = optionsOf(command);
  if (option !== undefined && others.length === 0) {
    parts.push(`[${spell(option)}]`);
  }
  return parts.join(" ");
}

/** The help for everything. */
export function generalHelp<C extends Call>(
  commands: readonly Command<C>[],
): string {
  return [
    "onejot: an auth server with nothing to install",
    "",
    "Commands:",
    ...commands.map((command) => commandRow(usageOf(command), command.meaning)),
    ...generalOptions.map((option) =>
      commandRow(spell(option), option.meaning)
    ),
    "",
    "Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not understood.",
    "",
    "Settings, from the environment (name, meaning, default):",
    ...settings.map(settingRow),
  ].join("\n");
}

/** The help for one command. */
export function commandHelp<C extends Call>(command: Command<C>): string {
  const options = optionsOf(command);
  const more = options.length > 1 ? " [OPTIONS]" : "";
  const lines = [
    `Usage: onejot ${usageOf(command)}${more}`,
    "",
    command.meaning,
  ];
  if (options.length > 0) lines.push("", "Options:");
  for (const option of options) {
    lines.push(`  ${spell(option).padEnd(22)}${option.meaning}`);
  }
  return lines.join("\n");
}

function optionsOf<C extends Call>(command: Command<C>): readonly Option[] {
  return command.options.map((name) => {
    const option = optionTable.find((option) => option.name === name);
    if (option === undefined) throw new TypeError(`There is no --${name}.`);
    return option;
  });
}

/** An option as it is typed, such as `--sub TEXT`. */
function spell({ name, value }: Option): string {
  return value === null ? `--${name}` : `--${name} ${value}`;
}

function commandRow(usage: string, meaning: string): string {
  return `  ${usage.padEnd(26)}${meaning}`;
}

function settingRow({ name, meaning, fallback }: SettingText): string {
  return `  ${name.padEnd(23)}${meaning} [${fallback}]`;
}
