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
export {
  isProxied,
  sameOriginForCookies,
  sameOriginRequired,
} from "./cookie.ts";
export { forwardAuth, forwardAuthForNginx } from "./forward_auth.ts";
export { login } from "./login.ts";
export {
  changePassword,
  endSession,
  listSessions,
  logout,
} from "./own_account.ts";
export { faultOfPassword } from "./password.ts";
export { PasswordHasher } from "./password.ts";
export { areCredentialsWrong } from "./refusal.ts";
export { refresh, sessionsSince } from "./session.ts";
export { showRefusal, showSignIn, signIn, signOut } from "./sign_in.ts";
export { isUnavailable } from "./store.ts";
export { throttleSeconds } from "./throttle.ts";
export { describeUser, parseEmail, parseUserId } from "./user.ts";
