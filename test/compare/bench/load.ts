/**
 * Load from wrk, a C program with one thread that keeps connections open and
 * sends on each as soon as the answer to the request before is there. Whatever
 * it is answered is 2xx, or this throws.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What to send, and how long. */
export interface Load {
  readonly port: number;
  readonly path: string;
  /** A file of tokens, one a line, sent in turn. */
  readonly tokenFile: string;
  readonly connections: number;
  readonly seconds: number;
}

/** What came of it. */
export interface Loaded {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /**
   * The part of one core that wrk itself took; near 1, it is wrk that is
   * measured.
   */
  readonly loaderShare: number;
}

const script = fileURLToPath(new URL("load.lua", import.meta.url));
// In /proc, on Linux for every processor that Bun runs on.
const ticksPerSecond = 100;

/** Loads a server. Throws where a request is refused or a connection breaks. */
export async function load(what: Load): Promise<Loaded> {
  const loaded = await loadOnce(what);
  if (loaded.requests > 0) return loaded;
  if (what.seconds > 10) {
    throw new Error(`The server answered nothing in ${what.seconds} s.`);
  }
  // Short runs on a busy machine.
  return await load({ ...what, seconds: what.seconds * 4 });
}

async function loadOnce(
  { port, path, tokenFile, connections, seconds }: Load,
): Promise<Loaded> {
  // deno-fmt-ignore: an option a line
  const args = [
    "--threads", "1",
    "--connections", String(connections),
    "--duration", "1h",
    "--timeout", "10s",
    "--script", script,
    `http://127.0.0.1:${port}${path}`,
    "--",
    tokenFile,
  ];
  const before = childrenSeconds();
  const wrk = spawn("wrk", args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  wrk.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    // From when it says that it starts.
    timer ??= setTimeout(interrupt, seconds * 1000);
  });
  // Its own durations are whole seconds; at SIGINT it stops as at the end of
  // one. While it is starting it ignores the signal, and another one must come.
  const interrupt = () => {
    wrk.kill("SIGINT");
    timer = setTimeout(interrupt, 200);
  };
  try {
    await once(wrk, "close");
  } catch (error) {
    throw new Error("wrk cannot be run; Debian has it as a package.", {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
  const loaderSeconds = childrenSeconds() - before;
  const figures = readFigures(output);
  if (figures.refused > 0 || figures.broken > 0) {
    throw new Error(
      `The server did not answer all requests with 2xx:\n${output}`,
    );
  }
  return {
    requests: figures.requests,
    requestsPerSecond: figures.requests / figures.microseconds * 1e6,
    p50Milliseconds: figures.p50 / 1000,
    p99Milliseconds: figures.p99 / 1000,
    loaderShare: loaderSeconds / figures.microseconds * 1e6,
  };
}

const figureNames = [
  "requests",
  "microseconds",
  "p50",
  "p99",
  "refused",
  "broken",
] as const;

function readFigures(
  output: string,
): Readonly<Record<(typeof figureNames)[number], number>> {
  const line =
    output.split("\n").find((line) => line.startsWith('{"requests"')) ?? "";
  const figures = line === "" ? {} : JSON.parse(line);
  if (figureNames.every((name) => typeof figures[name] === "number")) {
    return figures;
  }
  throw new Error(`wrk did not end as it should:\n${output}`);
}

/**
 * The processor time, in user and in kernel mode, that a process has taken so
 * far.
 */
export function processorSeconds(processId: number): number {
  return sumOfTicks(processId, [14, 15]); // utime, stime
}

/** The same for all children of this process that have ended. */
function childrenSeconds(): number {
  return sumOfTicks(process.pid, [16, 17]); // cutime, cstime
}

/** Adds up fields of /proc/<id>/stat, as proc(5) numbers them. */
function sumOfTicks(processId: number, fields: readonly number[]): number {
  const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
  // The name may hold spaces.
  const values = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const sum = fields.reduce((sum, field) => sum + Number(values[field - 3]), 0);
  return sum / ticksPerSecond;
}
