/**
 * The commands that work on the database without a server: accounts, their
 * sessions, a backup. What they change holds at once in every server that
 * shares the database.
 * Refused: an account that is not there or is there already, a weak password,
 * the end of the last enabled administrator, a backup over a file that exists.
 */

import {
  type Account,
  createPasswordHasher,
  currentSecond,
  type Email,
  faultOfPassword,
  firstIssueAfterNow,
  forgetAttempts,
  isUnavailable,
  parseEmail,
  type PasswordHash,
  type Session,
  type SessionPlace,
  sessionsSince,
  type UserChange,
} from "../auth/auth.ts";
import { type AccountConfig, readAccountConfig } from "../server/config.ts";
import { nameOf, type OpenStore, openStore } from "../server/database.ts";
import { cannot, CommandError } from "../server/fault.ts";
import { print } from "../server/standard_output.ts";
import type { Argument, Call, Command, Run } from "./command.ts";
import { readNewPassword } from "./terminal.ts";

/** A call of a command that works on the database. */
interface StoreCall extends Call {
  readonly store: OpenStore;
  readonly config: AccountConfig;
}

/** Whoever can open the database may change all that is in it. */
const noAuthor = null;

const email: Argument = { name: "EMAIL", isRequired: true };

const storeCommands: readonly Command<StoreCall>[] = [
  {
    words: ["user", "add"],
    argument: email,
    options: ["admin"],
    meaning: "add an account; asks for its password",
    run: addUser,
  },
  {
    words: ["user", "list"],
    argument: null,
    options: [],
    meaning: "list the accounts",
    run: listUsers,
  },
  {
    words: ["user", "disable"],
    argument: email,
    options: [],
    meaning: "disable an account and end its sessions",
    run: disableUser,
  },
  {
    words: ["user", "enable"],
    argument: email,
    options: [],
    meaning: "enable it again",
    run: enableUser,
  },
  {
    words: ["user", "passwd"],
    argument: email,
    options: [],
    meaning: "set its password and end its sessions",
    run: setPassword,
  },
  {
    words: ["user", "sessions"],
    argument: email,
    options: [],
    meaning: "list its sessions",
    run: listSessions,
  },
  {
    words: ["backup"],
    argument: { name: "FILE", isRequired: true },
    options: [],
    meaning: "copy the database, also while servers use it",
    run: backUp,
  },
];

/**
 * The commands, each of which opens the database that the settings name, and
 * closes it.
 */
export const accountCommands: readonly Command<Call>[] = storeCommands.map(
  (command) => {
    return { ...command, run: (call: Call) => withStore(call, command.run) };
  },
);

async function withStore(call: Call, run: Run<StoreCall>): Promise<void> {
  const config = readAccountConfig(call.environment);
  const { database } = config;
  const store = await openStore(database);
  try {
    await run({ ...call, store, config });
  } catch (error) {
    const reason = reasonOfDatabase(error);
    if (reason === null) throw error;
    throw cannot(`use ${nameOf(database)}`, reason);
  } finally {
    await store.close();
  }
}

/** What may be told of an error of the database; null for any other error. */
function reasonOfDatabase(error: unknown): unknown {
  const { code, errno }: Readonly<Record<string, unknown>> = Object(error);
  if (code === "ERR_POSTGRES_SERVER_ERROR") {
    // Not the error itself: it holds the row, password hash and all, and Bun
    // would print it.
    return new Error(`SQLSTATE ${errno}`);
  }
  if (code === "ERR_SQLITE_ERROR" || isUnavailable(error)) return error;
  return null;
}

async function addUser(call: StoreCall): Promise<void> {
  const email = parseEmail(call.argument);
  if (email === null) {
    throw new CommandError(
      "The e-mail address must look like name@host, in ASCII.",
    );
  }
  const isAdmin = call.options.admin !== undefined;
  const passwordHash = await readPasswordHash(call, email);
  const user = await call.store.addUser({
    email,
    isAdmin,
    passwordHash,
    createdAt: currentSecond(),
  }, noAuthor);
  if (user === null || user === "not_allowed") {
    throw new CommandError(`There is an account ${email} already.`);
  }
  const role = isAdmin ? ", an administrator" : "";
  await print(`Added user ${user.id}: ${email}${role}.`);
}

