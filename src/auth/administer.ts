/**
 * What administrators do with accounts: make, list, see and change them. There
 * is no registration by oneself: it would need e-mail to prove whose address it
 * is.
 * Refused: an id that nobody has (404), an e-mail address that is taken (409),
 * a member that is unknown or of another type (400), a password that is too
 * easily guessed (400), taking away the last enabled administrator (409), and
 * whoever is no administrator any longer when the change is made.
 */

import {
  type Context,
  type Handler,
  HttpError,
  json,
  readMembers,
} from "../http/http.ts";
import { authorOf, type LoggedInContext } from "./authenticate.ts";
import { readNumber } from "./batch.ts";
import { currentSecond, dateOf, firstIssueAfterNow } from "./clock.ts";
import type { OnEvent } from "./event.ts";
import { faultOfPassword } from "./new_password.ts";
import type { PasswordHasher } from "./password.ts";
import type { PasswordHash } from "./password_hash.ts";
import { type RefusalStatus, tokenIsInvalid } from "./refusal.ts";
import type { Account, ThrottleStore, UserStore } from "./store.ts";
import { forgetAttempts } from "./throttle.ts";
import { type Email, parseEmail, parseUserId, type UserId } from "./user.ts";

/** What accounts are made and changed by. */
export interface AdministrationParts {
  /** Where users are, and failed attempts. */
  readonly store: UserStore & ThrottleStore;
  /** What hashes passwords. */
  readonly passwords: PasswordHasher;
  /** The least length of a password in characters; 8 by default. */
  readonly passwordMinLength?: number;
  /** The status for a token that is no good any longer. */
  readonly refusalStatus: RefusalStatus;
  /** Is told who did what to whom. */
  readonly onEvent?: OnEvent;
}

/** `POST /users`: adds an account. */
export function addUser(parts: AdministrationParts): Handler<LoggedInContext> {
  const { store, refusalStatus, onEvent } = parts;
  return async (context) => {
    const { request, path, user: administrator } = context;
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
    const isAdmin = members.is_admin ?? false;
    const password = members.password ?? "";
    const passwordHash = await hashNew(parts, { password, email });
    const account = {
      email,
      isAdmin,
      passwordHash,
      createdAt: currentSecond(),
    };
    const user = await store.addUser(account, authorOf(context));
    if (user === "not_allowed") throw tokenIsInvalid(refusalStatus);
    if (user === null) {
      throw new HttpError(409, "There is an account with this e-mail address");
    }
    onEvent?.({
      event: "user_added",
      what: `is_admin=${isAdmin}`,
      userId: user.id,
      by: administrator.id,
    }, context);
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
): Handler<LoggedInContext & { readonly params: { readonly id: string } }> {
  const { store, refusalStatus, onEvent } = parts;
  return async (context) => {
    const { request, params, user: administrator } = context;
    const id = readId(params.id);
    const members = await readMembers(request, {
      is_admin: "boolean",
      is_disabled: "boolean",
      password: "string",
    });
    const { password } = members;
    if (password !== undefined && id === administrator.id) {
      // Or a stolen token would be enough to take the account over.
      throw new HttpError(409, "Change your own password by POST /password");
    }
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
      tokensFrom: firstIssueAfterNow(),
      author: authorOf(context),
    });
    if (account === "not_allowed") throw tokenIsInvalid(refusalStatus);
    if (account === null) throw new HttpError(404);
    if (account === "last_admin") {
      throw new HttpError(409, "The last enabled administrator must stay one");
    }
    await forgetAttempts(store, { account, change });
    const what = describeChange(members);
    const by = administrator.id;
    onEvent?.({ event: "user_changed", what, userId: id, by }, context);
    return json(describeAccount(account));
  };
}

/** What was changed, without the password itself. */
function describeChange(
  { password, ...flags }: {
    readonly is_admin?: boolean;
    readonly is_disabled?: boolean;
    readonly password?: string;
  },
): string {
  const words = Object.entries(flags).map(([name, value]) => {
    return `${name}=${value}`;
  });
  if (password !== undefined) words.push("password");
  return words.join(", ");
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
