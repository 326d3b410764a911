/**
 * Runs a module as a program that speaks the suite's JSON lines: a question a line on standard
 * input, an answer a line on standard output, in the same order.
 *
 *   bun test/conformance/host.ts test/conformance/onejot.ts
 */

import { resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { answer } from "./answer.ts";

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr); // what the module prints
const file = process.argv[2] ?? "";
const implementation = await import(pathToFileURL(resolve(file)).href);
for await (const line of createInterface({ input: process.stdin })) {
  const answered = await answer(implementation, JSON.parse(line));
  write(`${JSON.stringify(answered)}\n`);
}
