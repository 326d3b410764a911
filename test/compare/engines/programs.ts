/**
 * Finds the engines on this machine: Node.js 20 or later, and Chromium or
 * Chrome. One that is missing is an Error that says how to get it, never a
 * reason to skip it.
 */

import { spawnSync } from "node:child_process";
import process from "node:process";

/** A program that can be started, and what it is. */
export interface Program {
  readonly path: string;
  readonly version: string;
}

/**
 * Node.js as `node` in the PATH. Bun or Deno under that name is not taken for
 * it.
 */
export function findNode(): Program {
  const output = firstOutput("node", [
    "--print",
    "JSON.stringify(process.versions)",
  ]);
  if (output === null) {
    throw new Error(`There is no node in the PATH. ${howToGetNode}`);
  }
  const { node, bun, deno } = Object(JSON.parse(output));
  if (bun !== undefined || deno !== undefined) {
    throw new Error(
      `The node in the PATH is another runtime by that name. ${howToGetNode}`,
    );
  }
  const isRecent = Number.parseInt(node) >= 20;
  if (!isRecent) {
    throw new Error(`Node.js ${node} is older than 20. ${howToGetNode}`);
  }
  return { path: "node", version: node };
}

/**
 * The browser that the environment variable CHROMIUM names, or the first in the
 * PATH.
 */
export function findChromium(): Program {
  const named = process.env["CHROMIUM"];
  const paths = named === undefined
    ? ["chromium", "chromium-browser", "google-chrome"]
    : [named];
  for (const path of paths) {
    const version = /\d+(?:\.\d+){3}/.exec(
      firstOutput(path, ["--version"]) ?? "",
    )?.[0];
    if (version !== undefined) return { path, version };
  }
  throw new Error(
    `None of these starts: ${paths.join(", ")}. ${howToGetChromium}`,
  );
}

const howToGetNode =
  "Install Node.js 20 or later, from Debian or https://nodejs.org/.";
const howToGetChromium =
  "Install Chromium (Debian: apt-get install chromium), or name it in CHROMIUM=/path/to/chrome.";

/** What a program writes, or null if it does not start or fails. */
function firstOutput(path: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(path, args, { encoding: "utf8" });
  return status === 0 ? stdout : null;
}
