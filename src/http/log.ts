/**
 * Log lines, one JSON object each, or a readable line on a terminal; written in batches, because a
 * write per request costs as much as the request. Control characters never reach the output.
 */

/** The members of a log line, in order. Never a secret, a token, a header value or a body. */
export type LogRecord = Readonly<Record<string, string | number | null>>;

/** Takes log lines. */
export interface Log {
  /** Adds a line; it is written within 50 ms. */
  write(record: LogRecord): void;
  /** Writes what is waiting. */
  flush(): void;
}

/**
 * Makes a log.
 *
 * @param print takes some lines, without the last line's end
 * @param format "json" for programs, "readable" for a terminal
 */
export function createLog(print: (lines: string) => void, format: "json" | "readable"): Log {
  let lines: string[] = [];

  function flush(): void {
    if (lines.length === 0) return;
    const batch = lines;
    lines = [];
    try {
      print(batch.join("\n"));
    } catch {
      // a full disk behind the log must not end the server, and there is no place to tell it
    }
  }

  function write(record: LogRecord): void {
    if (lines.length === 0) setTimeout(flush, 50);
    lines.push(format === "json" ? toJsonLine(record) : toReadableLine(record));
    if (lines.length >= 1000) flush();
  }

  return { write, flush };
}

function toJsonLine(record: LogRecord): string {
  return escapeControls(JSON.stringify(record));
}

function toReadableLine(record: LogRecord): string {
  const values = Object.values(record).filter((value) => value !== null);
  return escapeControls(values.join("  "));
}

/** C0, DEL, C1 and the Unicode line ends, which a terminal or a log reader could act on. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
