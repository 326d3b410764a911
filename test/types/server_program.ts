/**
 * A program of all that the package exports, by the names that it has outside:
 * the server as a handler, made with every option that there is, with an
 * account and a route of its own. It must compile here, where no package is
 * installed, and test/system/pack runs it where one is.
 */

import {
  type App,
  type AppOptions,
  createApp,
  type ListenOptions,
  type MemberContext,
  serve,
  type ServedApp,
} from "onejot/app";
import {
  accessTokenPolicy,
  authenticate,
  createPasswordHasher,
  currentSecond,
  faultOfPassword,
  loginRequired,
  parseEmail,
  PasswordHasher,
  type PasswordOptions,
  type PasswordScheme,
  type QueueLimits,
  type RefusalStatus,
  type Store,
  type User,
} from "onejot/auth";
import { createLog, json, type Log, type Router, router } from "onejot/http";
import { generateKey, type HmacKey, rememberVerified } from "onejot/jwt";
import { openSqlite, type SqliteStore } from "onejot/sqlite";

const sqlite: SqliteStore = openSqlite(":memory:");
const store: Store = sqlite;
const key: HmacKey = await generateKey();
const log: Log = createLog(() => {}, "json");
const refusalStatus: RefusalStatus = 401;
const passwordIterations = 1000;
const passwordScheme: PasswordScheme = "pbkdf2";

// Every option: one that could not be made of what is exported does not
// compile.
const options: Required<AppOptions> = {
  store,
  key,
  log,
  lifetimeSeconds: 900,
  refusalStatus,
  passwordScheme,
  passwordIterations,
  passwordMinLength: 15,
  trustedProxies: "10.0.0.0/8, fd00::/8",
  pathPrefix: "/onejot",
  prefixOnly: false,
  accessTokens: "sessions",
  metricsFrom: "192.0.2.1",
  page: true,
  healthIsLogged: false,
  isStopping: () => false,
};
const app: App = createApp(options);
const members: Router<MemberContext> = app.members;
members.get(
  "/own/:word",
  ({ params, user }) => json(`${params.word}, ${nameOf(user)}`),
);
app.administrators.get("/top", ({ user }) => json(user.isAdmin));

// The same by hand, in a router of one's own.
const site = router();
const verifier = rememberVerified(key, accessTokenPolicy);
const callers = site.use(authenticate({ store, verifier, refusalStatus }));
callers.use(loginRequired()).get("/me", ({ user }) => json(nameOf(user)));
app.mount("/site", site);

const password = "correct horse battery staple";
const email = parseEmail("ada@example.org");
if (email === null) throw new Error("This is an e-mail address.");
const fault: string | null = faultOfPassword(password, { email });
if (fault !== null) throw new Error(fault);
const passwordOptions: PasswordOptions = {
  store,
  scheme: passwordScheme,
  iterations: passwordIterations,
};
const limits: QueueLimits = { maxActive: 1, maxWaiting: 1 };
const hashers = [
  createPasswordHasher(passwordOptions),
  new PasswordHasher(passwordOptions, limits),
];
const [passwordHash] = await Promise.all(
  hashers.map((hasher) => hasher.hash(password)),
);
if (passwordHash === undefined) throw new Error("There are two hashes.");
await store.addUser({
  email,
  isAdmin: true,
  passwordHash,
  createdAt: currentSecond(),
}, null);

const body = new URLSearchParams({ email, password });
const { token }: { token: string } = JSON.parse(
  await send("/login", { method: "POST", body }),
);
for (const path of ["/get-user", "/own/hello", "/top", "/site/me"]) {
  console.log(await send(path, {}, token));
}
for (const path of ["/", "/src/jwt/jwt.ts", "/src/page/page.css"]) {
  const text = await send(path, {});
  if (text === "" || text.startsWith('{"message"')) throw new Error(text);
}
const place: ListenOptions = { hostname: "127.0.0.1", port: 0 };
export const serveOnce = async (): Promise<void> => {
  const served: ServedApp = serve(app, place);
  await served.stop();
};
sqlite.close();

function nameOf({ email }: User): string {
  return email;
}

async function send(
  path: string,
  init: RequestInit,
  token = "",
): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await app.request(path, { ...init, headers });
  return await response.text();
}
