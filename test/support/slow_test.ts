/**
 * Tests that start programs or ask for much: Bun ends a test after five
 * seconds that asks for no more.
 */

import { test } from "node:test";

/** Two minutes for each, in milliseconds. */
const timeout = 120_000;

/** A test that may take two minutes. */
export function slowTest(name: string, use: () => void | Promise<void>): void {
  test(name, { timeout }, use);
}

/** The same where this machine may lack what it needs: then says what. */
export function slowTestUnless(
  obstacle: string | false,
  name: string,
  use: () => void | Promise<void>,
): void {
  test(name, { timeout, skip: obstacle }, use);
}
