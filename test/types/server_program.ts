/**
 * A program of all that the package exports, by the names that it has outside: the server as a handler,
 * with an account and a route of its own. It must compile here, where no package is installed, and
 * test/system/pack runs it where one is.
 */

import { type AppOptions, createApp, createPasswordHasher } from "onejot/app";
import {
  authenticate,
  loginRequired,
  parseEmail,
  type User,
} from "onejot/auth";
import { createLog, json, type RootRouter } from "onejot/http";
import { generateKey, type HmacKey, rememberVerified } from "onejot/jwt";
import { openSqlite, type SqliteStore } from "onejot/sqlite";

const store: SqliteStore = openSqlite(":memory:");
const key: HmacKey = await generateKey();
const passwordIterations = 1000;
const log = createLog(() => {}, "json");
const options: AppOptions = { store, key, log, passwordIterations };
const app: RootRouter = createApp(options);
const verifier = rememberVerified(key);
const members = app.use(authenticate({ store, verifier, refusalStatus: 401 }))
  .use(loginRequired);
members.get(
  "/own/:word",
  ({ params, user }) => json(`${params.word}, ${nameOf(user)}`),
);

const password = "correct horse battery staple";
const email = parseEmail("ada@example.org");
if (email === null) throw new Error("This is an e-mail address.");
const passwordHash = await createPasswordHasher(passwordIterations).hash(
  password,
);
await store.addUser({
  email,
  isAdmin: true,
  passwordHash,
  createdAt: Math.floor(Date.now() / 1000),
});

const body = new URLSearchParams({ email, password });
const { token }: { token: string } = JSON.parse(
  await send("/login", { method: "POST", body }),
);
for (const path of ["/get-user", "/own/hello"]) {
  console.log(await send(path, {}, token));
}
store.close();

function nameOf({ email }: User): string {
  return email;
}

async function send(
  path: string,
  init: RequestInit,
  token = "",
): Promise<string> {
  const headers = { host: "localhost", authorization: token };
  const response = await app.fetch(
    new Request(`http://localhost${path}`, { ...init, headers }),
  );
  return await response.text();
}
