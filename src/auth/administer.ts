/**
 * What administrators do with accounts: make, list, see and change them. There is no registration by
 * oneself: it would need e-mail to prove whose address it is.
 * Refused: an id that is none (404), an e-mail address that is taken (409), a member that is unknown
 * or of another type (400), and taking away the last enabled administrator (409).
 */

import { type Context, HttpError, json, readMembers } from "../http/http.ts";
import type { AuthOptions } from "./login.ts";
import { currentSecond, dateOf } from "./clock.ts";
import type { Account } from "./store.ts";
import { parseEmail, parseUserId, type UserId } from "./user.ts";

/** @internal */
type ById = Context & { readonly params: { readonly id: string } };

/** `POST /users` */
export async function addUser(
  options: AuthOptions,
  context: Context,
): Promise<Response> {
  const { store, passwords } = options;
  const types = {
    email: "string",
    password: "string",
    is_admin: "boolean",
  } as const;
  const members = await readMembers(context.request, types, [
    "email",
    "password",
  ]);
  const { email: text = "", password = "", is_admin: isAdmin = false } =
    members;
  const email = parseEmail(text);
  if (email === null) {
    throw new HttpError(400, "email must look like name@host, in ASCII");
  }
  const passwordHash = await passwords.hash(password);
  const user = await store.addUser({
    email,
    isAdmin,
    passwordHash,
    createdAt: currentSecond(),
  });
  if (user === null) {
    throw new HttpError(409, "There is an account with this e-mail address");
  }
  const headers = { location: `${context.path}/${user.id}` };
  return json(describe(user), { status: 201, headers });
}

/** `GET /users?after=ID&limit=NUMBER` */
export async function listUsers(
  { store }: AuthOptions,
  { query }: Context,
): Promise<Response> {
  const after = readNumber(query, "after", [0, Number.MAX_SAFE_INTEGER, 0]);
  const limit = readNumber(query, "limit", [1, 200, 50]);
  const found = await store.listUsers({ after, limit: limit + 1 });
  const page = found.slice(0, limit);
  const next = found.length > limit ? page.at(-1)?.id ?? null : null;
  return json({ users: page.map(describe), next });
}

/** `GET /users/:id` */
export async function showUser(
  { store }: AuthOptions,
  { params }: ById,
): Promise<Response> {
  const user = await store.findAccount(readId(params.id));
  if (user === null) throw new HttpError(404);
  return json(describe(user));
}

/** `PATCH /users/:id` */
export async function changeUser(
  options: AuthOptions,
  context: ById,
): Promise<Response> {
  const { store, passwords } = options;
  const id = readId(context.params.id);
  const types = {
    is_admin: "boolean",
    is_disabled: "boolean",
    password: "string",
  } as const;
  const members = await readMembers(context.request, types);
  const { is_admin: isAdmin, is_disabled: isDisabled, password } = members;
  if (await store.findAccount(id) === null) throw new HttpError(404); // before work is done
  const passwordHash = password === undefined
    ? password
    : await passwords.hash(password);
  const change = { isAdmin, isDisabled, passwordHash };
  const user = await store.changeUser({ id, change, now: currentSecond() });
  if (user === null) throw new HttpError(404);
  if (user !== "last_admin") return json(describe(user));
  throw new HttpError(409, "The last enabled administrator must stay one");
}

function describe({ id, email, isAdmin, isDisabled, createdAt }: Account) {
  return {
    id,
    email,
    is_admin: isAdmin,
    is_disabled: isDisabled,
    created: dateOf(createdAt),
  };
}

function readId(text: string): UserId {
  const id = /^[1-9]\d{0,15}$/.test(text) ? parseUserId(Number(text)) : null;
  if (id === null) throw new HttpError(404);
  return id;
}

function readNumber(
  query: URLSearchParams,
  name: string,
  [least, greatest, fallback]: Range,
) {
  const [text, ...others] = query.getAll(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (others.length === 0 && value >= least && value <= greatest) return value;
  throw new HttpError(
    400,
    `${name} must be a whole number from ${least} to ${greatest}`,
  );
}

type Range = readonly [least: number, greatest: number, fallback: number];
