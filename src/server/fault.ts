/**
 * How a command tells the person who gave it that it cannot be done: a CommandError, whose message is
 * for them. A setting that cannot be used is one, too. What is no CommandError is a fault of ours.
 */

/** A command is refused or has failed; the message is for the person, a line for each reason. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** What the process then exits with. */
  readonly exitCode: number = 1;
}

/** A refusal with the reason that the system gave. */
export function cannot(doWhat: string, error: unknown): CommandError {
  const reason = error instanceof Error
    ? error.message
    : "for a reason that it does not give";
  return new CommandError(`Cannot ${doWhat}: ${reason}.`);
}

/** Prints a text. Throws a CommandError where there is no room for it. */
export function print(text: string): void {
  try {
    console.log(text);
  } catch (error) {
    throw cannot("write to standard output", error);
  }
}
