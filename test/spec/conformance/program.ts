/**
 * The program under test: a process that answers JSON lines, one question at a
 * time, so that a crash is the fault of the question that stands. It is started
 * when it is needed, ended when it hangs or breaks the protocol, and then
 * started anew. A new process must first answer a plain question.
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { Message } from "./answer.ts";
import { LineProcess } from "./line_process.ts";

/** What a question came to: an answer, or in words why there is none. */
export type Reply =
  | { readonly kind: "answer"; readonly answer: Message }
  | { readonly kind: "hang" | "broken" | "dead"; readonly what: string };

/** Starts processes of this command as they are needed. */
export class Program {
  readonly #command: readonly string[];
  readonly #deadlineMilliseconds: number;
  #process: LineProcess | null = null;

  constructor(command: readonly string[], deadlineMilliseconds: number) {
    this.#command = command;
    this.#deadlineMilliseconds = deadlineMilliseconds;
  }

  /**
   * Asks a question. "dead": three processes in a row did not even answer a
   * plain one.
   */
  async ask(question: Message): Promise<Reply> {
    const ready = this.#process ?? await this.#start();
    if (!(ready instanceof LineProcess)) return ready;
    return this.#put(ready, question, this.#deadlineMilliseconds);
  }

  /** Ends the process; the next question starts another. */
  end(): void {
    this.#process?.kill();
    this.#process = null;
  }

  async #start(): Promise<LineProcess | Reply> {
    let what = "";
    for (let attempt = 0; attempt < 3; attempt++) {
      const started = new LineProcess(this.#command);
      this.#process = started;
      // The first answer takes the start as well.
      const toLoad = 4 * this.#deadlineMilliseconds;
      const reply = await this.#put(started, plainQuestion(), toLoad);
      if (reply.kind === "answer") return started;
      what = reply.what;
    }
    return { kind: "dead", what };
  }

  async #put(
    asked: LineProcess,
    question: Message,
    deadlineMilliseconds: number,
  ): Promise<Reply> {
    const line = await asked.ask(toLine(question), deadlineMilliseconds);
    const reply = line.kind === "line" ? readAnswer(question, line.text) : line;
    if (reply.kind !== "answer") this.end();
    return reply;
  }
}

/**
 * JSON in ASCII, so that no program's line reader stumbles over an encoding or
 * over U+2028.
 */
function toLine(question: Message): string {
  return JSON.stringify(question).replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** What any implementation can answer. */
function plainQuestion(): Message {
  const secret = "a plain secret, of thirty-two bytes and more";
  const parts = ['{"alg":"HS256","typ":"JWT"}', '{"sub":"ada"}'];
  const input = parts.map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
  const mac = createHmac("sha256", secret).update(input).digest("base64url");
  return {
    verify: `${input}.${mac}`,
    secret: Buffer.from(secret).toString("base64url"),
    policy: {},
  };
}

const results = {
  verify: "claims",
  sign: "token",
  verifyJws: "payload",
  mac: "mac",
};
const refusals = ["refused", "misuse", "unsupported", "fault"];

/**
 * An answer is an object with one member: the result that was asked for, or one
 * of the refusals.
 */
function readAnswer(question: Message, line: string): Reply {
  const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return { kind: "broken", what: `a line that is no JSON: ${shown}` };
  }
  const members = typeof answer === "object" && answer !== null
    ? Object.entries(answer)
    : [];
  const [[name = "", value] = []] = members;
  const isResult = Object.entries(results).some(([asked, result]) => {
    return asked in question && result === name &&
      (name === "claims" || typeof value === "string");
  });
  const isRefusal = refusals.includes(name) && typeof value === "string";
  if (members.length === 1 && (isResult || isRefusal)) {
    return { kind: "answer", answer: { [name]: value } };
  }
  return { kind: "broken", what: `an answer of no known form: ${shown}` };
}
