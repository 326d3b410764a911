/**
 * Log lines, one JSON object each, or a readable line on a terminal; written in
 * batches, because a write per request costs as much as the request. Control
 * characters never reach the output.
 * The access log: a line per request, with method, path without query, status,
 * duration, bytes, client address and request id; never a header value, a
 * query, a token or a body. Of a path only that is written which the program
 * has named itself, or which is too short to be the name of a session or a
 * token.
 */

import { type AddsNothing, Context, type Middleware } from "./context.ts";
import { withHeaders } from "./response.ts";

/**
 * The members of a log line, in order. Never a secret, a token, a header value
 * or a body.
 */
export type LogRecord = Readonly<Record<string, string | number | null>>;

/** Takes log lines. */
export interface Log {
  /** Adds a line. */
  write(record: LogRecord): void;
  /** Writes what is waiting. */
  flush(): void | Promise<void>;
  /** How many lines were dropped; absent where that is not counted. */
  readonly droppedLines?: number;
}

/** A log that writes in batches, and waits for nobody. */
export interface BatchLog extends Log {
  /**
   * Adds a line, which is written within 50 ms. While those before it are still
   * being written, it waits; where more than 4,194,304 characters wait, it is
   * dropped.
   */
  write(record: LogRecord): void;
  /**
   * Writes what is waiting.
   *
   * @returns a promise that resolves when it is written, and never rejects
   */
  flush(): Promise<void>;
  /** How many lines were dropped. */
  readonly droppedLines: number;
}

/** What may wait: some 20,000 lines of the access log. */
const mostWaitingCharacters = 4_194_304;

/**
 * Makes a log.
 *
 * @param print takes some lines, without the last line's end. Where it gives a
 *   promise, it is not called again before that is settled.
 * @param format "json" for programs, "readable" for a terminal
 */
export function createLog(
  print: (lines: string) => unknown,
  format: "json" | "readable",
): BatchLog {
  const textOf = format === "json" ? toJson : joinValues;
  let lines: string[] = [];
  let characters = 0;
  let printing: Promise<void> | null = null;
  let droppedLines = 0;
  /** Those of which the log itself does not tell yet. */
  let untoldLines = 0;

  function flush(): Promise<void> {
    if (printing !== null) return printing;
    if (lines.length === 0) return Promise.resolve();
    try {
      const outcome = print(takeLines());
      if (outcome instanceof Promise) printing = outcome.then(goOn, goOn);
    } catch {
      // A full disk behind the log must not end the server, and there is no
      // place to tell it.
    }
    return printing ?? Promise.resolve();
  }

  /** What was written while lines were printed is printed next. */
  function goOn(): Promise<void> {
    printing = null;
    return flush();
  }

  function takeLines(): string {
    if (untoldLines > 0) addLine(droppedRecord(untoldLines));
    const batch = lines;
    lines = [];
    characters = 0;
    untoldLines = 0;
    return batch.join("\n");
  }

  function addLine(record: LogRecord): void {
    const line = escapeControls(textOf(record));
    characters += line.length;
    lines.push(line);
  }

  function write(record: LogRecord): void {
    if (characters > mostWaitingCharacters) {
      droppedLines++;
      untoldLines++;
      return;
    }
    if (lines.length === 0) setTimeout(flush, 50);
    addLine(record);
    if (lines.length >= 1000) flush();
  }

  return {
    write,
    flush,
    get droppedLines() {
      return droppedLines;
    },
  };
}

/** Stands behind the last line that came before the dropped ones. */
function droppedRecord(lines: number): LogRecord {
  return {
    time: new Date().toISOString(),
    level: "warning",
    message: "Lines of the log were dropped: nothing reads it fast enough",
    lines,
  };
}

/** What the access log leaves out. */
export interface AccessLogOptions {
  /**
   * The patterns of routes whose requests have no line where they go well, such
   * as `/healthz`; none by default.
   */
  readonly quietRoutes?: readonly string[];
}

/**
 * Makes the middleware for the access log; it also puts the request's id into
 * X-Request-Id.
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import { accessLog, createLog, json, router } from "onejot/http";
 *
 * const lines: string[] = [];
 * const log = createLog((text) => lines.push(text), "json");
 * const site = router({ around: [accessLog(log)] });
 * site.get("/users/:id", ({ params }) => json(params.id));
 * await site.request("/users/1");
 *
 * log.flush(); // or 50 ms later
 * const { method, path, status } = JSON.parse(lines.join());
 * assert.deepEqual([method, path, status], ["GET", "/users/:id", 200]);
 * ```
 */
export function accessLog(
  log: Log,
  { quietRoutes = [] }: AccessLogOptions = {},
): Middleware<Context, AddsNothing> {
  const quiet = new Set<string | null>(quietRoutes);
  return async (context, next) => {
    const start = performance.now();
    const response = await next({});
    const id: [string, string] = ["x-request-id", context.requestId];
    if (response.ok && quiet.has(context.routePattern)) {
      return withHeaders(response, [id]);
    }
    const length = response.headers.get("content-length");
    log.write({
      time: new Date().toISOString(),
      // Cut, because both are the client's to choose.
      method: context.request.method.slice(0, 16),
      path: shownPath(context).slice(0, 512),
      status: response.status,
      milliseconds: Math.round((performance.now() - start) * 100) / 100,
      bytes: length === null ? null : Number(length),
      address: context.remoteAddress,
      id: context.requestId,
    });
    return withHeaders(response, [id]);
  };
}

/**
 * The path of a request as a line shows it: where a route with parameters answers, with
 * their names in place of what was sent; where none answers, with its long
 * segments cut, as anything can have been put there.
 */
export function shownPath(context: Context): string {
  return Context.namedPath(context) ?? withoutLongSegments(context.path);
}

/** How many characters of a segment are shown; the id of a session has 22. */
const longestSegment = 20;
const shownOfLonger = 8;

function withoutLongSegments(path: string): string {
  if (path.length <= longestSegment) return path;
  const segments = path.split("/").map((segment) => {
    if (segment.length <= longestSegment) return segment;
    return `${segment.slice(0, shownOfLonger)}...`;
  });
  return segments.join("/");
}

function toJson(record: LogRecord): string {
  return JSON.stringify(record);
}

function joinValues(record: LogRecord): string {
  return Object.values(record).filter((value) => value !== null).join("  ");
}

/**
 * Escapes C0, DEL, C1 and the Unicode line ends, which a terminal or a log
 * reader could act on.
 */
export function escapeControls(text: string): string {
  if (/^[ -~]*$/.test(text)) return text; // nearly all lines
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
