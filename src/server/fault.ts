/**
 * How a command tells the person who gave it that it cannot be done: a
 * CommandError, whose message is for them. A setting that cannot be used is
 * told in the same way. An error of another class is a fault of ours.
 */

/**
 * A command is refused or has failed. Its message has a line for each reason.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** What the process exits with. */
  readonly exitCode: number = 1;
}

/**
 * The refusal "Cannot <do what>: <reason>.", with the reason that the system
 * gave.
 */
export function cannot(doWhat: string, error: unknown): CommandError {
  const reason = error instanceof Error
    ? error.message
    : "for a reason that it does not give";
  return new CommandError(`Cannot ${doWhat}: ${reason}.`);
}
