/**
 * Mistakes with keys, users and guards that must not compile, each next to the
 * form that does. Checked by tsc and `deno check`, never run.
 */

import {
  adminRequired,
  authenticate,
  type AuthenticateParts,
  changePassword,
  changeUser,
  type Email,
  endSession,
  getUser,
  listSessions,
  listUsers,
  login,
  type LoginParts,
  loginRequired,
  logout,
  parseEmail,
  parseUserId,
  type PasswordHash,
  type PasswordHasher,
  refresh,
  type Session,
  type SessionStore,
  showUser,
  type UserId,
} from "../../src/auth/auth.ts";
import { type App, serve } from "../../src/server/app.ts";
import { json, router } from "../../src/http/http.ts";
import {
  generateKey,
  type HmacKey,
  importKey,
  keyRing,
  sign,
  verify,
} from "../../src/jwt/jwt.ts";

declare const parts: AuthenticateParts & LoginParts;
declare const sessionStore: SessionStore;

const site = router();
const callers = site.use(authenticate(parts));
const loggedIn = callers.use(loginRequired());
const admins = loggedIn.use(adminRequired());

// A user is there behind the login, and nowhere else.
loggedIn.get("/user", ({ user }) => json(user.id));
loggedIn.get("/session", ({ sessionId }) => json(sessionId));
admins.get("/admin/:id", ({ user, params }) => json([user.id, params.id]));
callers.get("/caller", ({ authentication }) => {
  return json(authentication?.user.id ?? null);
});
// @ts-expect-error a public route has no user
site.get("/user", ({ user }) => json(user));
// @ts-expect-error a caller is known there, but nobody has to be logged in
callers.get("/user", ({ user }) => json(user));
// @ts-expect-error a caller may be nobody
callers.get("/caller", ({ authentication }) => json(authentication.user.id));

// The app has views behind its login.
declare const app: App;
app.members.get("/user", ({ user, sessionId }) => json([user.id, sessionId]));
app.administrators.get("/user/:id", ({ user, params }) => {
  return json([user.isAdmin, params.id]);
});
// @ts-expect-error a public route of the app has no user
app.get("/user", ({ user }) => json(user));
// @ts-expect-error the login twice
app.members.use(loginRequired());
// @ts-expect-error a view, which serves nothing
serve(app.members);

// Guards stand in their order.
site.use(authenticate(parts)).use(loginRequired()).use(adminRequired());
// @ts-expect-error a login guard without authentication
site.use(loginRequired());
// @ts-expect-error an admin guard without authentication
site.use(adminRequired());
// @ts-expect-error an admin guard without a login
callers.use(adminRequired());
// @ts-expect-error the login twice
loggedIn.use(loginRequired());
// @ts-expect-error a guard that nobody has called
callers.use(loginRequired);

// What is a user's own lies behind the login, and a logout behind
// authentication.
site.post("/login", login(parts));
site.post("/refresh", refresh(parts));
callers.post("/logout", logout(parts));
loggedIn.get("/get-user", getUser());
loggedIn.get("/sessions", listSessions(parts));
loggedIn.delete("/sessions/:id", endSession(parts));
loggedIn.post("/password", changePassword(parts));
// @ts-expect-error a logout where nobody has looked at the token
site.post("/logout", logout(parts));
// @ts-expect-error the user where nobody has looked at the token
site.get("/get-user", getUser());
// @ts-expect-error sessions of nobody
site.get("/sessions", listSessions(parts));
// @ts-expect-error sessions of whoever is calling, if there is one
callers.get("/sessions", listSessions(parts));
// @ts-expect-error the end of anybody's session
callers.delete("/sessions/:id", endSession(parts));
// @ts-expect-error the end of a session that the path does not name
loggedIn.delete("/sessions", endSession(parts));
// @ts-expect-error the password of nobody
callers.post("/password", changePassword(parts));

// Administration names whom it is about.
admins.get("/users", listUsers(parts));
admins.get("/users/:id", showUser(parts));
admins.patch("/users/:id", changeUser(parts));
// @ts-expect-error a change of a user that the path does not name
admins.patch("/users", changeUser(parts));
// @ts-expect-error a user that the path names otherwise
admins.get("/users/:number", showUser(parts));

// What hangs on a router needs the parts that its type names, and no others.
listSessions({ store: sessionStore });
// @ts-expect-error a handler without the part that it needs
listSessions({});
// @ts-expect-error a login with a store of sessions alone
login({ ...parts, store: sessionStore });

// Only importKey and generateKey make a key.
const key: HmacKey = await importKey(new Uint8Array(32), "a");
await verify("", key);
await verify("", keyRing([key, await generateKey()]));
await sign({ sub: "1" }, key, { lifetimeSeconds: 60 });
// @ts-expect-error an object that looks like a key
await verify("", { kid: "a" });
// @ts-expect-error the secret itself
await verify("", new Uint8Array(32));
// @ts-expect-error the secret as text
await verify("", "0123456789abcdefghijklmnopqrstuv");
// @ts-expect-error a promise of a key
await verify("", importKey(new Uint8Array(32)));
// @ts-expect-error an object that looks like a key, in a ring
keyRing([{ kid: "a" }]);
// @ts-expect-error an object that looks like a key, to sign with
await sign({ sub: "1" }, { kid: "a" });
// @ts-expect-error a secret as text
await importKey("0123456789abcdefghijklmnopqrstuv");

// No option chooses an algorithm or skips a check.
await verify("", key, { issuer: "a" });
// @ts-expect-error a policy that names an algorithm
await verify("", key, { algorithms: ["HS256"] });
// @ts-expect-error a policy that ignores the expiry
await verify("", key, { ignoreExpiration: true });
// @ts-expect-error a signing option that names an algorithm
await sign({ sub: "1" }, key, { alg: "none" });

// Ids, addresses and hashes come from what has checked them.
declare const hasher: PasswordHasher;
export const id: UserId | null = parseUserId(1);
export const address: Email | null = parseEmail("a@b");
export const hash: PasswordHash = await hasher.hash("password");
// @ts-expect-error a plain number as an id
export const plainId: UserId = 1;
// @ts-expect-error a plain text as an id
export const textId: UserId = "1";
// @ts-expect-error a plain text as an address
export const plainAddress: Email = "a@b";
// @ts-expect-error a plain text as a hash
export const plainHash: PasswordHash = "pbkdf2-sha256$1$a$b";
const plain = { passwordHash: "pbkdf2-sha256$1$a$b", isDisabled: false };
// @ts-expect-error a plain text as a stored hash
await hasher.check("password", plain);
// @ts-expect-error the id of a user is not that of an address
export const mixed: UserId = address;
declare const session: Session;
// @ts-expect-error a session's name is not its user
export const sessionsUser: UserId = session.id;
// @ts-expect-error a session is not changed where it has been read
session.refreshedAt = 1;
