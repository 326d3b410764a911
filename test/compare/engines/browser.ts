/**
 * A headless Chromium with one page and a profile of its own. However this
 * process ends, even by SIGKILL, the browser ends with it, because it holds the
 * other end of a pipe.
 */

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { removeFolder } from "../../support/temp.ts";

/** A browser that has been started. */
export interface Browser {
  /**
   * Resolves when it has ended, for whatever reason, to what it complained of.
   */
  readonly ended: Promise<string>;
  /** Ends it, and removes what it has written. */
  stop(): Promise<void>;
}

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing is said on it, but the browser ends when it closes.
  "--remote-debugging-pipe",
];

// Where it does not run, which harms nothing.
const aboutDbus = /^.*\bdbus\/.*\n/gm;

/**
 * Opens a page; the profile lies in a new directory below the one that is
 * given.
 */
export function startBrowser(
  path: string,
  url: string,
  directory: string,
): Browser {
  const profile = mkdtempSync(join(directory, "profile-"));
  const child = spawn(path, [...flags, `--user-data-dir=${profile}`, url], {
    // It writes more than the profile.
    env: { ...process.env, HOME: profile, TMPDIR: directory },
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => complaints += text,
  );
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("exit", () => resolve(complaints.replace(aboutDbus, "")));
  });
  return {
    ended,
    stop: async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      child.stdio[3]?.destroy();
      await ended;
      clearTimeout(timer);
      await removeFolder(profile);
    },
  };
}
