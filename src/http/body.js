/**
 * Request bodies: form-urlencoded, multipart and JSON, read under a byte limit and a deadline.
 * Refused: other media types (415), more bytes than the limit whatever Content-Length says (413), a
 * body that does not arrive in time (408), one that the runtime cannot parse as what its media type
 * says, fields that are missing, repeated in a form or no text (400).
 */
import { HttpError } from "./error.ts";
import { isSettledWithin } from "./server.ts";
const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data";
const jsonType = "application/json";
/**
 * Reads named text fields from a form or from the members of a JSON object. Other fields are ignored.
 *
 * @param names the fields that must be there, each once and as text
 * @throws {HttpError} 400, 408, 413 or 415, with a message that names the field or the media types
 */
export async function readFields(request, names, limits = {}) {
  const fields = await readAllFields(request, limits);
  requireNames(names, fields);
  const found = names.map((name) => {
    const [field, ...others] = fields.filter((each) => each[0] === name);
    if (others.length > 0) {
      throw new HttpError(400, `Repeated field: ${name}`);
    }
    if (typeof field?.[1] !== "string") {
      throw new HttpError(400, `Field is not text: ${name}`);
    }
    return field;
  });
  return Object.fromEntries(found); // each name has been given its text
}
/** Reads a JSON body, of media type application/json; refuses as `readFields` does. */
export async function readJson(request, limits = {}) {
  requireMediaType(request, [jsonType]);
  const text = await readText(request, limits);
  return await orRefuse("The body is not JSON", () => JSON.parse(text));
}
/**
 * Reads a JSON object of known members, of which the required ones, or else any one, must be there.
 *
 * @throws {HttpError} 400 for a member that is missing, unknown or of another type, 408, 413 or 415
 */
export async function readMembers(request, types, required = []) {
  const members = membersOf(await readJson(request));
  const names = Object.keys(types).join(", ");
  for (const [name, value] of members) {
    if (!Object.hasOwn(types, name)) {
      throw new HttpError(400, `Only these: ${names}`);
    }
    const type = typeof value;
    const kind = types[name] === "string" ? "text" : "boolean";
    if (type !== types[name]) {
      throw new HttpError(400, `Field is no ${kind}: ${name}`);
    }
  }
  requireNames(required, members);
  if (members.length === 0) {
    throw new HttpError(400, `Send one of: ${names}`);
  }
  return Object.fromEntries(members); // each has been found to be of its type
}
/**
 * Reads a body's bytes.
 *
 * @throws {HttpError} 413 beyond the limit, 408 after the deadline, 400 where the connection breaks
 */
export async function readBytes(
  request,
  { maxBytes = 16 * 1024, deadlineSeconds = 5 } = {},
) {
  if (request.body === null) {
    return new Uint8Array();
  }
  const reader = request.body.getReader();
  try {
    if (Number(request.headers.get("content-length")) > maxBytes) {
      throw new HttpError(413);
    }
    const bytes = readToEnd(reader, maxBytes);
    if (await isSettledWithin(deadlineSeconds, bytes)) {
      return await bytes;
    }
    throw new HttpError(408);
  } catch (error) {
    reader.cancel().catch(() => {}); // the rest is not wanted, and its end does not matter
    throw error;
  }
}
async function readToEnd(reader, maxBytes) {
  const read = () => reader.read();
  const chunks = [];
  for (let length = 0;;) {
    const { done, value } = await orRefuse(
      "The body could not be read to its end",
      read,
    );
    if (done) {
      return await new Blob(chunks).bytes();
    }
    length += value.length;
    if (length > maxBytes) {
      throw new HttpError(413);
    }
    chunks.push(value);
  }
}
/** All fields, one by one: texts and files of a form, or whatever JSON holds. */
async function readAllFields(request, limits) {
  const isTyped = request.headers.has("content-type"); // on Deno no body is an empty stream
  if (!isTyped && (await readBytes(request, limits)).length === 0) {
    return [];
  }
  const mediaType = requireMediaType(request, [
    formType,
    multipartType,
    jsonType,
  ]);
  if (mediaType === jsonType) {
    return membersOf(await readJson(request, limits));
  }
  if (mediaType === formType) {
    return [...new URLSearchParams(await readText(request, limits))];
  }
  const bytes = await readBytes(request, limits);
  const message =
    "The body is not multipart/form-data with the boundary it names";
  const { headers } = request; // its Content-Type names the boundary
  return [
    ...await orRefuse(
      message,
      () => new Response(bytes, { headers }).formData(),
    ),
  ];
}
function membersOf(value) {
  const isObject = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  if (isObject) {
    return Object.entries(value);
  }
  throw new HttpError(400, "The body must be a JSON object");
}
function requireNames(required, fields) {
  const missing = required.filter((name) =>
    !fields.some(([found]) => found === name)
  );
  if (missing.length > 0) {
    throw new HttpError(400, `Missing field: ${missing.join(", ")}`);
  }
}
function requireMediaType(request, accepted) {
  const [mediaType = ""] = (request.headers.get("content-type") ?? "").split(
    ";",
    1,
  );
  const found = mediaType.trim().toLowerCase();
  if (accepted.includes(found) && !request.headers.has("content-encoding")) {
    return found;
  }
  const list = accepted.join(", "); // RFC 9110 §15.5.16: Accept tells what would do
  throw new HttpError(
    415,
    `Send the body as ${list}, without Content-Encoding`,
    { accept: list },
  );
}
async function readText(request, limits) {
  const bytes = await readBytes(request, limits);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return await orRefuse("The body is not UTF-8", () => decoder.decode(bytes));
}
/** What a body is read as, or a refusal that says what it is not. */
async function orRefuse(message, read) {
  try {
    return await read();
  } catch {
    throw new HttpError(400, message);
  }
}
