/**
 * The commands that work on the database without a server: accounts, their sessions, a backup. What
 * they change holds at once in every server that shares the database.
 * Refused: an account that is not there or is there already, a weak password, the end of the last
 * enabled administrator, a backup over a file that exists.
 */

import { createPasswordHasher } from "./app.ts";
import { faultOfPassword, parseEmail, type PasswordHash, sessionSeconds } from "./auth/auth.ts";
import type { Account, UserChange } from "./auth/auth.ts";
import { type Environment, readAccountConfig } from "./config.ts";
import { messageOf, openStore, print, usingDatabase } from "./start.ts";
import { InputError, readNewPassword } from "./terminal.ts";

type Store = ReturnType<typeof openStore>;

/** What a command works with. */
export interface Call {
  readonly environment: Environment;
  readonly argument: string; // the word behind the command: an e-mail address or a file
  readonly admin: boolean; // whether --admin was given
}

/** `user add EMAIL [--admin]` */
export function addUser(call: Call): Promise<void> {
  return withStore(call, async (store, iterations) => {
    const email = parseEmail(call.argument);
    if (email === null) {
      throw new InputError("The e-mail address must look like name@host, in ASCII.");
    }
    const passwordHash = await readPasswordHash(iterations);
    const user = await store.addUser({ email, isAdmin: call.admin, passwordHash });
    if (user === null) throw new InputError(`There is an account ${email} already.`);
    print(`Added user ${user.id}: ${email}${call.admin ? ", an administrator" : ""}.`);
  });
}

/** `user list` */
export function listUsers(call: Call): Promise<void> {
  return withStore(call, async (store) => {
    const users = await store.listUsers(0, Number.MAX_SAFE_INTEGER);
    for (const { id, email, isAdmin, isDisabled, createdAt } of users) {
      const marks = `${isAdmin ? "  administrator" : ""}${isDisabled ? "  disabled" : ""}`;
      print(`${id}  ${email}  since ${timeOf(createdAt)}${marks}`);
    }
  });
}

/** `user disable EMAIL` */
export function disableUser(call: Call): Promise<void> {
  return changeAccount(call, () => ({ isDisabled: true }), "is disabled, and its sessions ended");
}

/** `user enable EMAIL` */
export function enableUser(call: Call): Promise<void> {
  return changeAccount(call, () => ({ isDisabled: false }), "is enabled");
}

/** `user passwd EMAIL` */
export function setPassword(call: Call): Promise<void> {
  const done = "has a new password, and its sessions ended";
  const change = async (cost: number) => ({ passwordHash: await readPasswordHash(cost) });
  return changeAccount(call, change, done);
}

/** `user sessions EMAIL` */
export function listSessions(call: Call): Promise<void> {
  return withStore(call, async (store) => {
    const { id: userId } = await findAccount(store, call.argument);
    const since = Math.floor(Date.now() / 1000) - sessionSeconds;
    const sessions = await store.listSessions(userId, since);
    for (const { id, createdAt, refreshedAt, address, agent } of sessions) {
      const dates = `since ${timeOf(createdAt)}  refreshed ${timeOf(refreshedAt)}`;
      print(`${id}  ${dates}  ${address ?? "unknown"}  ${printable(agent)}`);
    }
  });
}

/** `backup FILE` */
export function backUp(call: Call): Promise<void> {
  return withStore(call, async (store) => {
    await store.copyTo(call.argument).catch((error) => {
      throw new InputError(`Cannot back up to ${call.argument}: ${messageOf(error)}.`);
    });
    print(`Backed up to ${call.argument}.`);
  });
}

type MakeChange = (passwordIterations: number) => UserChange | Promise<UserChange>;

async function changeAccount(call: Call, make: MakeChange, done: string): Promise<void> {
  await withStore(call, async (store, iterations) => {
    const { id, email } = await findAccount(store, call.argument);
    const change = await make(iterations);
    const changed = await store.changeUser(id, change, Math.floor(Date.now() / 1000));
    if (changed === null) throw new InputError(`There is no account ${email}.`);
    if (changed !== "last_admin") return print(`${email} ${done}.`);
    throw new InputError(`${email} is the last enabled administrator: make another one first.`);
  });
}

async function findAccount(store: Store, text: string): Promise<Account> {
  const email = parseEmail(text);
  const account = email === null ? null : await store.findAccountByEmail(email);
  if (account === null) throw new InputError(`There is no account ${text}: onejot user list.`);
  return account;
}

async function readPasswordHash(iterations: number): Promise<PasswordHash> {
  const password = await readNewPassword();
  const fault = faultOfPassword(password);
  if (fault !== null) throw new InputError(fault);
  return await createPasswordHasher(iterations).hash(password);
}

async function withStore(
  { environment }: Call,
  act: (store: Store, passwordIterations: number) => Promise<void>,
): Promise<void> {
  const { databasePath, passwordIterations } = readAccountConfig(environment);
  const store = openStore(databasePath);
  try {
    await usingDatabase(databasePath, () => act(store, passwordIterations));
  } finally {
    store.close();
  }
}

/** What a client sent, so that it can do nothing to a terminal. */
function printable(text: string | null): string {
  return JSON.stringify(text).replace(/[^ -~]/g, "?");
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}
