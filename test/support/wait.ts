/**
 * Waiting: for some time, or until something is so.
 */

/** Waits for so long. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How long something may take, in seconds. */
export interface Patience {
  readonly seconds?: number;
}

/**
 * Waits until something is so, and looks every 20 milliseconds; the sentence
 * says what: "the load runs".
 *
 * @throws Error when it has not come about within 20 seconds, or as many as
 * are given.
 */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { seconds = 20 }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    if (await isSo()) return;
    await pause(20);
  }
  throw new Error(
    `It did not come about within ${seconds} seconds that ${what}.`,
  );
}
