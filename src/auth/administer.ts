/**
 * What administrators do with accounts: make, list, see and change them. There is no registration by
 * oneself: it would need e-mail to prove whose address it is.
 * Refused: an id that is none (404), an e-mail address that is taken (409), a member that is unknown
 * or of another type (400), and taking away the last enabled administrator (409).
 */

import { type Context, type Handler, HttpError, json, readMembers } from "../http/http.ts";
import type { Needs } from "./options.ts";
import { dateOf } from "./own_account.ts";
import { faultOfPassword, type PasswordHash, type PasswordHasher } from "./password.ts";
import type { UserChange, UserDetails } from "./store.ts";
import { currentSecond } from "./throttle.ts";
import { parseEmail, parseUserId, type UserId } from "./user.ts";

type AdministerNeeds = Needs<"users" | "passwords">;
type ById = Context & { readonly params: { readonly id: string } };

/** Makes the handler of `POST /users`. */
export function addUser({ users, passwords }: AdministerNeeds): Handler<Context> {
  return async ({ request }) => {
    const types = { email: "string", password: "string", is_admin: "boolean" } as const;
    const members = await readMembers(request, types, ["email", "password"]);
    const { email: text = "", password = "", is_admin: isAdmin = false } = members;
    const email = parseEmail(text);
    if (email === null) throw new HttpError(400, "email must look like name@host, in ASCII");
    const passwordHash = await hashNew(passwords, password);
    const user = await users.addUser({ email, isAdmin, passwordHash });
    if (user === null) throw new HttpError(409, "There is an account with this e-mail address");
    const details = await users.findUserDetails(user.id);
    const headers = { location: `/users/${user.id}` };
    return json(details === null ? null : describe(details), { status: 201, headers });
  };
}

/** Makes the handler of `GET /users?after=ID&limit=NUMBER`. */
export function listUsers({ users }: AdministerNeeds): Handler<Context> {
  return async ({ query }) => {
    const after = readNumber(query, "after", [0, Number.MAX_SAFE_INTEGER, 0]);
    const limit = readNumber(query, "limit", [1, 200, 50]);
    const found = await users.listUsers(after, limit + 1);
    const page = found.slice(0, limit);
    const next = found.length > limit ? page.at(-1)?.id ?? null : null;
    return json({ users: page.map(describe), next });
  };
}

/** Makes the handler of `GET /users/:id`. */
export function showUser({ users }: AdministerNeeds): Handler<ById> {
  return async ({ params }) => {
    const details = await users.findUserDetails(readId(params.id));
    if (details === null) throw new HttpError(404);
    return json(describe(details));
  };
}

/** Makes the handler of `PATCH /users/:id`. */
export function changeUser({ users, passwords }: AdministerNeeds): Handler<ById> {
  return async ({ request, params }) => {
    const id = readId(params.id);
    const types = { is_admin: "boolean", is_disabled: "boolean", password: "string" } as const;
    const members = await readMembers(request, types);
    const { is_admin: isAdmin, is_disabled: isDisabled, password } = members;
    if (await users.findUserDetails(id) === null) throw new HttpError(404); // before work is done
    const passwordHash = password === undefined ? password : await hashNew(passwords, password);
    const change: UserChange = { isAdmin, isDisabled, passwordHash };
    const details = await users.changeUser(id, change, currentSecond());
    if (details === null) throw new HttpError(404);
    if (details !== "last_admin") return json(describe(details));
    throw new HttpError(409, "The last enabled administrator must stay one");
  };
}

function describe({ id, email, isAdmin, isDisabled, createdAt }: UserDetails) {
  return { id, email, is_admin: isAdmin, is_disabled: isDisabled, created: dateOf(createdAt) };
}

function hashNew(passwords: PasswordHasher, password: string): Promise<PasswordHash> {
  const fault = faultOfPassword(password);
  if (fault !== null) throw new HttpError(400, fault);
  return passwords.hash(password);
}

function readId(text: string): UserId {
  const id = /^[1-9]\d{0,15}$/.test(text) ? parseUserId(Number(text)) : null;
  if (id === null) throw new HttpError(404);
  return id;
}

function readNumber(query: URLSearchParams, name: string, [least, greatest, fallback]: Range) {
  const [text, ...others] = query.getAll(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (others.length === 0 && value >= least && value <= greatest) return value;
  throw new HttpError(400, `${name} must be a whole number from ${least} to ${greatest}`);
}

type Range = readonly [least: number, greatest: number, fallback: number];
