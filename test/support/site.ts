/**
 * The whole app in this process, on a real database, with password hashes that
 * cost little; and what a client does with it.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { type App, type AppOptions, createApp } from "../../src/server/app.ts";
import {
  type Account,
  currentSecond,
  parseEmail,
  type User,
} from "../../src/auth/auth.ts";
import { createLog } from "../../src/http/http.ts";
import { encodeHeader, encodeJson, signCompact } from "../../src/jwt/jws.ts";
import { type Claims, generateKey, type HmacKey } from "../../src/jwt/jwt.ts";
import { openSqlite, type SqliteStore } from "../../src/storage/sqlite.ts";
import { cheapHasher } from "./hashers.ts";
import { password } from "./password.ts";
import { makeRequest, told } from "./send.ts";
import { withFolder } from "./temp.ts";

export { password } from "./password.ts";

export const tokenIsInvalid = '400 {"message":"Token is invalid"}';
export const wrongCredentials = '400 {"message":"Wrong credentials"}';
export const authRequired = '401 {"message":"Auth required"}';
export const notFound = '404 {"message":"Not found"}';

/** What goes with a request. */
export interface Sent {
  /** The access token. */
  readonly token?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's address, 192.0.2.1 by default; null where it has none. */
  readonly address?: string | null;
}

/** What is different in a user. */
export interface NewUser {
  readonly isAdmin?: boolean;
  /** The cost of the password's hash. */
  readonly iterations?: number;
}

/** What a login and a refresh give. */
export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
  /** The claims of the token. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly sid: string;
}

/** The app, its database and its key. */
export class Server {
  readonly store: SqliteStore;
  readonly key: HmacKey;
  readonly app: App;

  constructor(
    store: SqliteStore,
    parts: Partial<AppOptions> & { readonly key: HmacKey },
  ) {
    this.store = store;
    this.key = parts.key;
    const log = createLog(() => {}, "json");
    this.app = createApp({
      store,
      log,
      passwordScheme: "pbkdf2",
      passwordIterations: 1000,
      ...parts,
    });
  }

  /** Answers a request that was made elsewhere; null for no address. */
  fetch(
    request: Request,
    address: string | null = "192.0.2.1",
  ): Promise<Response> {
    return this.app.fetch(request, address);
  }

  /** Sends a request, written as its first line: "GET /x". */
  send(
    line: string,
    { token, form, json, headers, address }: Sent = {},
  ): Promise<Response> {
    const fields = new Headers();
    if (token !== undefined) fields.set("authorization", `Bearer ${token}`);
    if (json !== undefined) fields.set("content-type", "application/json");
    for (const [name, value] of Object.entries(headers ?? {})) {
      fields.set(name, value);
    }
    const init: RequestInit = { headers: fields };
    if (form !== undefined) init.body = new URLSearchParams(form);
    if (json !== undefined) init.body = JSON.stringify(json);
    return this.fetch(makeRequest(line, init), address);
  }

  /** The status and the body that a request gets. */
  ask(line: string, sent: Sent = {}): Promise<string> {
    return told(this.send(line, sent));
  }

  /** A member of the object that a request gets, which must be 200 or 201. */
  async get(line: string, sent: Sent = {}): Promise<Record<string, unknown>> {
    const response = await this.send(line, sent);
    assert.ok(
      response.status === 200 || response.status === 201,
      `${line}: ${response.status}`,
    );
    return Object(await response.json());
  }

  /** Adds a user whose password is {@link password}; the first has the id 1. */
  async addUser(
    text: string,
    { isAdmin = false, iterations = 1000 }: NewUser = {},
  ): Promise<User> {
    const email = parseEmail(text);
    assert.ok(email !== null);
    const passwordHash = await cheapHasher(iterations).hash(password);
    const user = await this.store.addUser({
      email,
      isAdmin,
      passwordHash,
      createdAt: currentSecond(),
    }, null);
    assert.ok(user !== null && user !== "not_allowed");
    return user;
  }

  async account(text: string): Promise<Account> {
    const email = parseEmail(text);
    const account = email === null
      ? null
      : await this.store.findAccountByEmail(email);
    assert.ok(account !== null);
    return account;
  }

  /** Logs in, which must succeed. */
  async logIn(email: string, sent: Sent = {}): Promise<Tokens> {
    return await readTokens(
      await this.send("POST /login", { form: { email, password }, ...sent }),
    );
  }

  /** Tries to log in. */
  tryPassword(
    email: string,
    tried: string,
    sent: Sent = {},
  ): Promise<Response> {
    return this.send("POST /login", {
      form: { email, password: tried },
      ...sent,
    });
  }

  /** Refreshes, which must succeed. */
  async refresh(refreshToken: string): Promise<Tokens> {
    return await readTokens(await this.tryRefresh(refreshToken));
  }

  tryRefresh(refreshToken: string): Promise<Response> {
    return this.send("POST /refresh", {
      form: { refresh_token: refreshToken },
    });
  }

  /**
   * A token that the server has not made itself, of claims that `sign` would
   * refuse, too; a minute unless they have an `exp`.
   */
  sign(claims: Claims): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    const json = JSON.stringify({ iat, exp: iat + 60, ...claims });
    const header = encodeHeader("JWT", this.key.kid);
    return signCompact(`${header}.${encodeJson(json)}`, this.key);
  }

  /** Says whether a token is accepted; if not, it must be as an invalid one. */
  async accepts(token: string): Promise<boolean> {
    const response = await this.send("GET /get-user", { token });
    if (response.status === 200) return true;
    assert.equal(await told(response), tokenIsInvalid);
    return false;
  }
}

/**
 * A server on a database in memory that answers with promises, as one elsewhere
 * would.
 *
 * @param interfere methods that stand before those of the store, to be there at
 * the wrong moment
 */
export async function makeServer(
  parts: Partial<AppOptions> = {},
  interfere: (store: SqliteStore) => Partial<SqliteStore> = () => ({}),
): Promise<Server> {
  const store = openSqlite(":memory:");
  const key = await generateKey();
  return new Server(store, {
    key,
    ...parts,
    store: { ...asElsewhere(store), ...interfere(store) },
  });
}

/**
 * The store with a promise in the place of each result, so that no await can be
 * forgotten.
 */
function asElsewhere(store: SqliteStore): SqliteStore {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    async (...args: readonly unknown[]) => {
      await Promise.resolve();
      return Reflect.apply(method, store, args);
    },
  ]);
  // The same methods, all of which may be async.
  return Object.fromEntries(methods) as SqliteStore;
}

/**
 * Runs a function with a server on a database in a file, and with the database
 * itself.
 */
export async function withDatabase(
  run: (server: Server, database: DatabaseSync) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "onejot.sqlite");
    const store = openSqlite(path);
    const database = new DatabaseSync(path);
    try {
      await run(new Server(store, { key: await generateKey() }), database);
    } finally {
      database.close();
      store.close();
    }
  });
}

/** Reads the answer of a login or of a refresh. */
export async function readTokens(response: Response): Promise<Tokens> {
  const { token, refresh_token: refreshToken, message } = Object(
    await response.json(),
  );
  assert.equal(response.status, 200, String(message));
  const claims = JSON.parse(decode(token.split(".")[1]));
  return { token, refreshToken, claims, sid: claims.sid };
}

/** The header of a token. */
export function headerOf(token: string): unknown {
  return JSON.parse(decode(token.split(".")[0] ?? ""));
}

function decode(part: string): string {
  return new TextDecoder().decode(
    Uint8Array.fromBase64(part, { alphabet: "base64url" }),
  );
}