async function listUsers({ store }: StoreCall): Promise<void> {
  const users = await store.listUsers({
    after: 0,
    limit: Number.MAX_SAFE_INTEGER,
  });
  for (const user of users) {
    const columns = [
      String(user.id),
      user.email,
      `since ${timeOf(user.createdAt)}`,
    ];
    if (user.isAdmin) columns.push("administrator");
    if (user.isDisabled) columns.push("disabled");
    await print(columns.join("  "));
  }
}

function disableUser(call: StoreCall): Promise<void> {
  const done = "is disabled, and its sessions ended";
  return changeAccount(call, { isDisabled: true }, done);
}

function enableUser(call: StoreCall): Promise<void> {
  return changeAccount(call, { isDisabled: false }, "is enabled");
}

async function setPassword(call: StoreCall): Promise<void> {
  // Before a password is asked for.
  const { email } = await requireAccount(call);
  const passwordHash = await readPasswordHash(call, email);
  const done = "has a new password, and its sessions ended";
  await changeAccount(call, { passwordHash }, done);
}

/** Changes the account that the call names, and prints that it is done. */
async function changeAccount(
  call: StoreCall,
  change: UserChange,
  done: string,
): Promise<void> {
  const { id, email } = await requireAccount(call);
  const changed = await call.store.changeUser({
    id,
    change,
    tokensFrom: firstIssueAfterNow(),
    author: noAuthor,
  });
  if (changed === null || changed === "not_allowed") {
    throw new CommandError(`There is no account ${email}.`);
  }
  if (changed === "last_admin") {
    throw new CommandError(
      `${email} is the last enabled administrator: make another one first.`,
    );
  }
  await forgetAttempts(call.store, { account: changed, change });
  await print(`${email} ${done}.`);
}

async function listSessions(call: StoreCall): Promise<void> {
  const { id: userId } = await requireAccount(call);
  const since = sessionsSince();
  let after: SessionPlace | null = null;
  while (true) {
    const batch: readonly Session[] = await call.store.listSessions({
      userId,
      since,
      after,
      limit: 200,
    });
    for (const session of batch) await print(describeSession(session));
    const last = batch.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** Where a session was last used, and by what. */
function describeSession(session: Session): string {
  const columns = [
    session.id,
    `since ${timeOf(session.createdAt)}`,
    `refreshed ${timeOf(session.refreshedAt)}`,
    session.lastAddress ?? "unknown",
    // What a client called itself: other characters could act on a terminal.
    JSON.stringify(session.lastAgent).replace(/[^ -~]/g, "?"),
  ];
  return columns.join("  ");
}

async function backUp({ store, argument: file }: StoreCall): Promise<void> {
  if (store.copyTo === null) {
    throw new CommandError(
      "onejot backs up SQLite alone: for PostgreSQL pg_dump is the way.",
    );
  }
  try {
    await store.copyTo(file);
  } catch (error) {
    throw cannot(`back up to ${file}`, error);
  }
  await print(`Backed up to ${file}.`);
}

async function requireAccount(
  { store, argument }: StoreCall,
): Promise<Account> {
  const email = parseEmail(argument);
  const account = email === null ? null : await store.findAccountByEmail(email);
  if (account !== null) return account;
  throw new CommandError(`There is no account ${argument}: onejot user list.`);
}

/** Asks for the new password of the account with that address. */
async function readPasswordHash(
  { store, config }: StoreCall,
  email: Email,
): Promise<PasswordHash> {
  const password = await readNewPassword();
  const minLength = config.passwordMinLength;
  const fault = faultOfPassword(password, { email, minLength });
  if (fault !== null) throw new CommandError(fault);
  const scheme = config.passwordScheme;
  const iterations = config.passwordIterations;
  const passwords = createPasswordHasher({ store, scheme, iterations });
  return await passwords.hash(password);
}

/** Seconds since 1970 as 2026-01-31T12:00:00Z. */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}
