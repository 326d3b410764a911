/**
 * What the tests of stores put into them, and two SQLite stores on one file.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type {
  Account,
  Author,
  Email,
  NewAccount,
  NotAllowed,
  PasswordHash,
  Rotation,
  Session,
  Store,
  UserId,
} from "../../src/auth/auth.ts";
import { openSqlite, type SqliteStore } from "../../src/storage/sqlite.ts";
import { withFolder } from "./temp.ts";

/** An administrator. */
export const ada: NewAccount = {
  email: "ada@example.org" as Email,
  isAdmin: true,
  passwordHash: "pbkdf2-sha256$1$AA$AA" as PasswordHash,
  createdAt: 1_234_567_890,
};

/** A user. */
export const bob: NewAccount = {
  email: "bob@example.org" as Email,
  isAdmin: false,
  passwordHash: "pbkdf2-sha256$1$BB$BB" as PasswordHash,
  createdAt: 1_234_567_891,
};

/**
 * Runs a function with two stores on one file, and with the database itself.
 */
export async function withFile(
  use: (
    store: SqliteStore,
    other: SqliteStore,
    database: DatabaseSync,
  ) => void | Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "onejot.sqlite");
    const store = openSqlite(path);
    const other = openSqlite(path);
    const database = new DatabaseSync(path);
    try {
      await use(store, other, database);
    } finally {
      database.close();
      other.close();
      store.close();
    }
  });
}

/** Adds Ada with the id 1 and Bob with the id 2, and reads their accounts. */
export async function addBoth(store: Store): Promise<[Account, Account]> {
  const users = [
    await store.addUser(ada, null),
    await store.addUser(bob, null),
  ];
  const accounts = [
    await store.findAccount(id(1)),
    await store.findAccount(id(2)),
  ];
  const [first, second] = accounts;
  assert.ok(users.length === 2 && first && second);
  return [first, second];
}

/** A login that was right, and was counted by no key. */
export async function remember(
  store: Store,
  login: {
    readonly userId: UserId;
    readonly address: string;
    readonly now: number;
  },
): Promise<void> {
  await store.settleLogin({ keys: [], forgotten: [], ...login });
}

/** Says whether Ada or Bob has logged in from an address. */
export async function isKnown(
  store: Store,
  { userId, address }: { readonly userId: UserId; readonly address: string },
): Promise<boolean> {
  const { email } = userId === id(1) ? ada : bob;
  return (await store.findLogin({ email, address })).isKnown;
}

/** The id of a user. */
export function id(number: number): UserId {
  return number as UserId;
}

/** An author with a token without a session, which was issued just now. */
export function authorWith(userId: UserId): Author {
  const issuedAt = Number.MAX_SAFE_INTEGER;
  return { userId, sessionId: null, issuedAt, since: 0 };
}

/** A session of Ada's that was made, and last refreshed, at 1,000 seconds. */
export function sessionOf(name: string, parts: Partial<Session> = {}): Session {
  return {
    id: name,
    userId: id(1),
    refreshKey: `key of ${name}`,
    refreshHash: `hash of ${name}`,
    forkHash: null,
    spentHash: null,
    cookieHash: null,
    // Where a cookie works, if there is one.
    host: parts.cookieHash === undefined ? null : "localhost",
    createdAt: 1000,
    refreshedAt: 1000,
    address: "192.0.2.1",
    agent: "agent",
    lastAddress: "192.0.2.1",
    lastAgent: "agent",
    ...parts,
  };
}

/** The use of a refresh token by the client that has logged in. */
export function rotationOf(
  { spentHash, refreshHash, refreshedAt }: Readonly<
    Record<"spentHash" | "refreshHash", string> & Record<"refreshedAt", number>
  >,
): Rotation {
  const client = { address: "192.0.2.1", agent: "agent" };
  return { usedHash: spentHash, refreshHash, refreshedAt, ...client };
}

/** A change of a password at 5,000 seconds, which begins a session. */
export function passwordChangeOf(
  account: Account,
  passwordHash: PasswordHash,
  session: Session = sessionOf("begun", { userId: account.id }),
): Parameters<Store["changePassword"]>[0] {
  const author = authorWith(account.id);
  return { account, passwordHash, session, tokensFrom: 5001, author };
}

/** The account that was added. */
export function requireAdded(account: Account | NotAllowed | null): Account {
  assert.ok(account !== null && account !== "not_allowed");
  return account;
}

/** Texts that a database might stumble over, with their names. */
export const oddTexts: readonly (readonly [name: string, text: string])[] = [
  ["nothing", ""],
  ["quotes", `'"\`--;/*$1?\\`],
  ["wildcards", "%_*"],
  ["a NUL", "a\0b"],
  ["a NUL alone", "\0"],
  ["half a pair", "a\ud83d"],
  ["the other half", "\ude00b"],
  ["a whole pair", "\u{1f600}"],
  ["controls", "\x01\x1b[31m\x7f\r\n\t"],
  ["an accent apart", "e\u0301"],
  ["64 KiB", "x".repeat(65_536)],
  [
    "64 KiB of all kinds",
    Array.from({ length: 32_768 }, (_, n) => String.fromCharCode(n)).join(""),
  ],
];

/**
 * A text as a database may give it back: none keeps half a pair; and what no
 * header has, a NUL, PostgreSQL does not keep, and Deno's node:sqlite ends a
 * text at it.
 */
export function readBack(text: string): string[] {
  const [start = ""] = text.split("\0");
  return [text, text.replaceAll("\0", "\ufffd"), start].map((text) =>
    text.toWellFormed()
  );
}

/** Begins fifty at once. */
export function fifty<T>(begin: (index: number) => T): T[] {
  return Array.from({ length: 50 }, (_, index) => begin(index));
}
