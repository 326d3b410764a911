/**
 * Log lines, one JSON object each, or a readable line on a terminal; written in batches, because a
 * write per request costs as much as the request. Control characters never reach the output.
 * The access log: a line per request, with method, path without query, status, duration, bytes,
 * client address and request id; never a header value, a query, a token or a body.
 */
import { withHeaders } from "./response.ts";
/**
 * Makes a log.
 *
 * @param print takes some lines, without the last line's end
 * @param format "json" for programs, "readable" for a terminal
 */
export function createLog(print, format) {
  const toText = format === "json" ? JSON.stringify : joinValues;
  let lines = [];
  function flush() {
    if (lines.length === 0) {
      return;
    }
    const batch = lines;
    lines = [];
    try {
      print(batch.join("\n"));
    } catch {
      // a full disk behind the log must not end the server, and there is no place to tell it
    }
  }
  function write(record) {
    if (lines.length === 0) {
      setTimeout(flush, 50);
    }
    lines.push(escapeControls(toText(record)));
    if (lines.length >= 1000) {
      flush();
    }
  }
  return { write, flush };
}
/** Makes the middleware for the access log; it also puts the request's id into X-Request-Id. */
export function accessLog(log) {
  return async (context, next) => {
    const start = performance.now();
    const response = await next({});
    const length = response.headers.get("content-length");
    log.write({
      time: new Date().toISOString(),
      method: context.request.method.slice(0, 16),
      path: context.path.slice(0, 512), // both are the client's to choose
      status: response.status,
      milliseconds: Math.round((performance.now() - start) * 100) / 100,
      bytes: length === null ? null : Number(length),
      address: context.remoteAddress,
      id: context.requestId,
    });
    return withHeaders(response, [["x-request-id", context.requestId]]);
  };
}
function joinValues(record) {
  return Object.values(record).filter((value) => value !== null).join("  ");
}
/** C0, DEL, C1 and the Unicode line ends, which a terminal or a log reader could act on. */
function escapeControls(text) {
  if (/^[ -~]*$/.test(text)) {
    return text; // nearly all lines
  }
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
