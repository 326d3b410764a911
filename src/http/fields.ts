/**
 * What stands in a request's body by name: the fields of a form
 * (form-urlencoded or multipart) or the members of a JSON object.
 * Refused, in addition to what body.ts refuses: fields that are missing,
 * repeated in a form or of another type, and for a JSON object of known members
 * whatever else it has (400).
 */

import {
  type BodyLimits,
  jsonType,
  readBytes,
  readJson,
  readText,
  requireMediaType,
} from "./body.ts";
import { HttpError } from "./error.ts";

const formType = "application/x-www-form-urlencoded";
const multipartType = "multipart/form-data";

/**
 * Reads named text fields from a form or from the members of a JSON object.
 * Other fields are ignored.
 *
 * @param names the fields that must be there, each once and as text
 * @throws {HttpError} 400, 408, 413 or 415, with a message that names the field
 * or the media types
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readFields } from "onejot/http";
 *
 * const request = new Request("http://localhost/login", {
 *   method: "POST",
 *   body: new URLSearchParams({ email: "a@b", password: "c" }),
 * });
 * const { email, password } = await readFields(request, ["email", "password"]);
 * assert.deepEqual([email, password], ["a@b", "c"]);
 * ```
 */
export async function readFields<Name extends string>(
  request: Request,
  names: readonly Name[],
  limits: BodyLimits = {},
): Promise<Readonly<Record<Name, string>>> {
  const fields = await readAllFields(request, limits);
  requireNames(names, fields);
  const texts = names.map((name) => [name, textOf(name, fields)]);
  // Sound: each of the names has been given its text.
  return Object.fromEntries(texts) as Record<Name, string>;
}

/** The types of JSON members by their names. */
export type MemberTypes = Readonly<Record<string, "string" | "boolean">>;

/** The members that were read, by the types that were asked for. */
export type Members<Types extends MemberTypes> = {
  readonly [Name in keyof Types]?: Types[Name] extends "string" ? string
    : boolean;
};

/**
 * Reads a JSON object of known members.
 *
 * @param required the members that must be there; without any, there must be
 * one of all that are known
 * @throws {HttpError} 400 for a member that is missing, unknown or of another
 * type, 408, 413 or 415
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readMembers } from "onejot/http";
 *
 * const request = new Request("http://localhost/users/1", {
 *   method: "PATCH",
 *   headers: { "content-type": "application/json" },
 *   body: '{"is_admin":true}',
 * });
 * const types = { email: "string", is_admin: "boolean" } as const;
 * assert.deepEqual(await readMembers(request, types), { is_admin: true });
 * ```
 */
export async function readMembers<Types extends MemberTypes>(
  request: Request,
  types: Types,
  required: readonly (keyof Types & string)[] = [],
): Promise<Members<Types>> {
  const members = membersOf(await readJson(request));
  const names = Object.keys(types).join(", ");
  for (const [name, value] of members) {
    if (!Object.hasOwn(types, name)) {
      throw new HttpError(400, `Only these: ${names}`);
    }
    const wanted: MemberType | undefined = types[name];
    const type = typeof value;
    if (type !== wanted) throw refusalOfType(name, wanted);
  }
  requireNames(required, members);
  if (members.length === 0) throw new HttpError(400, `Send one of: ${names}`);
  // Sound: each member is known, and of its type.
  return Object.fromEntries(members) as Members<Types>;
}

type MemberType = MemberTypes[string];

type Field = readonly [name: string, value: unknown];

/**
 * All fields, one by one: texts and files of a form, or whatever JSON holds.
 */
async function readAllFields(
  request: Request,
  limits: BodyLimits,
): Promise<readonly Field[]> {
  if (!request.headers.has("content-type")) {
    // On Deno, no body is an empty stream.
    const bytes = await readBytes(request, limits);
    if (bytes.length === 0) return [];
  }
  const mediaType = requireMediaType(request, [
    formType,
    multipartType,
    jsonType,
  ]);
  if (mediaType === jsonType) return membersOf(await readJson(request, limits));
  if (mediaType === formType) {
    return [...new URLSearchParams(await readText(request, limits))];
  }
  return await readMultipart(request, limits);
}

/** The fields of multipart/form-data (RFC 7578). */
async function readMultipart(
  request: Request,
  limits: BodyLimits,
): Promise<readonly Field[]> {
  const bytes = await readBytes(request, limits);
  // The runtime's parser is a Response's; Content-Type names the boundary.
  const form = new Response(bytes, { headers: request.headers });
  try {
    return [...await form.formData()];
  } catch {
    throw new HttpError(
      400,
      "The body is not multipart/form-data with the boundary it names",
    );
  }
}

function membersOf(value: unknown): readonly Field[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new HttpError(400, "The body must be a JSON object");
  }
  return Object.entries(value);
}

function requireNames(
  required: readonly string[],
  fields: readonly Field[],
): void {
  const given = new Set(fields.map(([name]) => name));
  const missing = required.filter((name) => !given.has(name));
  if (missing.length > 0) {
    throw new HttpError(400, `Missing field: ${missing.join(", ")}`);
  }
}

/** The text of a field that is there once. */
function textOf(name: string, fields: readonly Field[]): string {
  const [field, ...others] = fields.filter((each) => each[0] === name);
  if (others.length > 0) throw new HttpError(400, `Repeated field: ${name}`);
  const value = field?.[1];
  if (typeof value !== "string") throw refusalOfType(name, "string");
  return value;
}

/** The one place that words what a field must be. */
function refusalOfType(
  name: string,
  wanted: MemberType | undefined,
): HttpError {
  const kind = wanted === "string" ? "text" : "a boolean";
  return new HttpError(400, `Field is not ${kind}: ${name}`);
}
