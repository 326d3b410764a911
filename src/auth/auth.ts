/**
 * What a login is: users, passwords, sessions, the login itself, and the
 * middleware that knows who sends a request. The front door of this folder. It
 * imports jwt and http, and declares the storage that it needs in store.ts.
 *
 * Every handler and every middleware is made by a function that is called with
 * the parts that it needs, by name, or with nothing where it needs none. So one
 * object with all of the parts serves all of them:
 *
 * ```ts
 * import assert from "node:assert/strict";
 * import * as auth from "onejot/auth";
 * import { json, router } from "onejot/http";
 * import { generateKey, rememberVerified } from "onejot/jwt";
 * import { openSqlite } from "onejot/sqlite";
 *
 * const key = await generateKey();
 * const store = openSqlite(":memory:");
 * const parts = {
 *   store,
 *   key,
 *   verifier: rememberVerified(key, auth.accessTokenPolicy),
 *   lifetimeSeconds: 900,
 *   refusalStatus: 401 as const,
 *   passwords: auth.createPasswordHasher({ store }),
 *   networksOf: (address: string) => {
 *     return { client: address, site: null, network: address };
 *   },
 * };
 *
 * const site = router();
 * const ownOrigin = site.use(auth.otherOriginsRefused());
 * const callers = ownOrigin.use(auth.authenticate(parts));
 * const loggedIn = callers.use(auth.loginRequired());
 * ownOrigin.post("/login", auth.login(parts));
 * ownOrigin.post("/refresh", auth.refresh(parts));
 * callers.post("/logout", auth.logout(parts));
 * loggedIn.get("/me", ({ user }) => json({ email: user.email }));
 *
 * const email = auth.parseEmail("ada@example.org");
 * assert.ok(email !== null);
 * await store.addUser({
 *   email,
 *   isAdmin: false,
 *   passwordHash: await parts.passwords.hash("correct horse"),
 *   createdAt: auth.currentSecond(),
 * }, null); // no author: whoever has the store
 * const body = new URLSearchParams({ email, password: "correct horse" });
 * const response = await site.request("/login", { method: "POST", body });
 * assert.equal(response.status, 200);
 * store.close();
 * ```
 *
 * Compatibility: what is exported here keeps its name, its types and what it
 * answers on the wire within a minor version as long as the major one is 0, and
 * within a major version from 1.0 on. What only the folder's other files export
 * may change at any time. No version will make a check weaker by default.
 */

export {
  addUser,
  type AdministrationParts,
  changeUser,
  listUsers,
  showUser,
} from "./administer.ts";
export {
  accessTokenPolicy,
  type AccessTokens,
  type AddsAuthentication,
  adminRequired,
  authenticate,
  type AuthenticateParts,
  type Authentication,
  type LoggedInContext,
  loginRequired,
  type TokenCheckParts,
  type TokenRefusal,
} from "./authenticate.ts";
export type { PasswordParts } from "./check_password.ts";
export { currentSecond, firstIssueAfterNow } from "./clock.ts";
export type { EventOrigin, OnEvent, SecurityEvent } from "./event.ts";
export { forwardAuth, forwardAuthForNginx } from "./forward_auth.ts";
export { login, type LoginParts, type SignInParts } from "./login.ts";
export { faultOfPassword, type NewPasswordRule } from "./new_password.ts";
export {
  changePassword,
  endSession,
  getUser,
  listSessions,
  logout,
} from "./own_account.ts";
export {
  createPasswordHasher,
  type PasswordCheck,
  PasswordHasher,
  type PasswordOptions,
  type PasswordScheme,
} from "./password.ts";
export type { PasswordHash } from "./password_hash.ts";
export { isProxied } from "./proxied.ts";
export type { QueueLimits, QueuePlace } from "./queue.ts";
export type { LoginOutcome, RefusalStatus } from "./refusal.ts";
export {
  otherOriginsRefused,
  sameOriginForCookies,
  sameOriginRequired,
} from "./same_origin.ts";
export {
  refresh,
  type SessionParts,
  sessionsSince,
  type TokenParts,
} from "./session.ts";
export { showRefusal, showSignIn, signIn, signOut } from "./sign_in.ts";
export {
  type Account,
  type Author,
  type Awaitable,
  type BrowserSession,
  isUnavailable,
  type KeyRange,
  type LoginFinding,
  type NewAccount,
  type NotAllowed,
  type Rotation,
  type Session,
  type SessionPlace,
  type SessionStore,
  type Store,
  type ThrottleKey,
  type ThrottleStore,
  type Unavailable,
  type UserChange,
  type UserStore,
} from "./store.ts";
export type { HashStore } from "./stored_costs.ts";
export {
  type ClientNetworks,
  forgetAttempts,
  throttleSeconds,
} from "./throttle.ts";
export {
  type Email,
  parseEmail,
  parseUserId,
  type User,
  type UserId,
} from "./user.ts";
