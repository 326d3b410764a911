/**
 * Runs a module as a program that speaks the suite's JSON lines: a question a
 * line on standard input, an answer a line on standard output, in the same
 * order. Refused: a module that lacks what must be there, for a function that
 * is missing would look like one that refuses everything.
 *
 *   bun test/spec/conformance/host.ts test/spec/conformance/onejot.ts
 */

import { resolve } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { answer, type Message } from "./answer.ts";
import { readLines } from "./lines.ts";

const write = process.stdout.write.bind(process.stdout);
// What the module prints.
process.stdout.write = process.stderr.write.bind(process.stderr);
// These do not use the former.
console.log = console.info = console.debug = console.error;
const passedOn = Object.assign(fetchWatched, globalThis.fetch);
globalThis.fetch = passedOn; // for a module that keeps it
process.on("uncaughtException", fail).on("unhandledRejection", fail);
await answerLines(process.argv[2] ?? "").catch(fail);

async function answerLines(file: string): Promise<void> {
  const implementation = await import(pathToFileURL(resolve(file)).href);
  for (const name of ["verify", "sign"]) {
    if (typeof implementation[name] !== "function") {
      throw new Error(`${file} exports no ${name}.`);
    }
  }
  for await (const line of readLines()) {
    const answered = await answer(implementation, JSON.parse(line));
    // An error that nobody caught comes up before the answer goes out.
    await setImmediate();
    write(`${toJson(answered)}\n`);
  }
}

function toJson(answered: Message): string {
  try {
    return JSON.stringify(answered);
  } catch {
    return JSON.stringify({
      fault: "what it returned cannot be written as JSON",
    });
  }
}

/** Leads to the function that watches while a question is answered. */
function fetchWatched(...request: Parameters<typeof fetch>): Promise<Response> {
  const { fetch } = globalThis;
  if (fetch !== passedOn) return fetch(...request);
  return Promise.reject(
    new Error("The conformance suite lets nothing be fetched."),
  );
}

/** Ends at once; Bun by itself would go on to wait for the answer. */
function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}
