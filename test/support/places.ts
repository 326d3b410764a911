/**
 * The contract of auth/store.ts is tested in each place where it is kept: in
 * SQLite's memory, in a SQLite file, and in PostgreSQL where POSTGRES_URL names
 * a database for it, as test/system/postgres/postgres.ts does. Each test has an
 * empty database to itself.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import process from "node:process";
import type { Store } from "../../src/auth/auth.ts";
import { postgresClientOfBun } from "../../src/server/bun.ts";
import type { Database } from "../../src/storage/sql.ts";
import { databaseOn } from "../../src/storage/sqlite_database.ts";
import {
  openPostgres,
  type PostgresClient,
} from "../../src/storage/postgres.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { slowTest } from "./slow_test.ts";
import { startStoreThread } from "./store_thread.ts";
import { withFolder } from "./temp.ts";

/** A database, empty at first. */
export interface Place {
  readonly store: Store;
  /**
   * Opens it a second time, as another process does; memory has but the one
   * store.
   */
  another(): Promise<Store>;
}

/** A database that others reach as well. */
export interface SharedPlace extends Place {
  /** The database itself. */
  readonly sql: Database;
}

/**
 * A database that is emptied before each test; undefined where there is no
 * server.
 */
const postgresUrl: string | undefined = process.env["POSTGRES_URL"];

/** A test of the contract, in every place. */
export function contract(
  sentence: string,
  act: (place: Place) => Promise<void>,
): void {
  slowTest(`SQLite in memory: ${sentence}`, () => inMemory(act));
  sharedContract(sentence, act);
}

/**
 * A test of the contract that looks into the database, or needs two who share
 * it.
 */
export function sharedContract(
  sentence: string,
  act: (place: SharedPlace) => Promise<void>,
): void {
  slowTest(`SQLite in a file: ${sentence}`, () => inFile(act));
  if (postgresUrl === undefined) return;
  slowTest(`PostgreSQL: ${sentence}`, () => inPostgres(act));
}

/**
 * A test of PostgreSQL alone, where there is a server, with clients of an empty
 * database.
 */
export function postgresContract(
  sentence: string,
  act: (clients: Clients) => Promise<void>,
): void {
  if (postgresUrl === undefined) return;
  slowTest(`PostgreSQL: ${sentence}`, () => inEmpty(act));
}

async function inMemory(act: (place: Place) => Promise<void>): Promise<void> {
  const store = openSqlite(":memory:");
  try {
    await act({ store, another: () => Promise.resolve(store) });
  } finally {
    store.close();
  }
}

async function inFile(
  act: (place: SharedPlace) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "onejot.sqlite");
    await using closing = new AsyncDisposableStack();
    const store = openSqlite(path);
    closing.defer(() => store.close());
    const connection = new DatabaseSync(path);
    closing.defer(() => connection.close());
    await act({
      store,
      sql: databaseOn(connection),
      another: () => {
        const thread = startStoreThread(path, store);
        closing.defer(() => thread.close());
        return Promise.resolve(thread.store);
      },
    });
  });
}

async function inPostgres(
  act: (place: SharedPlace) => Promise<void>,
): Promise<void> {
  await inEmpty(async (clients) => {
    await act({
      store: await openPostgres(await clients.connect(10)),
      sql: await clients.connect(1),
      another: async () => await openPostgres(await clients.connect(10)),
    });
  });
}

interface PostgresJsModule {
  connectByPostgresJs(
    url: string,
    connections: number,
  ): { readonly client: PostgresClient; close(): Promise<void> };
}

/**
 * Clients of one database, which are closed together: Bun's own, and
 * postgres.js on Deno.
 */
export class Clients implements AsyncDisposable {
  readonly #url: string;
  readonly #closing = new AsyncDisposableStack();

  constructor(url: string) {
    this.#url = url;
  }

  async connect(connections: number): Promise<PostgresClient> {
    const ofBun = postgresClientOfBun(this.#url, connections);
    if (ofBun !== null) {
      this.#closing.defer(() => ofBun.close());
      return ofBun;
    }
    // No literal: compilers lack its package.
    const module = "../system/postgres/postgres_js.ts";
    const { connectByPostgresJs }: PostgresJsModule = await import(module);
    const { client, close } = connectByPostgresJs(this.#url, connections);
    this.#closing.defer(close);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

/** Empties the database, and runs a function with it. */
async function inEmpty(
  act: (clients: Clients) => Promise<void>,
): Promise<void> {
  const { pathname } = new URL(postgresUrl ?? "");
  assert.match(
    pathname,
    /^\/onejot_test/,
    "POSTGRES_URL does not name a database to be emptied",
  );
  await using clients = new Clients(postgresUrl ?? "");
  const sql = await clients.connect(1);
  await sql`DROP SCHEMA public CASCADE`;
  await sql`CREATE SCHEMA public`;
  await act(clients);
}
