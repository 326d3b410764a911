/**
 * What a login is: users, passwords, sessions, the login itself, and the middleware that knows who is
 * calling. The front door of this folder. It imports jwt and http, and declares the storage it needs.
 */

export { currentSecond } from "./clock.ts";
export { addUser, changeUser, listUsers, showUser } from "./administer.ts";
export {
  accessTokenPolicy,
  adminRequired,
  authenticate,
  loginRequired,
} from "./authenticate.ts";
export type {
  AuthenticateOptions,
  Caller,
  LoggedIn,
  TokenRefusal,
} from "./authenticate.ts";
export {
  isProxied,
  sameOriginForCookies,
  sameOriginRequired,
} from "./cookie.ts";
export { forwardAuth, forwardAuthForNginx } from "./forward_auth.ts";
export { type AuthOptions, login } from "./login.ts";
export {
  changePassword,
  endSession,
  listSessions,
  logout,
} from "./own_account.ts";
export {
  faultOfPassword,
  type PasswordCheck,
  type PasswordHash,
} from "./password.ts";
export { PasswordHasher } from "./password.ts";
export { areCredentialsWrong, type RefusalStatus } from "./refusal.ts";
export { refresh, type SessionOptions, sessionsSince } from "./session.ts";
export { showRefusal, showSignIn, signIn, signOut } from "./sign_in.ts";
export type {
  Account,
  Awaitable,
  BrowserSession,
  NewAccount,
  Rotation,
  Session,
  SessionStore,
  Store,
  ThrottleKey,
  ThrottleStore,
  UserChange,
  UserStore,
} from "./store.ts";
export { isUnavailable, type Unavailable } from "./store.ts";
export { throttleSeconds } from "./throttle.ts";
export {
  describeUser,
  type Email,
  parseEmail,
  parseUserId,
  type User,
} from "./user.ts";
export type { UserId } from "./user.ts";
