/**
 * Removes a directory into which a browser may still be writing: its helpers end a moment after it.
 */

import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Removes a directory and what is in it; tries again for up to five seconds. */
export async function removeDirectory(directory: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return rmSync(directory, { recursive: true, force: true });
    } catch {
      await setTimeout(100);
    }
  }
  throw new Error(`This directory cannot be removed: ${directory}`);
}
