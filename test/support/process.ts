/**
 * Programs as processes of their own: one way to start one, to wait for what
 * it prints, and to end it. What still runs when this process ends is killed.
 */

import {
  type ChildProcess,
  spawn,
  type StdioOptions,
} from "node:child_process";
import process from "node:process";
import type { Patience } from "./wait.ts";

/** A program and its arguments. */
export type Command = readonly string[];

/** The names and values of an environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What is printed, as far as it has been. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program ended, and all that it printed. */
export interface Finished extends Output {
  /** Its exit code; null where a signal ended it, or where it did not start. */
  readonly code: number | null;
}

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Its environment, in addition to PATH and HOME; nothing else goes on. */
  readonly env?: Variables;
  /** All that it can read; without, its standard input stays open. */
  readonly input?: string | Uint8Array;
  /** Where its streams go; without, the last two are collected. */
  readonly stdio?: StdioOptions;
  /** Makes it the head of a group, so that what it starts ends with it. */
  readonly isGroup?: boolean;
}

/** A program that has been started. */
export interface Program {
  /** The process itself, for its streams and for signals of other kinds. */
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: Output;
  /** Resolves to its exit code when it has ended; never rejects. */
  readonly ended: Promise<number | null>;
  isRunning(): boolean;
  /**
   * Waits until it has printed something, and gives what matched.
   *
   * @throws Error if it ends before, or takes more than 30 seconds, or as many
   * as are given.
   */
  untilPrinted(pattern: RegExp, patience?: Patience): Promise<RegExpExecArray>;
  /** Sends a signal, SIGTERM by default, and resolves to the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const running = new Set<Program>();

process.once("exit", () => {
  for (const program of running) program.stop("SIGKILL"); // sent at once
});

/** Starts a program. Why one cannot be started stands in its stderr. */
export function startProgram(
  command: Command,
  { cwd, env, input, stdio = "pipe", isGroup = false }: ProgramOptions = {},
): Program {
  const [file = "", ...args] = command;
  const { PATH, HOME } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio,
    detached: isGroup,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8");
  child.stdout?.on("data", (text: string) => output.stdout += text);
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (text: string) => output.stderr += text);
  child.stdin?.on("error", () => {}); // it may end before it has read all
  if (input !== undefined) child.stdin?.end(input);

  let isKilled = false; // after that its id can be another process's
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
    child.once("error", ({ message }) => {
      output.stderr += `${message}\n`;
      resolve(null);
    });
  });

  const program: Program = {
    child,
    output,
    ended,
    isRunning() {
      return child.pid !== undefined && child.exitCode === null &&
        child.signalCode === null && !isKilled;
    },
    untilPrinted(pattern, patience) {
      return untilPrinted({ command, program, pattern, patience });
    },
    stop(signal = "SIGTERM") {
      if (child.pid !== undefined && program.isRunning()) {
        if (signal === "SIGKILL") isKilled = true;
        sendSignal(isGroup ? -child.pid : child.pid, signal);
      }
      return ended;
    },
  };
  running.add(program);
  ended.then(() => running.delete(program));
  return program;
}

/** Runs a program to its end. */
export async function run(
  command: Command,
  options: ProgramOptions = {},
): Promise<Finished> {
  const { ended, output } = startProgram(command, { input: "", ...options });
  const code = await ended;
  return { code, ...output };
}

/**
 * Not by child.kill: with that, Deno reports the signal as the cause of the
 * end, also where the program exits by itself.
 */
function sendSignal(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch {
    // it has ended a moment ago
  }
}

function untilPrinted(
  { command, program, pattern, patience: { seconds = 30 } = {} }: {
    readonly command: Command;
    readonly program: Program;
    readonly pattern: RegExp;
    readonly patience: Patience | undefined;
  },
): Promise<RegExpExecArray> {
  const { child, output, ended } = program;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(giveUp, seconds * 1000);
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    ended.then(giveUp);
    look();

    function look(): void {
      const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
      if (match === null) return;
      stopLooking();
      resolve(match);
    }
    function giveUp(): void {
      stopLooking();
      const printed = output.stdout + output.stderr;
      reject(
        new Error(
          `${command.join(" ")} did not print ${pattern}, but: ${printed}`,
        ),
      );
    }
    function stopLooking(): void {
      clearTimeout(timer);
      child.stdout?.off("data", look);
      child.stderr?.off("data", look);
    }
  });
}
