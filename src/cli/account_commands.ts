/**
 * The commands that work on the database without a server: accounts, their sessions, a backup. What
 * they change holds at once in every server that shares the database.
 * Refused: an account that is not there or is there already, a weak password, the end of the last
 * enabled administrator, a backup over a file that exists.
 */

import { createPasswordHasher } from "../server/app.ts";
import { currentSecond, faultOfPassword, isUnavailable } from "../auth/auth.ts";
import { parseEmail, sessionsSince } from "../auth/auth.ts";
import type { Account, PasswordHash, UserChange } from "../auth/auth.ts";
import type { Call, Command, Run } from "./command_line.ts";
import { readAccountConfig } from "../server/config.ts";
import { nameOf, type OpenStore, openStore } from "../server/start.ts";
import { cannot, CommandError, print } from "../server/fault.ts";
import { readNewPassword } from "./terminal.ts";

interface StoreCall extends Call {
  readonly store: OpenStore;
  readonly passwordIterations: number;
}

const disableUser = changing(
  { isDisabled: true },
  "is disabled, and its sessions ended",
);
const enableUser = changing({ isDisabled: false }, "is enabled");

const commands: readonly Command<StoreCall>[] = [
  [
    "user add EMAIL [--admin]",
    "add an account; asks for its password",
    addUser,
    ["admin"],
  ],
  ["user list", "list the accounts", listUsers],
  [
    "user disable EMAIL",
    "disable an account and end its sessions",
    disableUser,
  ],
  ["user enable EMAIL", "enable it again", enableUser],
  ["user passwd EMAIL", "set its password and end its sessions", setPassword],
  ["user sessions EMAIL", "list its sessions", listSessions],
  ["backup FILE", "copy the database, also while servers use it", backUp],
];

/** The commands, each of which opens the database that the settings name, and closes it. */
export const accountCommands: readonly Command<Call>[] = commands.map(
  ([usage, meaning, run, options = []]) => {
    return [usage, meaning, (call: Call) => withStore(call, run), options];
  },
);

async function withStore(call: Call, run: Run<StoreCall>): Promise<void> {
  const { database, passwordIterations } = readAccountConfig(call.environment);
  const store = await openStore(database);
  try {
    await run({ ...call, store, passwordIterations });
  } catch (error) {
    // PostgreSQL's errors hold the row, password hash and all, which Bun would print.
    const { code, errno }: Readonly<Record<string, unknown>> = Object(error);
    const reason = code === "ERR_POSTGRES_SERVER_ERROR"
      ? new Error(`SQLSTATE ${errno}`)
      : error;
    const isTold = reason !== error || code === "ERR_SQLITE_ERROR" ||
      isUnavailable(error);
    throw isTold ? cannot(`use ${nameOf(database)}`, reason) : error;
  } finally {
    await store.close();
  }
}

async function addUser(call: StoreCall): Promise<void> {
  const email = parseEmail(call.argument);
  if (email === null) {
    throw new CommandError(
      "The e-mail address must look like name@host, in ASCII.",
    );
  }
  const isAdmin = call.options.admin !== undefined;
  const passwordHash = await readPasswordHash(call);
  const user = await call.store.addUser({
    email,
    isAdmin,
    passwordHash,
    createdAt: currentSecond(),
  });
  if (user === null) {
    throw new CommandError(`There is an account ${email} already.`);
  }
  print(
    `Added user ${user.id}: ${email}${isAdmin ? ", an administrator" : ""}.`,
  );
}

async function listUsers({ store }: StoreCall): Promise<void> {
  const users = await store.listUsers({
    after: 0,
    limit: Number.MAX_SAFE_INTEGER,
  });
  for (const { id, email, isAdmin, isDisabled, createdAt } of users) {
    const marks = `${isAdmin ? "  administrator" : ""}${
      isDisabled ? "  disabled" : ""
    }`;
    print(`${id}  ${email}  since ${timeOf(createdAt)}${marks}`);
  }
}

async function setPassword(call: StoreCall): Promise<void> {
  await findAccount(call); // before a password is asked for
  const passwordHash = await readPasswordHash(call);
  await changing(
    { passwordHash },
    "has a new password, and its sessions ended",
  )(call);
}

async function listSessions(call: StoreCall): Promise<void> {
  const { id: userId } = await findAccount(call);
  const sessions = await call.store.listSessions({
    userId,
    since: sessionsSince(),
  });
  for (const { id, createdAt, refreshedAt, address, agent } of sessions) {
    const dates = `since ${timeOf(createdAt)}  refreshed ${
      timeOf(refreshedAt)
    }`;
    const printable = JSON.stringify(agent).replace(/[^ -~]/g, "?"); // or it acts on a terminal
    print(`${id}  ${dates}  ${address ?? "unknown"}  ${printable}`);
  }
}

async function backUp({ store, argument: file }: StoreCall): Promise<void> {
  if (store.copyTo === undefined) {
    throw new CommandError(
      "onejot backs up SQLite alone: for PostgreSQL pg_dump is the way.",
    );
  }
  await store.copyTo(file).catch((error) => {
    throw cannot(`back up to ${file}`, error);
  });
  print(`Backed up to ${file}.`);
}

function changing(change: UserChange, done: string): Run<StoreCall> {
  return async (call) => {
    const { id, email } = await findAccount(call);
    const changed = await call.store.changeUser({
      id,
      change,
      now: currentSecond(),
    });
    if (changed === null) {
      throw new CommandError(`There is no account ${email}.`);
    }
    if (changed !== "last_admin") return print(`${email} ${done}.`);
    throw new CommandError(
      `${email} is the last enabled administrator: make another one first.`,
    );
  };
}

async function findAccount({ store, argument }: StoreCall): Promise<Account> {
  const email = parseEmail(argument);
  const account = email === null ? null : await store.findAccountByEmail(email);
  if (account !== null) return account;
  throw new CommandError(`There is no account ${argument}: onejot user list.`);
}

async function readPasswordHash(
  { passwordIterations }: StoreCall,
): Promise<PasswordHash> {
  const password = await readNewPassword();
  const fault = faultOfPassword(password);
  if (fault !== null) throw new CommandError(fault);
  return await createPasswordHasher(passwordIterations).hash(password);
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}
