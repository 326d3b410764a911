/**
 * What the handlers and the middleware of this folder are made of. Each says which of it it needs.
 */

import type { HmacKey, Verifier } from "../jwt/jwt.ts";
import type { PasswordHasher } from "./password.ts";
import type { RefusalStatus } from "./refusal.ts";
import type { SessionStore, UserStore } from "./store.ts";
import type { Throttle } from "./throttle.ts";

/** Stores, keys and settings. */
export interface AuthOptions {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly passwords: PasswordHasher;
  readonly throttle: Throttle;
  readonly key: HmacKey; // signs access tokens
  readonly verifier: Verifier; // verifies them, by accessTokenPolicy or a stricter one
  readonly lifetimeSeconds: number; // of an access token
  readonly refusalStatus: RefusalStatus; // for wrong credentials and bad tokens
}

/** Some of the options. */
export type Needs<Names extends keyof AuthOptions> = Pick<AuthOptions, Names>;
