/**
 * What a login is: users, passwords, sessions, the login itself, and the middleware that knows who is
 * calling. The front door of this folder. It imports jwt and http, and declares the storage it needs.
 */

export { addUser, changeUser, listUsers, showUser } from "./administer.ts";
export { accessTokenPolicy, adminRequired, authenticate } from "./authenticate.ts";
export { type Caller, loginRequired } from "./authenticate.ts";
export { login } from "./login.ts";
export type { AuthOptions, Needs } from "./options.ts";
export { changePassword, endSession, listSessions, logout, refresh } from "./own_account.ts";
export { faultOfPassword, type PasswordCheck, type PasswordHash } from "./password.ts";
export { PasswordHasher } from "./password.ts";
export { Queue, type QueueLimits } from "./queue.ts";
export type { RefusalStatus } from "./refusal.ts";
export { sessionSeconds } from "./session.ts";
export type { Account, Awaitable, NewAccount, Rotation, Session, SessionStore } from "./store.ts";
export type { UserChange, UserDetails, UserStore } from "./store.ts";
export { Throttle, type ThrottleKey, throttleSeconds, type ThrottleStore } from "./throttle.ts";
export { describeUser, type Email, parseEmail, parseUserId, type User } from "./user.ts";
export type { UserId } from "./user.ts";
