/**
 * What administrators do with accounts: make, list, see and change them. There
 * is no registration by oneself: it would need e-mail to prove whose address it
 * is.
 * Refused: an id that nobody has (404), an e-mail address that is taken (409),
 * a member that is unknown or of another type (400), and taking away the last
 * enabled administrator (409).
 */

import {
  type Context,
  type Handler,
  HttpError,
  json,
  readMembers,
} from "../http/http.ts";
import { currentSecond, dateOf } from "./clock.ts";
import type { PasswordHasher } from "./password.ts";
import type { Account, ThrottleStore, UserStore } from "./store.ts";
import { forgetAttempts } from "./throttle.ts";
import { parseEmail, parseUserId, type UserId } from "./user.ts";

/** `POST /users`: adds an account. */
export function addUser({ store, passwords }: {
  readonly store: UserStore;
  readonly passwords: PasswordHasher;
}): Handler<Context> {
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
    const user = await store.addUser({
      email,
      isAdmin: members.is_admin ?? false,
      passwordHash: await passwords.hash(members.password ?? ""),
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
export function changeUser({ store, passwords }: {
  readonly store: UserStore & ThrottleStore;
  readonly passwords: PasswordHasher;
}): Handler<Context & { readonly params: { readonly id: string } }> {
  return async ({ request, params }) => {
    const id = readId(params.id);
    const members = await readMembers(request, {
      is_admin: "boolean",
      is_disabled: "boolean",
      password: "string",
    });
    const { password } = members;
    // Before the work of a hash is done.
    if (await store.findAccount(id) === null) throw new HttpError(404);
    const change = {
      isAdmin: members.is_admin,
      isDisabled: members.is_disabled,
      passwordHash: password === undefined
        ? undefined
        : await passwords.hash(password),
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
    await forgetAttempts(store, { account, change });
    return json(describeAccount(account));
  };
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
