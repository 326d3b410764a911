/**
 * A program: has a verifier remember tokens, each cut out of a text of 15,000
 * characters as out of a header field, and prints by how many megabytes the
 * process has grown. `test/unit/jwt/remember.test.ts` runs it.
 */

import process from "node:process";
import { importKey, rememberVerified } from "../../src/jwt/jwt.ts";
import { forge, secret } from "./forge.ts";

const verifier = rememberVerified(await importKey(secret));
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A token at the end of a text that came from outside, as bytes. */
function cutOut(token: string): string {
  const bytes = encoder.encode(token.padStart(15_000));
  return decoder.decode(bytes).slice(-token.length);
}

async function rememberTokens(from: number, to: number): Promise<void> {
  for (let id = from; id < to; id++) {
    await verifier(cutOut(forge(`{"user_id":${id}}`)));
  }
}

function megabytes(): number {
  return process.memoryUsage().rss / 1_000_000;
}

// What the engine itself needs to get going.
await rememberTokens(0, 1000);
const before = megabytes();
await rememberTokens(1000, 16_000);
console.log(String(Math.round(megabytes() - before)));
