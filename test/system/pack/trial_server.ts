/**
 * The trial that the command line serves when nothing is configured: a login,
 * and its page.
 */

import assert from "node:assert/strict";
import { logIn } from "../../support/server_process.ts";

/** Throws where it does not do what the README says of it. */
export async function requireTrial(origin: string): Promise<void> {
  const headers = { authorization: `Bearer ${await logIn({ origin })}` };
  const user = await fetch(`${origin}/get-user`, { headers });
  assert.equal(
    await user.text(),
    '{"user":"User id=1: <user@email.com, is_admin=False>"}',
  );
  // It is made of files that are no TypeScript.
  const page = await fetch(origin);
  assert.match(await page.text(), /^<!doctype html>/i);
}
