/**
 * A process that reads lines and answers each with one line. It is the head of
 * a process group, so that whatever it starts ends with it. What it writes to
 * standard error is shown.
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** What a line came to: a line, or in words why there is none. */
export type LineReply =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "hang" | "broken"; readonly what: string };

// In characters; who writes more does not know when to stop.
const longestLine = 16 * 1024 * 1024;

export class LineProcess {
  readonly #child: ChildProcess;
  #unread = "";
  #broken: string | null = null;
  #answer: ((reply: LineReply) => void) | null = null;

  constructor([file = "", ...args]: readonly string[]) {
    this.#child = spawn(file, args, {
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    // It may end before it has read everything.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on(
      "data",
      (text: string) => this.#read(text),
    );
    this.#child.once(
      "error",
      ({ message }) => this.#break(`it could not be started: ${message}`),
    );
    this.#child.once("close", (code, signal) => {
      this.#break(`the process ended with ${signal ?? `exit code ${code}`}`);
    });
  }

  /**
   * Writes a line and waits for the one that answers it. After any other reply
   * only kill it.
   */
  ask(line: string, deadlineMilliseconds: number): Promise<LineReply> {
    if (this.#broken !== null) {
      return Promise.resolve({
        kind: "broken",
        what: `before it was asked, ${this.#broken}`,
      });
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#settle({
          kind: "hang",
          what: `no answer within ${deadlineMilliseconds} ms`,
        });
      }, deadlineMilliseconds);
      this.#answer = (reply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.#child.stdin?.write(`${line}\n`);
    });
  }

  kill(): void {
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    try {
      if (this.#child.pid !== undefined) {
        process.kill(-this.#child.pid, "SIGKILL");
      }
    } catch {
      // the group has ended by itself
    }
  }

  #read(text: string): void {
    this.#unread += text;
    if (this.#unread.length > longestLine) {
      return this.#break("it wrote a line without an end");
    }
    if (!text.includes("\n")) return;
    const [line = "", ...others] = this.#unread.split("\n");
    this.#unread = others.pop() ?? "";
    if (others.length > 0) return this.#break("it wrote more than one line");
    if (this.#answer === null) return this.#break("it wrote a line");
    this.#settle({ kind: "line", text: line });
  }

  #break(what: string): void {
    this.#broken ??= what;
    this.#settle({ kind: "broken", what });
  }

  #settle(reply: LineReply): void {
    this.#answer?.(reply);
    this.#answer = null;
  }
}
