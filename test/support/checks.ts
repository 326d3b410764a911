/**
 * Runs checks one after the other, prints a sentence for each, and counts.
 */

/** Adds to the sentence what was measured. */
export type Note = (text: string) => void;

export class Checks {
  passed = 0;
  failed = 0;

  /** Runs a check and hands on its result, or null where it failed. */
  async check<T>(
    sentence: string,
    act: (note: Note) => T | Promise<T>,
  ): Promise<T | null> {
    const notes: string[] = [];
    const say = (outcome: string) => {
      const noted = notes.length === 0 ? "" : ` (${notes.join(", ")})`;
      console.log(`${outcome.padEnd(7)} ${sentence}${noted}`);
    };
    try {
      const result = await act((text) => notes.push(text));
      this.passed++;
      say("ok");
      return result;
    } catch (error) {
      this.failed++;
      say("FAILED");
      const reason = error instanceof Error ? error.message : String(error);
      // Indented, so that no line of it is taken for the sum.
      console.log(reason.trim().replace(/^/gm, " ".repeat(8)));
      return null;
    }
  }
}
