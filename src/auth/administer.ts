/**
 * What administrators do with accounts: make, list, see and change them. There
 * is no registration by oneself: it would need e-mail to prove whose address it
 * is.
 * Refused: an id that nobody has (404), an e-mail address that is taken (409),
 * a member that is unknown or of another type (400), a password that is too
 * easily guessed (400), and taking away the last enabled administrator (409).
 */

import {
  type Context,
  type Handler,
  HttpError,
  json,
  readMembers,
} from "../http/http.ts";
import { currentSecond, dateOf } from "./clock.ts";
import { faultOfPassword } from "./new_password.ts";
import type { PasswordHasher } from "./password.ts";
import type { PasswordHash } from "./password_hash.ts";
import type { Account, UserStore } from "./store.ts";
import { type Email, parseEmail, parseUserId, type UserId } from "./user.ts";

/** What accounts are made and changed by. */
export interface AdministrationParts {
  /** Where users are. */
  readonly store: UserStore;
  /** What hashes passwords. */
  readonly passwords: PasswordHasher;
  /** The least length of a password in characters; 8 by default. */
  readonly passwordMinLength?: number;
}

/** `POST /users`: adds an account. */
export function addUser(parts: AdministrationParts): Handler<Context> {
  return async ({ request, path }) => {
    const types = {
      email: "string",
      password: "string",
      is_admin: "boolean",
    } as const;
    const members = await readMembers(request, types, ["email", "password"]);
    const email = parseEmail(members.email ?? "");
    if (email === null) {
      throw new HttpError(400, "email must look like name@host, in ASCII");
    }
    const password = members.password ?? "";
    const user = await parts.store.addUser({
      email,
      isAdmin: members.is_admin ?? false,
      passwordHash: await hashNew(parts, { password, email }),
      createdAt: currentSecond(),
    });
    if (user === null) {
      throw new HttpError(409, "There is an account with this e-mail address");
    }
    const headers = { location: `${path}/${user.id}` };
    return json(describeAccount(user), { status: 201, headers });
  };
}

/** `GET /users?after=ID&limit=NUMBER`: accounts in the order of their ids. */
export function listUsers(
  { store }: { readonly store: UserStore },
): Handler<Context> {
  return async ({ query }) => {
    const after = readNumber(query, "after", {
      least: 0,
      greatest: Number.MAX_SAFE_INTEGER,
      fallback: 0,
    });
    const limit = readNumber(query, "limit", {
      least: 1,
      greatest: 200,
      fallback: 50,
    });
    // One more than asked for, which shows whether any are left.
    const accounts = await store.listUsers({ after, limit: limit + 1 });
    const batch = accounts.slice(0, limit);
    const hasMore = accounts.length > batch.length;
    const next = hasMore ? batch.at(-1)?.id ?? null : null;
    return json({ users: batch.map(describeAccount), next });
  };
}

/** `GET /users/:id`: one account. */
export function showUser(
  { store }: { readonly store: UserStore },
): Handler<{ readonly params: { readonly id: string } }> {
  return async ({ params }) => {
    const account = await store.findAccount(readId(params.id));
    if (account === null) throw new HttpError(404);
    return json(describeAccount(account));
  };
}

/** `PATCH /users/:id`: changes what is named, and gives the account. */
export function changeUser(
  parts: AdministrationParts,
): Handler<Context & { readonly params: { readonly id: string } }> {
  const { store } = parts;
  return async ({ request, params }) => {
    const id = readId(params.id);
    const members = await readMembers(request, {
      is_admin: "boolean",
      is_disabled: "boolean",
      password: "string",
    });
    const { password } = members;
    // Before the work of a hash is done.
    const current = await store.findAccount(id);
    if (current === null) throw new HttpError(404);
    const { email } = current;
    const change = {
      isAdmin: members.is_admin,
      isDisabled: members.is_disabled,
      passwordHash: password === undefined
        ? undefined
        : await hashNew(parts, { password, email }),
    };
    const account = await store.changeUser({
      id,
      change,
      now: currentSecond(),
    });
    if (account === null) throw new HttpError(404);
    if (account === "last_admin") {
      throw new HttpError(409, "The last enabled administrator must stay one");
    }
    return json(describeAccount(account));
  };
}

/**
 * Hashes a new password.
 *
 * @throws {HttpError} 400 where faultOfPassword finds a fault
 */
async function hashNew(
  { passwords, passwordMinLength: minLength }: AdministrationParts,
  { password, email }: { readonly password: string; readonly email: Email },
): Promise<PasswordHash> {
  const fault = faultOfPassword(password, { email, minLength });
  if (fault !== null) throw new HttpError(400, fault);
  return await passwords.hash(password);
}

/** What administrators see of an account: no hash. */
function describeAccount(account: Account): object {
  return {
    id: account.id,
    email: account.email,
    is_admin: account.isAdmin,
    is_disabled: account.isDisabled,
    created: dateOf(account.createdAt),
  };
}

function readId(text: string): UserId {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw new HttpError(404);
  const id = parseUserId(Number(text));
  if (id === null) throw new HttpError(404);
  return id;
}

/** The number of that name in a query, or the fallback where there is none. */
function readNumber(
  query: URLSearchParams,
  name: string,
  { least, greatest, fallback }: {
    readonly least: number;
    readonly greatest: number;
    readonly fallback: number;
  },
): number {
  if (!query.has(name)) return fallback;
  // Where the name is repeated, the text has a comma and is no number.
  const text = query.getAll(name).join(",");
  const number = Number(text);
  if (/^\d{1,16}$/.test(text) && number >= least && number <= greatest) {
    return number;
  }
  throw new HttpError(
    400,
    `${name} must be a whole number from ${least} to ${greatest}`,
  );
}
