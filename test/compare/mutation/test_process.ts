/**
 * One run of `bun test`, in a process group of its own. A run that takes too
 * long or too much memory is killed with all that it started, and so is every
 * run when this process ends.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";

/** How a run ended; `hung` took too long or too much memory. */
export type Outcome = "passed" | "failed" | "hung";

export interface Run {
  readonly outcome: Outcome;
  readonly output: string;
  readonly milliseconds: number;
}

export interface Task {
  readonly cwd: string;
  readonly files: readonly string[];
  /** Where the tests may leave temporary files. */
  readonly temporary: string;
  /** The milliseconds after which it hangs. */
  readonly limit: number;
}

const mostMemory = 1024 ** 3; // a clean run takes a quarter of it
const pageSize = 4096;
const running = new Set<ChildProcess>();

process.once("exit", () => running.forEach(killGroup));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // And so to what is done on exit.
  process.once(signal, () => process.exit(130));
}

/** Runs these tests until one fails. */
export function runTests({ cwd, files, temporary, limit }: Task): Promise<Run> {
  // No test gives up earlier.
  const options = ["--bail", "--no-orphans", `--timeout=${limit}`];
  const child = spawn(process.execPath, ["test", ...options, ...files], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", TMPDIR: temporary },
    stdio: ["ignore", "ignore", "pipe"], // Bun reports on the standard error
    detached: true, // the process group
  });
  running.add(child);
  const started = performance.now();
  let isHung = false;
  const watch = setInterval(() => {
    if (performance.now() - started < limit && memoryOf(child) < mostMemory) {
      return;
    }
    isHung = true;
    killGroup(child);
  }, 100);
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => output += text);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(watch);
      killGroup(child); // what it may have left behind
      running.delete(child);
      const outcome = code === 0 ? "passed" : "failed";
      const milliseconds = performance.now() - started;
      resolve({ outcome: isHung ? "hung" : outcome, output, milliseconds });
    });
  });
}

/**
 * The bytes that a process holds, on Linux; elsewhere the time limit must do.
 */
function memoryOf({ pid }: ChildProcess): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) *
      pageSize;
  } catch {
    return 0; // it has ended, or there is no /proc
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // nobody is left in it
  }
}
