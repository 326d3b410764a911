/**
 * Request bodies, read under a byte limit and a deadline: as bytes, as text and
 * as JSON. Refused: other media types (415), more bytes than the limit whatever
 * Content-Length says (413), a body that does not arrive in time (408), one
 * that is not what its media type says (400). fields.ts reads what stands in
 * them.
 *
 * A runtime throws what it likes for bytes that it cannot read: a TypeError, a
 * SyntaxError, an error of the stream. So each `try` here holds one call of the
 * runtime's and nothing of ours, and a fault of ours cannot look like a bad
 * request.
 */

import { isSettledWithin } from "./deadline.ts";
import { HttpError } from "./error.ts";
import { trimOptionalWhitespace } from "./whitespace.ts";

/** How large a body may be and how long it may take. */
export interface BodyLimits {
  /** The greatest number of bytes; 16,384 by default. */
  readonly maxBytes?: number;
  /**
   * How many seconds it may take to arrive, from the first look at it; 5 by
   * default.
   */
  readonly deadlineSeconds?: number;
}

/** The media type of JSON (RFC 8259 §11). */
export const jsonType = "application/json";

/**
 * Reads a JSON body, of media type application/json.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readJson } from "onejot/http";
 *
 * const request = new Request("http://localhost/", {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: '{"ids":[1,2]}',
 * });
 * assert.deepEqual(await readJson(request), { ids: [1, 2] });
 * ```
 *
 * @throws {HttpError} 400 where it is not JSON, 408, 413 or 415
 */
export async function readJson(
  request: Request,
  limits: BodyLimits = {},
): Promise<unknown> {
  requireMediaType(request, [jsonType]);
  const text = await readText(request, limits);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "The body is not JSON");
  }
}

/**
 * Reads a body as UTF-8 text.
 *
 * @throws {HttpError} 400 where it is not UTF-8, 408 or 413
 */
export async function readText(
  request: Request,
  limits: BodyLimits,
): Promise<string> {
  const bytes = await readBytes(request, limits);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch {
    throw new HttpError(400, "The body is not UTF-8");
  }
}

/**
 * Reads a body's bytes, whatever its media type.
 *
 * @throws {HttpError} 413 beyond the limit, 408 after the deadline, 400 where
 * the connection breaks
 */
export async function readBytes(
  request: Request,
  { maxBytes = 16 * 1024, deadlineSeconds = 5 }: BodyLimits = {},
): Promise<Bytes> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  try {
    if (declaredLength(request) > maxBytes) throw new HttpError(413);
    const bytes = readToEnd(reader, maxBytes);
    if (await isSettledWithin(deadlineSeconds, bytes)) return await bytes;
    throw new HttpError(408);
  } catch (error) {
    // The rest is not wanted, and how it ends does not matter.
    reader.cancel().catch(() => {});
    throw error;
  }
}

/**
 * What Content-Length says; 0 where it says nothing. It spares a body that is
 * too large, and decides nothing else: the bytes are counted as they come.
 */
function declaredLength({ headers }: Request): number {
  const contentLength = headers.get("content-length") ?? "";
  // RFC 9110 §8.6: digits. `Number` also reads 1e9, 0x10 and white space.
  return /^\d+$/.test(contentLength) ? Number(contentLength) : 0;
}

/**
 * `Uint8Array<ArrayBuffer>` since TypeScript 5.7, and `Uint8Array` before, which
 * knows no parameter there.
 *
 * @internal
 */
type Bytes = ReturnType<typeof Uint8Array.of>;

async function readToEnd(
  reader: ReadableStreamDefaultReader<Bytes>,
  maxBytes: number,
): Promise<Bytes> {
  const chunks: Bytes[] = [];
  let length = 0;
  while (true) {
    const { done, value } = await readChunk(reader);
    if (done) return await new Blob(chunks).bytes();
    length += value.length;
    if (length > maxBytes) throw new HttpError(413);
    chunks.push(value);
  }
}

/** The next piece of a body, or its end. */
async function readChunk(reader: ReadableStreamDefaultReader<Bytes>) {
  try {
    return await reader.read();
  } catch {
    throw new HttpError(400, "The body could not be read to its end");
  }
}

/**
 * Which of the accepted media types a request has, whatever their parameters.
 *
 * @throws {HttpError} 415 for any other, and for a body that is compressed
 */
export function requireMediaType(
  { headers }: Request,
  accepted: readonly string[],
): string {
  const contentType = headers.get("content-type") ?? "";
  const [mediaType = ""] = contentType.split(";", 1);
  const name = trimOptionalWhitespace(mediaType).toLowerCase();
  if (accepted.includes(name) && !headers.has("content-encoding")) return name;
  const list = accepted.join(", ");
  throw new HttpError(
    415,
    `Send the body as ${list}, without Content-Encoding`,
    { accept: list }, // RFC 9110 §15.5.16: which would do
  );
}
