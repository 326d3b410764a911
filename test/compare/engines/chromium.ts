/**
 * onejot in headless Chromium, as a program that speaks the suite's JSON lines:
 * a question a line on standard input, an answer a line on standard output.
 * Takes the directory that transpile.ts wrote.
 *
 *   bun test/compare/engines/chromium.ts DIRECTORY
 */

import process from "node:process";
import { readLines } from "../../spec/conformance/lines.ts";
import { startBrowser } from "./browser.ts";
import { type PageServer, servePage } from "./page_server.ts";
import { findChromium } from "./programs.ts";

// For the browser's start, and for each answer.
const patienceMilliseconds = 15_000;

process.exit(await main(process.argv[2] ?? "."));

/**
 * Relays until there are no more questions, or until something fails or a
 * signal comes.
 */
async function main(directory: string): Promise<number> {
  const { path } = findChromium();
  const failure = Promise.withResolvers<never>();
  const fail = (reason: string) => failure.reject(new Error(reason));
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => fail(`Got ${signal}.`));
  }
  const page = await servePage(directory, fail);
  const browser = startBrowser(path, page.url, directory);
  browser.ended.then(() => fail("Chromium has ended."));
  try {
    await Promise.race([relay(page), failure.promise]);
    await browser.stop();
    return 0;
  } catch (error) {
    await browser.stop();
    console.error(error instanceof Error ? error.message : error);
    console.error(`Chromium's own messages:\n${await browser.ended}`);
    return 1;
  }
}

async function relay(page: PageServer): Promise<void> {
  console.error(`The page runs in ${await inTime(page.userAgent())}`);
  for await (const line of readLines()) {
    console.log(await inTime(page.ask(line)));
  }
}

function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new Error(
      `The page said nothing for ${patienceMilliseconds / 1000} seconds.`,
    );
    const timer = setTimeout(() => reject(late), patienceMilliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
