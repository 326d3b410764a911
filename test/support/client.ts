/**
 * A client that logs in and refreshes, and a database with accounts that
 * several servers can share.
 */

import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { currentSecond, parseEmail } from "../../src/auth/auth.ts";
import { openSqlite } from "../../src/storage/sqlite.ts";
import { cheapHasher } from "./hashers.ts";
import { password } from "./password.ts";
import { recordRoutes } from "./routes.ts";
import {
  type ServerProcess,
  startServer,
  testSecret,
  type Variables,
} from "./server_process.ts";
import { withFolder } from "./temp.ts";

export { password } from "./password.ts";

/** What goes with a request; of `form`, `json` and `body` one at most. */
export interface RequestParts {
  readonly token?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The members of the JSON object that the text is; else none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request, such as `send(server, "POST /refresh", { form })`. */
export async function send(
  { origin }: Pick<ServerProcess, "origin">,
  route: string,
  { token, form, json, body, headers }: RequestParts = {},
): Promise<Received> {
  const [method = "", target = ""] = route.split(" ");
  const response = await fetch(origin + target, {
    method,
    body: bodyOf({ form, json, body }),
    redirect: "manual",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" &&
    text !== "";
  const parsed = isJson ? Object(JSON.parse(text)) : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed,
  };
}

function bodyOf(
  { form, json, body }: {
    [Name in "form" | "json" | "body"]: RequestParts[Name] | undefined;
  },
): BodyInit | null {
  if (form !== undefined) return new URLSearchParams(form);
  return json === undefined ? body ?? null : JSON.stringify(json);
}

/** What a login or a refresh gives. */
export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
  /** The session, as the token names it. */
  readonly sid: string;
  readonly userId: number;
}

/** Reads the tokens of an answer. Throws where there are none. */
export function tokensOf({ status, text, body }: Received): Tokens {
  const { token, refresh_token: refreshToken } = body;
  if (
    status !== 200 || typeof token !== "string" ||
    typeof refreshToken !== "string"
  ) {
    throw new Error(`${status} ${text} instead of tokens`);
  }
  const { sid, user_id: userId } = claimsOf(token);
  if (typeof sid !== "string" || typeof userId !== "number") {
    throw new Error("no sid or user_id");
  }
  return { token, refreshToken, sid, userId };
}

export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString(
    "utf8",
  );
  return Object(JSON.parse(payload));
}

/** Every route of the server but the page's, such as `PATCH /users/:id`. */
export function routesOfServer(): readonly string[] {
  return recordRoutes({ page: false });
}

/** Logs in for all that a login gives. */
export async function startSession(
  server: Pick<ServerProcess, "origin">,
  email: string,
  options: { readonly password?: string; readonly agent?: string } = {},
): Promise<Tokens> {
  const form = { email, password: options.password ?? password };
  const headers = options.agent === undefined
    ? {}
    : { "user-agent": options.agent };
  return tokensOf(await send(server, "POST /login", { form, headers }));
}

/** A database, and the settings of a server that uses it. */
export interface TestDatabase {
  readonly path: string;
  readonly variables: Variables;
  /** All rows of users and sessions. */
  dump(): string;
}

/**
 * Makes a database, the first of whose accounts is an administrator's, and
 * removes it afterwards.
 */
export async function withAccounts(
  emails: readonly string[],
  use: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "onejot.sqlite");
    if (emails.length > 0) await addAccounts(path, emails);
    const variables = {
      PASSWORD_HASH: "pbkdf2",
      PASSWORD_ITERATIONS: "10000",
      JWT_SECRET: testSecret,
      DATABASE_URL: `sqlite:${path}`,
    };
    await use({ path, variables, dump: () => dump(path) });
  });
}

async function addAccounts(
  path: string,
  emails: readonly string[],
): Promise<void> {
  const passwordHash = await cheapHasher(10_000).hash(password);
  const store = openSqlite(path);
  for (const [index, text] of emails.entries()) {
    const email = parseEmail(text);
    if (email === null) {
      throw new TypeError(`Cannot add ${text}: it is no address`);
    }
    await store.addUser({
      email,
      isAdmin: index === 0,
      passwordHash,
      createdAt: currentSecond(),
    }, null);
  }
  store.close();
}

function dump(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = ["users", "sessions"].map((table) => [
      table,
      ...database.prepare(`SELECT * FROM ${table} ORDER BY id`).all(),
    ]);
    return JSON.stringify(tables, null, 1);
  } finally {
    database.close();
  }
}

/** Starts servers at once, hands them on, and stops them whatever happens. */
export async function withServers(
  count: number,
  variables: Variables,
  use: (servers: readonly ServerProcess[]) => Promise<void>,
): Promise<void> {
  const start = () => startServer(variables);
  const starts = await Promise.allSettled(Array.from({ length: count }, start));
  const servers = starts
    .filter((start) => start.status === "fulfilled")
    .map((start) => start.value);
  try {
    for (const start of starts) {
      if (start.status === "rejected") throw start.reason;
    }
    await use(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop("SIGKILL")));
  }
}
