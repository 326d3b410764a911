/**
 * What a login is: users, passwords, the login itself, and the middleware that knows who is calling.
 * The front door of this folder. It imports jwt and http, and declares the storage that it needs.
 */

export {
  accessTokenPolicy,
  adminRequired,
  authenticate,
  type AuthenticateOptions,
  loginRequired,
} from "./authenticate.ts";
export { login, type LoginOptions } from "./login.ts";
export {
  faultOfPassword,
  type PasswordCheck,
  type PasswordHash,
  PasswordHasher,
} from "./password.ts";
export { Queue, type QueueLimits } from "./queue.ts";
export type { RefusalStatus } from "./refusal.ts";
export type { Account, Awaitable, NewAccount, UserStore } from "./store.ts";
export {
  describeUser,
  type Email,
  parseEmail,
  parseUserId,
  type User,
  type UserId,
} from "./user.ts";
