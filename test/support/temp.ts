/**
 * Scratch folders, which are removed whatever happens.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pause } from "./wait.ts";

/** Hands a new, empty folder to a function, and removes it with all in it. */
export function withFolder<T>(
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  return withFolderAt(join(tmpdir(), "onejot-"), use);
}

/** The same elsewhere: the folder's path is this prefix and some letters. */
export async function withFolderAt<T>(
  prefix: string,
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(prefix);
  try {
    return await use(folder);
  } finally {
    await removeFolder(folder);
  }
}

/**
 * A new, empty folder that is removed when this process ends. For programs:
 * Deno's test runner lets no test see the end of its process.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "onejot-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return folder;
}

/**
 * Removes a folder with all in it. Tries for up to five seconds: a program that
 * has just ended may have helpers that still write into the folder, as browsers
 * do.
 */
export async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      await pause(100);
    }
  }
  throw new Error(`This folder cannot be removed: ${folder}`);
}
