#!/usr/bin/env -S bun --no-env-file --config=/dev/null --tsconfig-override=/dev/null
/**
 * The command line. With no command it serves.
 * Exit codes: 0 done, 1 refused or failed, 2 called in a way that is not
 * understood.
 */

import process from "node:process";
import { accountCommands } from "./cli/account_commands.ts";
import { readCommandLine } from "./cli/command_line.ts";
import { commandHelp, generalHelp } from "./cli/help.ts";
import { health, key, permissions, serve } from "./cli/server_commands.ts";
import { tokenCommands } from "./cli/token_commands.ts";
import { unaskedEnvironmentFile } from "./server/bun.ts";
import { CommandError } from "./server/fault.ts";
import { print } from "./server/standard_output.ts";
import { version } from "./server/version.ts";

const commands = [
  serve,
  ...accountCommands,
  ...tokenCommands,
  key,
  permissions,
  health,
];

try {
  await main(process.argv.slice(2));
  process.exit();
} catch (error) {
  // A fault of ours shows where it arose.
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exit(error.exitCode);
}

async function main(argv: readonly string[]): Promise<void> {
  const file = unaskedEnvironmentFile();
  // It could be anybody's: this is where one stands, not where onejot lies.
  if (file !== null) {
    throw new CommandError(
      `Bun has read settings from the file ${file} of this folder: start it with --no-env-file, or with --env-file=${file} to use them.`,
    );
  }
  const typed = readCommandLine(argv, commands);
  if (typed.wish === "version") return await print(version);
  if (typed.wish === "help") {
    const { command } = typed;
    return await print(
      command === null ? generalHelp(commands) : commandHelp(command),
    );
  }
  const { command, argument, options } = typed;
  const environment = (name: string) => process.env[name];
  await command.run({ environment, argument, options });
}
