/**
 * Request bodies: form-urlencoded, multipart and JSON, read under a byte limit and a deadline.
 * Refused: other media types (415), more bytes than the limit whatever Content-Length says (413), a
 * body that does not arrive in time (408), one that the runtime cannot parse as what its media type
 * says, fields that are missing, repeated in a form or no text (400).
 */

import { HttpError } from "./error.ts";

/** How large a body may be and how long it may take. */
export interface BodyLimits {
  /** The greatest number of bytes; 16,384 by default. */
  readonly maxBytes?: number;
  /** How many seconds it may take to arrive, from the first look at it; 5 by default. */
  readonly deadlineSeconds?: number;
}

const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data";
const jsonType = "application/json";

/**
 * Reads named text fields from a form or from the members of a JSON object. Other fields are ignored.
 *
 * @param names the fields that must be there, each once and as text
 * @returns the fields by name
 * @throws {HttpError} 400, 408, 413 or 415, with a message that names the field or the media types
 */
export async function readFields<Name extends string>(
  request: Request,
  names: readonly Name[],
  limits: BodyLimits = {},
): Promise<Readonly<Record<Name, string>>> {
  const valuesOf = await readFieldValues(request, limits);
  const missing = names.filter((name) => valuesOf(name).length === 0);
  if (missing.length > 0) throw new HttpError(400, `Missing field: ${missing.join(", ")}`);
  const fields = names.map((name) => {
    const [value, ...others] = valuesOf(name);
    if (others.length > 0) throw new HttpError(400, `Repeated field: ${name}`);
    if (typeof value !== "string") throw new HttpError(400, `Field is not text: ${name}`);
    return [name, value];
  });
  return Object.fromEntries(fields) as Record<Name, string>; // each name has been given its text
}

/**
 * Reads a JSON body, of media type application/json.
 *
 * @throws {HttpError} 400, 408, 413 or 415
 */
export async function readJson(request: Request, limits: BodyLimits = {}): Promise<unknown> {
  requireMediaType(request, [jsonType]);
  return parseJson(await readBytes(request, limits));
}

/** The types of JSON members by their names. */
export type MemberTypes = Readonly<Record<string, "string" | "boolean">>;

/** The members that were read, by the types that were asked for. */
export type Members<Types extends MemberTypes> = {
  readonly [Name in keyof Types]?: Types[Name] extends "string" ? string : boolean;
};

/**
 * Reads a JSON object of known members, of which the required ones, or else any one, must be there.
 *
 * @throws {HttpError} 400 for a member that is missing, unknown or of another type, 408, 413 or 415
 */
export async function readMembers<Types extends MemberTypes>(
  request: Request,
  types: Types,
  required: readonly (keyof Types & string)[] = [],
): Promise<Members<Types>> {
  const value = requireObject(await readJson(request));
  const names = Object.keys(types);
  for (const [name, member] of Object.entries(value)) {
    if (!names.includes(name)) throw new HttpError(400, `Only these: ${names.join(", ")}`);
    const type: string = typeof member;
    if (type === types[name]) continue;
    throw new HttpError(
      400,
      `Field is no ${types[name] === "string" ? "text" : "boolean"}: ${name}`,
    );
  }
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) throw new HttpError(400, `Missing field: ${missing.join(", ")}`);
  if (Object.keys(value).length === 0) throw new HttpError(400, `Send one of: ${names.join(", ")}`);
  return value as Members<Types>; // each member has been found to be of its type
}

/**
 * Reads a body's bytes.
 *
 * @throws {HttpError} 413 beyond the limit, 408 after the deadline, 400 where the connection breaks
 */
export async function readBytes(
  request: Request,
  { maxBytes = 16 * 1024, deadlineSeconds = 5 }: BodyLimits = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new HttpError(408)), deadlineSeconds * 1000);
  });
  try {
    if (Number(request.headers.get("content-length")) > maxBytes) throw new HttpError(413);
    const chunks: Uint8Array[] = [];
    for (let length = 0;;) {
      const { done, value } = await Promise.race([readChunk(reader), deadline]);
      if (done) return joinChunks(chunks, length);
      length += value.length;
      if (length > maxBytes) throw new HttpError(413);
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {}); // the rest is not wanted, and its end does not matter
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** One function that gives all values of a field: texts of a form, or whatever JSON holds. */
async function readFieldValues(
  request: Request,
  limits: BodyLimits,
): Promise<(name: string) => readonly unknown[]> {
  if (!request.headers.has("content-type")) {
    const { length } = await readBytes(request, limits); // on Deno no body is an empty stream
    if (length === 0) return () => [];
  }
  const mediaType = requireMediaType(request, [formType, multipartType, jsonType]);
  const bytes = await readBytes(request, limits);
  if (mediaType === jsonType) return valuesOfJson(parseJson(bytes));
  const form = mediaType === formType
    ? new URLSearchParams(decodeUtf8(bytes))
    : await parseMultipart(bytes, request.headers.get("content-type") ?? "");
  return (name) => form.getAll(name);
}

function valuesOfJson(value: unknown): (name: string) => readonly unknown[] {
  const members = new Map<string, unknown>(Object.entries(requireObject(value)));
  return (name) => members.has(name) ? [members.get(name)] : [];
}

function requireObject(value: unknown): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new HttpError(400, "The body must be a JSON object");
}

function requireMediaType(request: Request, accepted: readonly string[]): string {
  const [mediaType = ""] = (request.headers.get("content-type") ?? "").split(";", 1);
  const found = mediaType.trim().toLowerCase();
  if (accepted.includes(found) && !request.headers.has("content-encoding")) return found;
  const list = accepted.join(", "); // RFC 9110 §15.5.16: Accept tells what would do
  throw new HttpError(415, `Send the body as ${list}, without Content-Encoding`, { accept: list });
}

function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>) {
  return reader.read().catch(() => {
    throw new HttpError(400, "The body could not be read to its end");
  });
}

function joinChunks(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, "The body is not JSON");
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError(400, "The body is not UTF-8");
  }
}

async function parseMultipart(bytes: BodyInit, contentType: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw new HttpError(400, "The body is not multipart/form-data with the boundary it names");
  }
}
