/**
 * What a program says on the console while a test runs it.
 */

/** What console.error is called with, one text a call. */
export async function printedErrors(
  run: () => Promise<void>,
): Promise<readonly string[]> {
  const printed: string[] = [];
  const { error } = console;
  console.error = (...parts: readonly unknown[]) => {
    printed.push(parts.map(String).join(" "));
  };
  try {
    await run();
  } finally {
    console.error = error;
  }
  return printed;
}
